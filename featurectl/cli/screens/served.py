"""What a training set as served tells of a view, beyond what any training set does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.figures import percent, plural

if TYPE_CHECKING:
    from featurectl.flows.report import ViewReport


def served_parts(view: ViewReport, rows: int) -> list[str]:
    """Parts of the line of a view: what is among its expired rows, and those without one."""
    served = view.served
    if served is None:
        return []
    parts = []
    if served.not_loaded:
        parts.append(f"{percent(served.not_loaded, rows)} not loaded yet")
    if served.stale:
        parts.append(f"{percent(served.stale, rows)} served past their ttl")
    if served.defaulted:
        parts.append(f"{percent(served.defaulted, rows)} the default")
    return [*parts, "as served"]


def served_warnings(view: ViewReport) -> list[str]:
    """What to worry about."""
    served = view.served
    if served is None:
        return []
    found = []
    if served.refused:
        reads = plural(served.refused, "read")
        found.append(f"{view.label}: {reads} failed then (on_stale: fail); they are null here")
    if served.not_served:
        rows = plural(served.not_served, "row")
        found.append(f"{view.label}: {rows} of a time when not all of it was applied; null there")
    if served.unknown:
        rows = plural(served.unknown, "row")
        found.append(f"{view.label}: {rows} for which it can't be told what was served")
    return [*found, *(f"{view.label}: {note}" for note in served.notes)]
