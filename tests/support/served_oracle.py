"""What readers of the online store were answered, in plain Python: all runs, for every row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oracle import orderable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.registry.serving_history import Load


@dataclass(frozen=True)
class Row:
    """A row of a source: ``known`` is its created time, or its event time without one."""

    key: Any
    event: int
    known: int
    value: Any


@dataclass(frozen=True)
class Served:
    """What was served from ``since`` on: from which generation, and past the TTL."""

    since: int
    generation: str | None
    ttl: int | None = None
    policy: str = "hide"
    default: Any = None


def loaded_at(row: Row, loads: Sequence[Load]) -> int | None:
    """The finish of the first run that started once the row was known, and covers it."""
    covering = [load for load in loads if load.started_us >= row.known and covers(load, row)]
    first = min(covering, key=lambda load: (load.started_us, load.finished_us), default=None)
    return None if first is None else first.finished_us


def covers(load: Load, row: Row) -> bool:
    """Whether a run's range has the row."""
    bound, first = load.created_bound_us, load.from_us
    if load.to_us is not None and row.event > load.to_us:
        return False
    if bound is not None and row.known > bound:
        return True
    if first is None:
        return True
    return row.event >= first if bound is None else row.event > first


def served(
    rows: Sequence[Row], loads: Sequence[Load], past: Sequence[Served], key: Any, t: int
) -> tuple[str, Any]:
    """State and value of one label."""
    now = next((each for each in reversed(past) if each.since <= t), None)
    own = [row for row in rows if row.key == key]
    into = [load for load in loads if now and load.generation == now.generation]
    there = [row for row in own if (at := loaded_at(row, into)) is not None and at <= t]
    if now is None or not there:
        return ("not loaded" if any(row.event <= t for row in own) else "no row"), None
    newest = max(there, key=lambda row: (row.event, row.known, orderable(row.value)))
    if now.ttl is None or newest.event >= t - now.ttl:
        return "matched", newest.value
    answers = {"serve": newest.value, "default": now.default}
    return now.policy, answers.get(now.policy)
