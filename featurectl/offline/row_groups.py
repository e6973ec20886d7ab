"""How many rows lie in a range of event times, from the footers of Parquet files alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from featurectl.errors import SourceError, first_line
from featurectl.offline.event_times import unit_us

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_READERS = 8


@dataclass(frozen=True)
class RowGroup:
    """Rows with event times from ``first_us`` to ``last_us``, both there; None: not known.

    ``rows`` have an event time. ``is_exact``: each of them has its join keys too, so that it is
    used; else some may not.
    """

    rows: int
    first_us: int | None
    last_us: int | None
    is_exact: bool


@dataclass(frozen=True)
class Within:
    """What is said of a range: ``rows`` in it (None: not known), and whether that is exact.

    ``touched`` counts the rows of the groups that have to be read for it, None for all of them.
    """

    rows: int | None
    is_exact: bool
    touched: int


def row_groups(paths: Sequence[str], event: str, keys: Iterable[str]) -> list[RowGroup]:
    """The row groups of the files, in their order; ``event`` and ``keys`` name columns.

    Raises:
        SourceError: FC202 a file can't be read.
    """
    wanted = tuple(keys)
    with ThreadPoolExecutor(min(_READERS, max(1, len(paths)))) as pool:
        found = list(pool.map(lambda path: _groups(path, event, wanted), paths))
    return [group for groups in found for group in groups]


def rows_within(groups: Iterable[RowGroup], first_us: int | None, last_us: int | None) -> Within:
    """How many rows have event times in the range, both ends inclusive, None open.

    Groups that lie in it, or out of it, are counted; of one that reaches over an end the share is
    taken that it would have if its times were spread evenly.
    """
    rows, touched, is_exact, is_known = 0, 0, True, True
    for group in groups:
        share = _share(group, first_us, last_us)
        touched += group.rows if share != 0 else 0
        is_known &= share is not None
        is_exact &= share == 0 or (share == 1 and group.is_exact)
        rows += round(group.rows * (share or 0))
    return Within(rows if is_known else None, is_exact and is_known, touched)


def newest(
    groups: Iterable[RowGroup], first_us: int | None, last_us: int | None, *, rows: int
) -> tuple[int, int] | None:
    """The end of a range in which there are about that many rows, if they are spread evenly.

    None where the range has no rows, or not all times are known.
    """
    found = [group for group in groups if _share(group, first_us, last_us) != 0]
    count = rows_within(found, first_us, last_us).rows
    if not count:
        return None
    starts = [group.first_us for group in found if group.first_us is not None]
    ends = [group.last_us for group in found if group.last_us is not None]
    first = min(starts) if first_us is None else max(first_us, min(starts))
    last = max(ends) if last_us is None else min(last_us, max(ends))
    return last - (last - first) * rows // max(count, rows), last


def _share(group: RowGroup, first_us: int | None, last_us: int | None) -> float | None:
    """The part of a group that lies in the range; None where its times are not known."""
    if not group.rows:
        return 0
    if group.first_us is None or group.last_us is None:
        return None
    first = group.first_us if first_us is None else max(first_us, group.first_us)
    last = group.last_us if last_us is None else min(last_us, group.last_us)
    if first > last:
        return 0
    if (first, last) == (group.first_us, group.last_us):
        return 1
    return (last - first + 1) / (group.last_us - group.first_us + 1)


def _groups(path: str, event: str, keys: Sequence[str]) -> list[RowGroup]:
    try:
        metadata = pq.read_metadata(path)
    except (OSError, pa.ArrowException) as error:
        raise SourceError("FC202", f"{path} can't be read", notes=[first_line(error)]) from error
    places = {metadata.schema.column(i).path: i for i in range(metadata.num_columns)}
    if event not in places:
        whole = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
        return [RowGroup(rows, None, None, is_exact=False) for rows in whole]
    unit = unit_us(metadata.schema.column(places[event]))
    return [
        _group(metadata.row_group(i), places, event, keys, unit)
        for i in range(metadata.num_row_groups)
    ]


def _group(
    group: Any,
    places: dict[str, int],
    event: str,
    keys: Sequence[str],
    unit: tuple[int, int] | None,
) -> RowGroup:
    statistics = group.column(places[event]).statistics
    nulls = _nulls(statistics)
    rows = group.num_rows - (nulls or 0)
    has_keys = all(
        key in places and _nulls(group.column(places[key]).statistics) == 0 for key in keys
    )
    if unit is None or statistics is None or not statistics.has_min_max:
        return RowGroup(rows, None, None, is_exact=False)
    bounds = [raw * unit[0] // unit[1] for raw in (statistics.min_raw, statistics.max_raw)]
    return RowGroup(rows, bounds[0], bounds[1], is_exact=has_keys and nulls is not None)


def _nulls(statistics: Any) -> int | None:
    known = statistics is not None and statistics.has_null_count
    return int(statistics.null_count) if known else None
