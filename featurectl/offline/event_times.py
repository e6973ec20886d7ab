"""The event times of a Parquet file, from the statistics of its footer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_DAY_US = 86_400_000_000
_UNITS_US = {"milliseconds": (1_000, 1), "microseconds": (1, 1), "nanoseconds": (1, 1_000)}


def event_times(metadata: Any, event: str) -> tuple[int, int] | None:
    """The first and last microsecond that the rows of a file may have in the column ``event``.

    None where the footer does not tell for sure: no such column, no times in it, a row group
    without statistics. Rows without a time count for nothing.
    """
    place = _place(metadata.schema, event)
    unit = None if place is None else unit_us(metadata.schema.column(place))
    if unit is None:
        return None
    groups = (metadata.row_group(i).column(place) for i in range(metadata.num_row_groups))
    return _hull(groups, unit)


def unit_us(column: Any) -> tuple[int, int] | None:
    """What makes microseconds of a column's own numbers; None where they are no times."""
    kind = json.loads(column.logical_type.to_json())
    if kind["Type"] == "Date":
        return _DAY_US, 1
    return _UNITS_US[kind["timeUnit"]] if kind["Type"] == "Timestamp" else None


def _place(schema: Any, event: str) -> int | None:
    # A field of a struct may have the path of a column whose name has a point in it.
    places = [i for i in range(len(schema)) if schema.column(i).path == event]
    return places[0] if len(places) == 1 else None


def _hull(columns: Iterable[Any], unit: tuple[int, int]) -> tuple[int, int] | None:
    first: list[int] = []
    last: list[int] = []
    for column in columns:
        statistics = column.statistics
        if statistics is None or not statistics.has_min_max:
            return None
        first.append(statistics.min_raw * unit[0] // unit[1])
        # Up, since the engine may cut nanoseconds off towards 1970.
        last.append(-(-statistics.max_raw * unit[0] // unit[1]))
    return (min(first), max(last)) if first else None
