"""What ``apply`` asks, and what it has done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.figures import plural, seconds
from featurectl.cli.paint import paint
from featurectl.cli.screens.field_text import mark
from featurectl.cli.screens.plan import SYMBOLS
from featurectl.cli.table import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.flows.apply import ApplyResult
    from featurectl.plan.approval import Needed
    from featurectl.plan.plan import Change

_DONE = {
    "create": "created",
    "update": "updated",
    "rebuild": "rebuilt",
    "destroy": "destroyed",
    "rename": "renamed",
}


def question(needed: Needed) -> str:
    """What is asked at a terminal, the severe first."""
    severe = ", ".join(
        f"{len(changes)} {name}" for name, changes in needed.by_class.items() if name != "destroy"
    )
    return f"Apply, with {paint(severe, 'magenta')}? [y/N]" if severe else "Apply? [y/N]"


def destroy_question(kind: str, name: str) -> str:
    """What must be typed before something is destroyed."""
    return f"This destroys {kind} {paint(name, 'red')}. Type its name to go on:"


def applied_screen(result: ApplyResult, materialize: str) -> list[str]:
    """What became of the online data, and the summary; ``materialize`` is what to type next.

    Of an apply that had nothing to change: what it has put right in the online store.
    """
    if not result.plan.has_changes:
        return _put_right(result)
    changes = result.plan.changes
    rows = [
        [f"{mark(SYMBOLS[change.action])} {change.name}", text]
        for change in changes
        if (text := _online_text(change, result.swept))
    ]
    summary = result.plan.summary
    words = [action for action in _DONE if action != "rename" or summary[action]]
    counts = ", ".join(f"{summary[action]} {_DONE[action]}" for action in words)
    done = f"Applied run #{result.run} in {seconds(result.seconds)}."
    lines = [*table(rows), f"{done} serial {result.serial_before} -> {result.serial}. {counts}."]
    if any(change.kind == "view" and change.action in ("create", "rebuild") for change in changes):
        lines.append(f"Load the online store with: {materialize}")
    return lines


def _put_right(result: ApplyResult) -> list[str]:
    lines = [
        f"{view}: {plural(number, 'key')} that nothing reads deleted from the online store"
        for view, number in result.swept.items()
    ]
    told = "Published again: the online store did not have what readers need."
    return [*([told] if result.published else []), *lines]


def _online_text(change: Change, swept: Mapping[str, int]) -> str:
    if change.kind != "view":
        return ""
    if change.action == "destroy":
        return f"{plural(swept.get(change.name, 0), 'key')} deleted from the online store"
    if change.action == "rename":
        return f"was {change.old_name}, 0 bytes moved"
    if change.action == "rebuild":
        return "served as before until the next materialize has filled it anew"
    if change.action == "update" and change.change_class == "additive":
        return "what is new is filled by the next materialize"
    return ""
