"""The screen of a plan: what would be created, updated, rebuilt, destroyed and renamed, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.figures import plural
from featurectl.cli.paint import pad, paint, readable, width
from featurectl.cli.screens.backfill import backfill_lines, online_facts
from featurectl.cli.screens.created import created_lines
from featurectl.cli.screens.field_text import mark, name_of, place_of, symbol_of, value_of
from featurectl.cli.screens.history import short_sha

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from featurectl.plan.plan import Change, FieldChange, Plan

SYMBOLS = {"create": "+", "update": "~", "rebuild": "!", "destroy": "-", "rename": ">"}
_LEGEND = {"rebuild": "rebuild (breaking)"}
_CLASS_COLORS = {"narrowing": "yellow", "breaking": "magenta", "destroy": "red", "rename": "cyan"}
_HEAD = 62  # where the class stands
_LABEL = 16
_WIDEST = 48  # values that what stands beside them is aligned behind


def plan_header(plan: Plan, *, registry: str, online: str) -> str:
    """Where the plan is for: ``env dev · registry … · git 3f2a91c``."""
    if plan.serial:
        parts = [f"registry serial {plan.serial}"]
    else:
        parts = [f"registry {readable(registry)} (new)", f"online {readable(online)}"]
    if plan.git:
        parts.append(f"git {short_sha(plan.git)}")
    if plan.only:
        parts.append(f"only {readable(', '.join(plan.only))}")
    return " · ".join([f"env {paint(plan.env, 'bold')}", *parts])


def no_changes(plan: Plan, views: int) -> str:
    """The one line of a plan that has nothing to do."""
    parts = [f"serial {plan.serial}", plural(views, "view")]
    if plan.git:
        parts.append(f"git {short_sha(plan.git)}")
    if plan.only:
        only = readable(", ".join(plan.only))
        return f"No changes in {only}; the rest was not looked at (env {plan.env}, {parts[0]})."
    return f"No changes. env {plan.env} matches the repo ({', '.join(parts)})."


def plan_screen(
    plan: Plan, unchanged: Mapping[str, Sequence[tuple[str, str]]], *, full: bool = False
) -> list[str]:
    """Every change, what it loads, the plan's notes, and the summary in the last line.

    ``unchanged`` has the features that stay as they are, with their types, by view; they are
    counted, or shown with ``full``.
    """
    created = [change for change in plan.changes if change.action == "create"]
    others = [change for change in plan.changes if change.action != "create"]
    lines = [*_legend(plan), *created_lines(created, full=full)]
    for at, change in enumerate(others):
        if at or created:
            lines.append("")
        lines += _block(change, unchanged.get(change.name, ()), full=full)
    return [*lines, "", *backfill_lines(plan, full=full), *note_lines(plan), summary_line(plan)]


def note_lines(plan: Plan) -> list[str]:
    """What a person should know beside the changes, and a blank line; none where there is none."""
    notes = [f"{paint('note:', 'yellow')} {readable(note)}" for note in plan.notes]
    return [*notes, ""] if notes else []


def summary_line(plan: Plan) -> str:
    """How many objects are to be created, updated, rebuilt, destroyed and, if any, renamed."""
    summary = plan.summary
    words = ["create", "update", "rebuild", "destroy"] + ["rename"] * bool(summary["rename"])
    return "Plan: " + ", ".join(f"{summary[word]} to {word}" for word in words) + "."


def unchanged_features(
    plan: Plan, features: Mapping[str, Mapping[str, str]]
) -> dict[str, list[tuple[str, str]]]:
    """The features of each changed view that stay; ``features`` has names to types by view."""
    found = {}
    for change in plan.changes:
        if change.kind == "view" and change.action != "create" and change.name in features:
            touched = {field.feature for field in change.fields}
            found[change.name] = [
                (name, kind) for name, kind in features[change.name].items() if name not in touched
            ]
    return found


def _legend(plan: Plan) -> list[str]:
    used = [action for action in SYMBOLS if plan.summary[action]]
    if used in ([], ["create"]):
        return []
    words = (f"{mark(SYMBOLS[action])} {_LEGEND.get(action, action)}" for action in used)
    return ["Legend: " + "  ".join(words), ""]


def _block(change: Change, unchanged: Sequence[tuple[str, str]], *, full: bool) -> list[str]:
    name = f"{change.old_name} -> {change.name}" if change.action == "rename" else change.name
    head = f"  {mark(SYMBOLS[change.action])} {change.kind} {paint(name, 'bold')}"
    color = _CLASS_COLORS.get(change.change_class)
    word = change.change_class + (", 0 bytes moved" if change.action == "rename" else "")
    lines = [f"{pad(head, _HEAD)}  {paint(word, color) if color else word}"]
    fields = [field for field in change.fields if field.path != "name"]
    follows = [] if full else [field for field in fields if _only_follows(change, field)]
    if change.action != "destroy":
        lines += _fields([field for field in fields if field not in follows])
    if follows:
        told = f"# {plural(len(follows), 'column')} read under a new name hidden (--full)"
        lines.append(f"      {paint(told, 'dim')}")
    if unchanged and full:
        lines += [f"      # {pad(name, _LABEL - 2)} {kind}" for name, kind in unchanged]
    elif unchanged:
        hidden = f"# {plural(len(unchanged), 'unchanged feature')} hidden (--full)"
        lines.append(f"      {paint(hidden, 'dim')}")
    return lines + _facts(change)


def _only_follows(change: Change, field: FieldChange) -> bool:
    """Whether a service's column stays what it is, and only what it reads has another name."""
    both = field.old is not None and field.new is not None
    return change.kind == "service" and both and field.change_class == "rename"


def _fields(fields: Sequence[FieldChange]) -> list[str]:
    names = max([width(name_of(field)) for field in fields] + [_LABEL - 2])
    told = [width(value_of(field)) for field in fields if field.note or field.file]
    values = max([length for length in told if length <= _WIDEST] + [0])
    lines = []
    for field in fields:
        start = f"      {mark(symbol_of(field))} {pad(name_of(field), names)} "
        aside = "   ".join(text for text in (readable(field.note), place_of(field)) if text)
        value = pad(value_of(field), values) if aside else value_of(field)
        lines.append(f"{start}{value}   {paint(aside, 'dim')}".rstrip())
    return lines


def _facts(change: Change) -> list[str]:
    services = ", ".join(f"service {name}" for name in change.consumers)
    facts = {
        "because": readable(change.reason),
        **online_facts(change),
        "used by": services or ("nothing" if change.action == "destroy" else ""),
        "protected": "prevent_destroy: true" if change.is_protected else "",
        "acknowledged": readable(change.acknowledged),
    }
    return [f"      {pad(name, _LABEL)} {text}" for name, text in facts.items() if text]
