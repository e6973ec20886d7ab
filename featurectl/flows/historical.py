"""Historical retrieval: the feature values that were true at the time of each entity row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from featurectl.errors import RequestError
from featurectl.flows.audit import audit_of
from featurectl.flows.entity_frame import check_frame, label_table
from featurectl.flows.ignored import ignored_query
from featurectl.flows.join_plan import join_plan
from featurectl.flows.made_rows import made_rows
from featurectl.flows.sampled_frame import sampled_frame
from featurectl.flows.served_joins import served_joins
from featurectl.flows.sourced import source_views
from featurectl.flows.sql_frame import sql_frame
from featurectl.flows.training_set import Join, TrainingSet, Use
from featurectl.flows.view_join import Labels, ViewJoiner
from featurectl.queries.match import ViewJoin

if TYPE_CHECKING:
    from featurectl.definitions.columns import ViewColumns
    from featurectl.definitions.repository import Repository
    from featurectl.flows.as_served import ServedPast
    from featurectl.offline.frame import Frame
    from featurectl.offline.protocol import OfflineEngine


@dataclass(frozen=True)
class HistoricalRequest:
    """What is asked for.

    Args:
        columns: the features, by use of a view, as ``definitions.columns.resolve`` gives them.
        known_at: use only what was created by the time of each row, in all views.
        start_us: without an entity frame: the first event time of the rows that are made.
        end_us: the last one.
        at_us: instead of these: the one time of all rows, one row per entity.
        sql: instead of all of them: a query over the sources that gives the rows.
        sample: so many of the rows only.
        event_timestamp: the frame's column that holds the time of each row.
        proves: whether the result carries the times of the rows that won, and is proven by them.
        as_served: use what was served at the time of each row, in place of what was true.
        past: what is recorded of that; it may be compared with in any case.
        now_us: this moment, by which a time is still to come; None: none is.
    """

    columns: tuple[ViewColumns, ...]
    known_at: bool = False
    start_us: int | None = None
    end_us: int | None = None
    at_us: int | None = None
    sql: str | None = None
    sample: int | None = None
    event_timestamp: str = "event_timestamp"
    proves: bool = False
    as_served: bool = False
    past: ServedPast | None = None
    now_us: int | None = None


def get_historical(
    request: HistoricalRequest,
    repository: Repository,
    engine: OfflineEngine,
    frame: Frame | None,
) -> TrainingSet:
    """The training set: everything is checked now, and joined when its rows are asked for.

    Raises:
        RequestError: FC305 to FC308, FC311, FC318 of the frame, FC308 of the proof too; FC312
            views that can't give rows together; FC314 no entities; FC315 start after end, or two of
            frame, range and time; FC316 no features; FC331 wrong SQL; FC337 an empty sample.
        SourceError: FC201 to FC208 of a source.
    """
    if not request.columns:
        raise RequestError("FC316", "no features were asked for")
    _check_one_kind(request, frame)
    sourced, states = source_views(request.columns, repository, engine)
    made = frame is None and request.sql is None
    if request.sql is not None:
        frame, read = sql_frame(request.sql, repository, engine, states)
        states = read | states
    if frame is None:
        frame = made_rows(request, sourced, engine)
    checked = check_frame(frame, request.columns, request.event_timestamp)
    checked = sampled_frame(checked, request.sample, request.event_timestamp)
    labels, keys = label_table(checked, request.columns, request.event_timestamp)
    uses = [
        ViewJoin(
            sourced[use.view],
            [keys[key.column, key.type] for key in use.keys],
            [column.feature for column in use.features],
            known_at=request.known_at or sourced[use.view].view.known_at,
            proves=request.proves,
        )
        for use in request.columns
    ]
    audit = audit_of(request, uses, checked, labels, keys, made=made)
    given = Labels(labels)
    told = [_described(use, columns) for use, columns in zip(uses, request.columns, strict=True)]
    joiners = [ViewJoiner(use, given, engine) for use in uses]
    joins = [
        Join(
            described,
            joiner.batches,
            joiner.statements,
            partial(join_plan, joiner, described.columns.label),
        )
        for described, joiner in zip(told, joiners, strict=True)
    ]
    served = partial(served_joins, request.past, list(zip(uses, told, strict=True)), labels)
    if request.as_served:
        joins = served()
    return TrainingSet(
        frame=checked,
        rows=labels.num_rows,
        _engine=engine,
        _joins=joins,
        _states=states,
        _null_times=labels.column("t").null_count,
        _audit=audit,
        served=served,
    )


def _check_one_kind(request: HistoricalRequest, frame: Frame | None) -> None:
    """Refuse rows of two kinds; that there are some is seen where they are made."""
    if frame is not None and request.sql is not None:
        raise RequestError(
            "FC315", "an entity frame and SQL were both given", help=["leave out one of the two"]
        )
    has_rows = frame is not None or request.sql is not None
    if has_rows and (request.start_us, request.end_us, request.at_us) != (None,) * 3:
        raise RequestError(
            "FC315",
            f"{'SQL' if request.sql else 'an entity frame'} and a range or time were both given",
            help=["the rows have their times: leave out --start, --end and --at"],
        )


def _described(use: ViewJoin, columns: ViewColumns) -> Use:
    known_at = "off"
    if use.known_at:
        known_at = "on" if use.uses_known_at else "no created time"
    return Use(columns, known_at, ignored_query(use.sourced))
