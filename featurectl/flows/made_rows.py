"""Entity rows for a request without an entity frame: taken from the views themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from featurectl.definitions.arrow_type import arrow_type
from featurectl.definitions.instant import format_instant
from featurectl.errors import RequestError
from featurectl.offline.protocol import Query
from featurectl.offline.spilled_frame import spilled_frame
from featurectl.queries.entity_rows import entities_at, event_pairs
from featurectl.queries.expression import to_sql
from featurectl.queries.relation import EventRange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.definitions.columns import KeyColumn, ViewColumns
    from featurectl.flows.historical import HistoricalRequest
    from featurectl.offline.frame import Frame
    from featurectl.offline.protocol import OfflineEngine
    from featurectl.queries.entity_rows import PlacedView
    from featurectl.queries.relation import SourcedView

_INSTANT = pa.timestamp("us", "UTC")
_LABEL = "the entities of the views"


def made_rows(
    request: HistoricalRequest, sourced: Mapping[str, SourcedView], engine: OfflineEngine
) -> Frame:
    """One row per entity and event time in the range, or per entity at one time; keys, then time.

    Ordered by the keys and the time.

    Raises:
        RequestError: FC312 views whose join keys differ, or no view with event times; FC314 neither
            a range nor a time was given; FC315 the start is after the end, or both were given.
    """
    _check_times(request)
    keys = _common_keys(request.columns)
    views = [_placed(use, keys, sourced) for use in request.columns]
    if request.at_us is not None:
        query = entities_at(views, request.at_us)
    else:
        timed = [view for view in views if not view[0].source.is_static]
        if not timed:
            raise RequestError(
                "FC312",
                "none of these views has event times to make rows from",
                help=["ask for one time, or give an entity frame: --at T, --entities FILE"],
            )
        query = event_pairs(timed, EventRange(request.start_us, request.end_us))
    schema = pa.schema(
        [*((key.column, arrow_type(key.type)) for key in keys), (request.event_timestamp, _INSTANT)]
    )
    found = engine.fetch(Query(to_sql(query)))
    return spilled_frame(schema, (_named(batch, schema) for batch in found), _LABEL)


def _named(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    keys = [batch.column(f"x{i}") for i in range(len(schema) - 1)]
    times = batch.column("t").cast(pa.timestamp("us"))
    columns = [
        column.cast(field.type) for column, field in zip([*keys, times], schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _check_times(request: HistoricalRequest) -> None:
    start, end, at = request.start_us, request.end_us, request.at_us
    if start is None and end is None and at is None:
        raise RequestError(
            "FC314",
            "there are no entities to give features for",
            help=["give rows, a range, or a time: --entities or --sql, --start and --end, --at"],
        )
    if at is not None and (start is not None or end is not None):
        raise RequestError("FC315", "a range and a single time were both given")
    if start is not None and end is not None and start > end:
        raise RequestError(
            "FC315", f"start {format_instant(start)} is after end {format_instant(end)}"
        )


def _common_keys(columns: tuple[ViewColumns, ...]) -> tuple[KeyColumn, ...]:
    first = columns[0]
    for other in columns[1:]:
        if _by_name(other.keys) != _by_name(first.keys):
            raise RequestError(
                "FC312",
                f"views {first.label} and {other.label} have different join keys: "
                f"{_listed(first.keys)} and {_listed(other.keys)}",
                help=["give an entity frame that has all of them: --entities FILE"],
            )
    return first.keys


def _by_name(keys: tuple[KeyColumn, ...]) -> set[tuple[str, str]]:
    return {(key.column, key.type) for key in keys}


def _listed(keys: tuple[KeyColumn, ...]) -> str:
    return ", ".join(f"{key.column} {key.type}" for key in keys) or "none"


def _placed(
    use: ViewColumns, keys: tuple[KeyColumn, ...], sourced: Mapping[str, SourcedView]
) -> PlacedView:
    places = {key.column: place for place, key in enumerate(keys)}
    return sourced[use.view], [places[key.column] for key in use.keys]
