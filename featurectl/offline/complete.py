"""Which columns of a Parquet file have a value in every row, from the statistics of its footer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurectl.offline.event_times import unit_us

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_TIMES = ("TIMESTAMP", "DATE")
_NUMBERS = ("FLOAT", "DOUBLE")  # never a key or a time, and most of the columns there are
_FINITE = 1 << 62  # the engine's infinities are beyond it, in any unit


def complete_columns(metadata: Any, names: Collection[str]) -> frozenset[str]:
    """Those of the columns that have no null and, if they are times, nothing infinite.

    ``names`` are the columns of the file. A column is left out where its footer does not tell.
    """
    schema = metadata.schema
    columns = [schema.column(i) for i in range(len(schema))]
    paths = [column.path for column in columns]
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    groups = [group for group in groups if group.num_rows]
    found = {
        paths[i]
        for i, column in enumerate(columns)
        if column.physical_type not in _NUMBERS and _is_complete(groups, i, column)
    }
    # A field of a struct may have the path of a column whose name has a point in it.
    return frozenset(path for path in found if path in names and paths.count(path) == 1)


def _is_complete(groups: Sequence[Any], place: int, column: Any) -> bool:
    found = [group.column(place).statistics for group in groups]
    for statistics in found:
        if statistics is None or not statistics.has_null_count or statistics.null_count:
            return False
    unit = unit_us(column) if column.logical_type.type in _TIMES else None
    return unit is None or all(_is_finite(statistics, unit) for statistics in found)


def _is_finite(statistics: Any, unit: tuple[int, int]) -> bool:
    return statistics.has_min_max and all(
        -_FINITE < raw < _FINITE and -_FINITE < raw * unit[0] // unit[1] < _FINITE
        for raw in (statistics.min_raw, statistics.max_raw)
    )
