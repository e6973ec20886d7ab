"""What a join would do, without doing it: its form, its SQL, and what it would not have to read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from featurectl.offline.row_groups import row_groups
from featurectl.plan.origin import column_of
from featurectl.queries.expression import DIALECT
from featurectl.queries.extent import files_within, may_be_within, within
from featurectl.queries.newest import newest_query
from featurectl.queries.relation import EVERYTHING, EventRange, relation
from featurectl.queries.row_number import has_row_numbers
from featurectl.queries.scan import numbered_file
from featurectl.queries.winner import winner_query

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from sqlglot import exp

    from featurectl.flows.view_join import ViewJoiner
    from featurectl.queries.match import ViewJoin
    from featurectl.queries.relation import SourcedView
    from featurectl.queries.strategy import Strategy

COPIED = "rows.parquet"


@dataclass(frozen=True)
class Share:
    """How many are read, of how many."""

    read: int
    all: int


@dataclass(frozen=True)
class Statement:
    """SQL, and for a person what it is for."""

    purpose: str
    sql: str


@dataclass(frozen=True)
class JoinPlan:
    """How one use of a view would be joined.

    Args:
        label: the alias under which it would be joined, else the view's name.
        strategy: the form of the join, and why.
        events: the event times that a label can reach; rows outside of them are not looked for.
        files: those that have to be opened for it.
        row_groups: those of all files that may have such rows; None where no footer tells.
        older_files: those that are opened besides, where a row has nothing in reach: to tell values
            that expired from none.
        decided_by: the source's columns that are read to decide which row wins.
        fetched: those that are read of the rows that won.
        statements: the SQL, in its order.
    """

    label: str
    strategy: Strategy
    events: EventRange
    files: Share
    row_groups: Share | None
    older_files: int
    decided_by: tuple[str, ...]
    fetched: tuple[str, ...]
    statements: tuple[Statement, ...]


def join_plan(joiner: ViewJoiner, label: str) -> JoinPlan:
    """What ``joiner`` would do; footers are read, and the keys of a source may be.

    Raises:
        SourceError: FC202 a file can't be read, FC206 the engine failed.
    """
    use, sourced, events = joiner.use, joiner.use.sourced, joiner.events
    source = sourced.source
    times = [name for name in (source.event_timestamp, source.created_timestamp) if name]
    keys = [column_of(source, key) for key in sourced.join_keys]
    return JoinPlan(
        label,
        joiner.strategy(),
        EVERYTHING if use.is_static else events,
        Share(len(files_within(sourced.files, sourced.extents, events)), len(sourced.files)),
        _row_groups(sourced, events),
        _older_files(use, events),
        tuple(dict.fromkeys([*keys, *(times if use.uses_known_at else times[:1])])),
        tuple(dict.fromkeys(column_of(source, name) for name in use.features)),
        tuple(_statements(joiner)),
    )


def _row_groups(sourced: SourcedView, events: EventRange) -> Share | None:
    source = sourced.source
    if source.event_timestamp is None or source.file_format != "parquet" or sourced.rows:
        return None
    found = row_groups(sourced.files, source.event_timestamp, ())
    read = [group for group in found if may_be_within(group.first_us, group.last_us, events)]
    return Share(len(read), len(found))


def _older_files(use: ViewJoin, events: EventRange) -> int:
    if events.first_us is None or not use.tells_expired:
        return 0
    older = EventRange(None, events.first_us - 1)
    sourced = use.sourced
    found = files_within(sourced.files, sourced.extents, older)
    return len(set(found) - set(files_within(sourced.files, sourced.extents, events)))


def _statements(joiner: ViewJoiner) -> Iterator[Statement]:
    use, sourced = joiner.use, joiner.use.sourced
    if sourced.rows is None and not has_row_numbers(sourced.source.file_format, sourced.columns):
        copy = _pretty(relation(sourced, list(sourced.view.features)))
        purpose = f"rows without numbers of their own are copied: to {COPIED}"
        yield Statement(purpose, f"COPY (\n{copy}\n) TO '{COPIED}'")
        use = replace(use, sourced=replace(sourced, rows=numbered_file(COPIED)))
    else:
        use = replace(use, sourced=within(sourced, joiner.events))
    labels = _columns(joiner.labels)
    newest = newest_query(use, joiner.strategy(), joiner.events)
    yield Statement(f"which row wins; the table labels has {labels}", _pretty(newest))
    winners = "i BIGINT, t BIGINT, r BIGINT, e BIGINT, b TINYINT"
    purpose = f"what it holds; labels then has {winners}: r and e of the first"
    if use.sourced.view.ttl is not None:
        purpose += ", null where e is older than the ttl"
    yield Statement(purpose, _pretty(winner_query(use)))


def _columns(labels: pa.Table) -> str:
    return ", ".join(f"{field.name} {field.type}" for field in labels.schema)


def _pretty(query: exp.Select) -> str:
    return query.sql(dialect=DIALECT, pretty=True)
