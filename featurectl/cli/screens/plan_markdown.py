"""A plan as a comment on a pull request: the summary outside of the fold, the rest within it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.paint import strip
from featurectl.cli.screens.field_text import name_of, symbol_of, text_of, value_of
from featurectl.cli.screens.history import short_sha
from featurectl.cli.screens.plan import SYMBOLS
from featurectl.plan.plan import SEVERITY

if TYPE_CHECKING:
    from featurectl.plan.plan import Change, FieldChange, Plan

_MAX_BYTES = 65_000  # GitHub refuses comments of more than 65,536 characters
_HARMLESS = ("metadata", "additive", "rename")


def plan_markdown(plan: Plan, *, max_bytes: int = _MAX_BYTES) -> str:
    """The comment, never longer than ``max_bytes``: the fold is cut first, then the table."""
    head = [f"<!-- featurectl:plan:{plan.env} -->", _title(plan)]
    if not plan.has_changes:
        return "\n".join([*head, f"No changes (serial {plan.serial})."])
    foot = ["", _next(plan)]
    heading = ["", "| | object | class | why | services |", "|---|---|---|---|---|"]
    room = max_bytes - _size([*head, *heading, *foot])
    rows = _cut([_row(change) for change in plan.changes], room)
    fold_open = ["", "<details><summary>Full plan</summary>", "", "```diff"]
    fold_close = ["```", "", "</details>"]
    room -= _size([*rows, *fold_open, *fold_close])
    diff = _cut([line for change in plan.changes for line in _diff(change)], room)
    fold = [*fold_open, *diff, *fold_close] if len(diff) > 1 or room > 0 else []
    return "\n".join([*head, *heading, *rows, *fold, *foot])


def _title(plan: Plan) -> str:
    parts = ["**featurectl plan**", plan.env]
    if plan.git:
        parts.append(f"`{short_sha(plan.git)}`")
    counts = _by_class(plan)
    if counts:
        parts.append("**" + ", ".join(f"{n} {name}" for name, n in counts.items()) + "**")
    return " · ".join(parts)


def _by_class(plan: Plan) -> dict[str, int]:
    classes = [change.change_class for change in plan.changes]
    return {name: classes.count(name) for name in reversed(SEVERITY) if name in classes}


def _row(change: Change) -> str:
    name = f"{change.old_name} → {change.name}" if change.old_name else change.name
    services = ", ".join(change.consumers) or "none"
    cells = (f"`{SYMBOLS[change.action]}`", name, change.change_class, _why(change), services)
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _why(change: Change) -> str:
    if change.action == "create":
        return change.kind
    if change.reason or change.action == "rename":
        return change.reason or "renamed, 0 bytes moved"
    worst = [field for field in change.fields if field.change_class == change.change_class]
    shown = worst or list(change.fields)
    more = f" and {len(shown) - 1} more" if len(shown) > 1 else ""
    if not shown:
        return change.change_class
    verb = {"+": "new: ", "-": "gone: "}.get(symbol_of(shown[0]), "")
    return f"{verb}{name_of(shown[0])} {value_of(shown[0])}".rstrip() + more


def _cell(text: str) -> str:
    plain = strip(text).replace("\n", " ").replace("|", "\\|").replace("<", "&lt;")
    return plain.replace("->", "→").replace("@", "@\u200b")  # nobody is to be notified by a plan


def _diff(change: Change) -> list[str]:
    name = f"{change.old_name} -> {change.name}" if change.old_name else change.name
    first = {"create": "+", "destroy": "-"}.get(change.action, "!")
    lines = [f"{first} {change.kind} {name}"]
    if change.action == "destroy":
        return lines
    for field in change.fields:
        if field.path != "name":
            lines += _field(field)
    return [line.replace("```", "'''") for line in lines]


def _field(field: FieldChange) -> list[str]:
    name = name_of(field)
    old = f"-   {name} {text_of(field.old)}"
    new = f"+   {name} {text_of(field.new)}"
    return {"+": [new], "-": [old]}.get(symbol_of(field), [old, new])


def _next(plan: Plan) -> str:
    needed = {name: n for name, n in _by_class(plan).items() if name not in _HARMLESS}
    if not needed:
        return f"To apply: merge (serial {plan.serial})."
    flags = " ".join(f"--allow {name}" for name in needed)
    which = ", ".join(f"{n} {name}" for name, n in needed.items())
    return f"To apply: merge (serial {plan.serial}). Needs an approval: {which} (`{flags}`)."


def _cut(lines: list[str], room: int) -> list[str]:
    """As many lines as there is room for, the last one saying how many are missing."""
    if _size(lines) <= room:
        return lines
    kept: list[str] = []
    for line in lines:
        left = len(lines) - len(kept) - 1
        if _size([*kept, line, f"… {left} more, see the job log"]) > room:
            break
        kept.append(line)
    return [*kept, f"… {len(lines) - len(kept)} more, see the job log"]


def _size(lines: list[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)
