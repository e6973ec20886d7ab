"""One change of a plan in a few words: why it is what it is, and whether merging it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.screens.field_text import name_of, symbol_of, value_of
from featurectl.plan.approval import needed
from featurectl.plan.plan import SEVERITY

if TYPE_CHECKING:
    from featurectl.plan.plan import Change, FieldChange, Plan


def refused(plan: Plan) -> list[Change]:
    """What an apply that nobody approves refuses, the severest first.

    That is what takes something away, changes the meaning of values or is destroyed, and has no
    acknowledgement in the files; and what is protected, which has none.
    """
    asked = needed(plan)
    found = [change for group in asked.by_class.values() for change in group]
    protected = [change for change in asked.protected if change not in found]
    return [change for change in found if not change.acknowledged] + protected


def severest_first(plan: Plan) -> list[Change]:
    """All changes: what is refused, then by class, and as the plan has them within each."""
    refusals = {id(change) for change in refused(plan)}
    return sorted(
        plan.changes,
        key=lambda change: (id(change) not in refusals, -SEVERITY.index(change.change_class)),
    )


def by_class(plan: Plan) -> dict[str, int]:
    """How many changes each class has that occurs, the severest first."""
    classes = [change.change_class for change in plan.changes]
    return {name: classes.count(name) for name in reversed(SEVERITY) if name in classes}


def renamed(change: Change, arrow: str = "->") -> str:
    """The object's name, and what it was called before."""
    return f"{change.old_name} {arrow} {change.name}" if change.old_name else change.name


def why(change: Change) -> str:
    """The reason, or the severest field with how many others there are."""
    if change.action == "create":
        return change.kind
    if change.reason or change.change_class == change.action == "rename":
        return change.reason or "renamed, 0 bytes moved"
    shown = worst_fields(change)
    if not shown:
        return change.change_class
    more = f" and {len(shown) - 1} more" if len(shown) > 1 else ""
    verb = {"+": "new: ", "-": "gone: "}.get(symbol_of(shown[0]), "")
    return f"{verb}{name_of(shown[0])} {value_of(shown[0])}".rstrip() + more


def worst_fields(change: Change) -> list[FieldChange]:
    """The fields of the change's own class, or all where none is."""
    worst = [field for field in change.fields if field.change_class == change.change_class]
    return worst or list(change.fields)
