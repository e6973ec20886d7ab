"""The rules of the point-in-time join in plain Python: every row is looked at for every label."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Found:
    """What a label gets from a view: ``state`` is ``matched``, ``expired`` or ``no_row``."""

    state: str
    row: Row | None = None
    tied: bool = False
    created_later: bool = False
    age_us: int | None = None


def join_label(
    rows: list[Row],
    key: tuple[Any, ...],
    t: int | None,
    *,
    ttl: int | None,
    known_at: bool,
    static: bool,
    features: list[str],
) -> Found:
    """The value of one label.

    ``rows`` have ``key`` (a tuple), ``event`` and ``created`` (microseconds or None) and features;
    ``features`` are all of the view's.
    """
    if t is None or None in key:
        return Found("no_row")
    if static:
        reached = [row for row in rows if row["key"] == key]
        fresh = reached
    else:
        usable = [row for row in rows if row["event"] is not None and row["key"] == key]
        reached = [row for row in usable if row["event"] <= t]
        if known_at:
            reached = [row for row in reached if created(row) <= t]
        fresh = [row for row in reached if ttl is None or row["event"] >= t - ttl]
    if not fresh:
        return Found("expired" if reached else "no_row")
    best = max(fresh, key=lambda row: (*_times(row, static=static), _content(row, features)))
    equal = [row for row in fresh if _times(row, static=static) == _times(best, static=static)]
    later = not static and created(best) > t
    age = None if static else t - best["event"]
    return Found("matched", best, len(equal) > 1, later, age)


def created(row: Row) -> int:
    """When the row became known: its created time, else its event time."""
    return row["event"] if row["created"] is None else row["created"]


def _times(row: Row, *, static: bool) -> tuple[int, ...]:
    return () if static else (row["event"], created(row))


def _content(row: Row, features: list[str]) -> tuple[Any, ...]:
    return tuple(orderable(row[name]) for name in sorted(features))


def orderable(value: Any) -> tuple[Any, ...]:
    """Null lowest, NaN highest, -0.0 below 0.0, texts bytewise, lists element by element."""
    if value is None:
        return (0,)
    if isinstance(value, float):
        if math.isnan(value):
            return (1, 1, 0.0, 0.0)
        return (1, 0, value, math.copysign(1.0, value))
    if isinstance(value, str):
        return (1, value.encode())
    if isinstance(value, list):
        return (1, tuple(orderable(item) for item in value))
    return (1, value)


def exact(value: Any) -> Any:
    """A form in which two values are equal only if they are the same bit for bit (NaN is NaN)."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else value.hex()
    return [exact(item) for item in value] if isinstance(value, list) else value
