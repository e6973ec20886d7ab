"""A plan as a comment on a pull request: the summary outside of the fold, the rest within it.

Its first line is a marker by which a bot finds the comment that it made before, and replaces it.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from featurectl.cli.figures import plural
from featurectl.cli.paint import strip
from featurectl.cli.screens.backfill import backfill_lines, online_facts
from featurectl.cli.screens.change_text import by_class, refused, renamed, severest_first, why
from featurectl.cli.screens.field_text import name_of, symbol_of, text_of
from featurectl.cli.screens.history import short_sha
from featurectl.cli.screens.impact_text import cost_text
from featurectl.cli.screens.markdown import cut, fenced, folded, literal, plain, row, size
from featurectl.cli.screens.plan import SYMBOLS
from featurectl.errors import StoreError
from featurectl.plan.impact import total_impact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from featurectl.errors import FeaturectlError
    from featurectl.plan.plan import Change, FieldChange, Plan
    from featurectl.repo.revision import Revision

MAX_BYTES = 65_000  # GitHub refuses comments of more than 65,536 characters
_LONGEST = 500  # characters of a line within the fold
_NAMED = 5  # services in a row
_HEADING = ("", "| | object | class | why | services |", "|---|---|---|---|---|")


def plan_markdown(plan: Plan, *, base: Revision | None = None, max_bytes: int = MAX_BYTES) -> str:
    """The comment, never longer than ``max_bytes``: the fold is cut first, then the table.

    ``base`` is the revision that the files are compared with, where that is no registry.
    """
    head = [_marker(plan.env), _title(plan, base)]
    part = max_bytes // 8
    notes = _listing("Notes", map(plain, plan.notes), len(plan.notes), part)
    if not plan.has_changes:
        return "\n".join([*head, "", _no_changes(plan, base), *notes])
    changes = severest_first(plan)
    left = refused(plan)
    end = [*_acknowledged(changes, part), *_missing(left, part), "", _next(plan, base, left)]
    room = max_bytes - size([*head, *notes, *_HEADING, *end])
    rows = cut(map(_row, changes), len(changes), room)
    fold = _fold(plan, changes, room - size(rows))
    table = [*_HEADING, *rows] if rows else []
    return "\n".join([*head, *notes, *table, *fold, *end])


def failure_markdown(
    env: str, errors: Sequence[FeaturectlError], *, max_bytes: int = MAX_BYTES
) -> str:
    """The comment where there is no plan: the errors that are in its way, under the same marker."""
    title = f"**featurectl plan** · {plain(env)} · **{plural(len(errors), 'error')}**"
    head = [_marker(env), title, ""]
    foot = ["", "Nothing can be planned before this is right."]
    lines = "\n\n".join(map(_rendered, errors)).replace("\t", " ").split("\n")
    room = max_bytes - size([*head, *fenced([]), *foot])
    return "\n".join([*head, *fenced(cut(map(literal, lines), len(lines), room)), *foot])


def _rendered(error: FeaturectlError) -> str:
    """The error's frame; of a store nothing but that, since a comment may be public."""
    if isinstance(error, StoreError):
        return f"error[{error.code}] a store can't be used: see the job log"
    return error.render()


def _marker(env: str) -> str:
    return f"<!-- featurectl:plan:{re.sub('[^A-Za-z0-9_]', '_', env)[:64]} -->"


def _title(plan: Plan, base: Revision | None) -> str:
    parts = ["**featurectl plan**", plain(plan.env)]
    if plan.git:
        parts.append(f"`{short_sha(plan.git)}`")
    if plan.only:
        parts.append(f"only {_named(plan.only, 80)}")
    if base:
        parts.append(f"against {plain(base.ref, 100)} `{short_sha(base.sha)}`")
    counts = by_class(plan)
    if counts:
        parts.append("**" + ", ".join(f"{n:,} {name}" for name, n in counts.items()) + "**")
    cost = cost_text(total_impact(plan.changes)).replace("<", "&lt;")
    return " · ".join([*parts, cost] if cost else parts)


