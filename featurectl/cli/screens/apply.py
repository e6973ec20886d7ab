"""What ``apply`` asks, and what it has done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.figures import plural, seconds
from featurectl.cli.paint import paint
from featurectl.cli.screens.field_text import mark
from featurectl.cli.screens.plan import SYMBOLS
from featurectl.cli.table import table
from featurectl.definitions.duration import format_duration

if TYPE_CHECKING:
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
    parts: dict[str, int] = {name: len(found) for name, found in needed.by_class.items()}
    parts |= {"destroy": 0, "acknowledged": len(needed.acknowledged)}  # those are typed one by one
    severe = ", ".join(f"{count} {name}" for name, count in parts.items() if count)
    return f"Apply, with {paint(severe, 'magenta')}? [y/N]" if severe else "Apply? [y/N]"


def destroy_question(kind: str, name: str) -> str:
    """What must be typed before something is destroyed."""
    return f"This destroys {kind} {paint(name, 'red')}. Type its name to go on:"


def applied_screen(result: ApplyResult, materialize: str) -> list[str]:
    """What became of the online data, and the summary.

    ``materialize`` is what to type next, empty where it follows by itself. Of an apply that had
    nothing to change: what it has put right in the online store.
    """
    if not result.plan.has_changes:
        return _put_right(result)
    changes = result.plan.changes
    rows = [
        [f"{mark(SYMBOLS[change.action])} {change.name}", text]
        for change in changes
        if (
            text := _online_text(
                change, result, "the next materialize" if materialize else "the backfill"
            )
        )
    ]
    summary = result.plan.summary
    words = [action for action in _DONE if action != "rename" or summary[action]]
    counts = ", ".join(f"{summary[action]} {_DONE[action]}" for action in words)
    done = f"Applied run #{result.run} in {seconds(result.seconds)}."
    lines = [*table(rows), f"{done} serial {result.serial_before} -> {result.serial}. {counts}."]
    if materialize and result.incomplete:
        lines.append(f"Load the online store with: {materialize}")
    return lines


def _put_right(result: ApplyResult) -> list[str]:
    lines = [
        f"{generation}: {plural(number, 'key')} that nothing reads deleted from the online store"
        for generation, number in result.swept.items()
    ]
    told = "Published again: the online store did not have what readers need."
    return [*([told] if result.published else []), *lines]


def _online_text(change: Change, result: ApplyResult, load: str) -> str:
    """``load`` is what fills the online store."""
    if change.kind != "view":
        return ""
    if change.action == "destroy":
        return _retired_text(result.retired.get(change.name, 0), result.grace_us)
    if change.name in result.reused:
        waits = change.name in result.incomplete
        return _reused_text(result.reused[change.name], load if waits else "")
    if change.action == "update":
        fills = change.name in result.incomplete
        return f"what is new is filled by {load}" if fills else ""
    return {
        "rename": f"was {change.old_name}, 0 bytes moved",
        "rebuild": f"served as before until {load} has filled it anew",
    }.get(change.action, "")


def _reused_text(generation: str, load: str) -> str:
    if load:
        return f"served as before until {load} has caught up in {generation}"
    return f"served from {generation}, whose rows are still there: 0 bytes moved"


def _retired_text(keys: int, grace_us: int) -> str:
    if not keys:
        return "nothing to delete from the online store"
    if not grace_us:
        return f"{plural(keys, 'key')} deleted from the online store"
    undo = "undo: featurectl rollback"
    return f"{plural(keys, 'key')} stay for {format_duration(grace_us)}, then are deleted ({undo})"