def _no_changes(plan: Plan, base: Revision | None) -> str:
    return "No changes." if base else f"No changes (serial {plan.serial})."


def _next(plan: Plan, base: Revision | None, left: Sequence[Change]) -> str:
    where = "compared by git alone, no registry was read" if base else f"serial {plan.serial}"
    said = f"To apply: merge ({where})."
    waiting = [f"{each.change_class} {each.name}" for each in left if not each.is_protected]
    protected = [each.name for each in left if each.is_protected]
    if waiting:
        said += f" Not yet acknowledged, and refused until then: {_named(waiting, 80)}."
    if protected:
        said += f" Refused, by prevent\\_destroy: {_named(protected, 80)}."
    return said


def _named(names: Sequence[str], longest: int) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(plain(name, longest) for name in names[:_NAMED]) + more


def _listing(title: str, items: Iterable[str], total: int, room: int) -> list[str]:
    head = ["", f"{title}:", ""]
    found = cut((f"- {item}" for item in items), total, room - size(head))
    return [*head, *found] if found else []


def _acknowledged(changes: Sequence[Change], room: int) -> list[str]:
    found = [change for change in changes if change.acknowledged]
    told = (
        f"{plain(f'{change.change_class} {change.name}', 80)}: {plain(change.acknowledged)}"
        for change in found
    )
    return _listing("Acknowledged", told, len(found), room)


def _missing(left: Sequence[Change], room: int) -> list[str]:
    """The lines to add to a definition file, ready to be copied."""
    found = [change for change in left if not change.is_protected]
    lines = (
        literal(f"  - {{{each.kind}: {each.name}, change: {each.change_class}, reason: …}}")
        for each in found
    )
    title = "How to acknowledge, in any definition file"
    frame = folded(title, fenced(["acknowledge:"], "yaml"))
    shown = cut(lines, len(found), room - size(frame), remark="  # ")
    return folded(title, fenced(["acknowledge:", *shown], "yaml")) if shown else []


def _row(change: Change) -> str:
    name = plain(renamed(change, "→"), 140)
    data = online_facts(change).get("online data", "")
    reason = plain(f"{why(change)}; {data}" if data else why(change)).replace("->", "→")
    services = _named(change.consumers, 64) or "none"
    return row((f"`{SYMBOLS[change.action]}`", name, change.change_class, reason, services))


def _fold(plan: Plan, changes: Sequence[Change], room: int) -> list[str]:
    """What is loaded, and every field as a diff; nothing where there is no room for it."""
    lines: list[Callable[[], str]] = [partial(strip, line) for line in backfill_lines(plan)]
    lines += [line for change in changes for line in _diff(change)]
    frame = folded("Full plan", fenced([], "diff"))
    shown = cut((literal(text()) for text in lines), len(lines), room - size(frame))
    return folded("Full plan", fenced(shown, "diff")) if shown else []


def _diff(change: Change) -> Iterator[Callable[[], str]]:
    """The lines, each to be made when it is asked for: of 10,000 changes few are shown."""
    first = {"create": "+", "destroy": "-"}.get(change.action, "!")
    yield lambda: f"{first} {change.kind} {renamed(change)}"
    for field in change.fields if change.action != "destroy" else ():
        symbol = symbol_of(field)
        if field.path != "name" and symbol != "+":
            yield partial(_side, "-", field, field.old)
        if field.path != "name" and symbol != "-":
            yield partial(_side, "+", field, field.new)
    for name, text in online_facts(change).items():
        yield partial("    {}: {}".format, name, text)


def _side(sign: str, field: FieldChange, value: Any) -> str:
    text = text_of(value[:_LONGEST] if isinstance(value, str) else value)
    if field.path.endswith(".name"):  # of a feature, which has another name
        return f"{sign}   {text}"
    return f"{sign}   {name_of(field)} {text}"
