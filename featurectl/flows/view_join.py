"""The join of one view with the labels: which row wins is decided first, then features are read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from featurectl.flows.numbered import numbered
from featurectl.offline.protocol import Query
from featurectl.queries.expression import to_sql
from featurectl.queries.extent import starts_at, within
from featurectl.queries.match import LABELS, reachable
from featurectl.queries.newest import most_labels_query, newest_query, older_query, pairs_query
from featurectl.queries.relation import EventRange, relation
from featurectl.queries.strategy import STATIC, Pairs, Strategy, bucket_width, choose, rows_to_count
from featurectl.queries.tie import content_query, created_query
from featurectl.queries.winner import EXPIRED, TIED, winner_query

if TYPE_CHECKING:
    from collections.abc import Generator

    from sqlglot import exp

    from featurectl.offline.protocol import OfflineEngine
    from featurectl.queries.match import ViewJoin
    from featurectl.system.scratch import Scratch

_NONE = -1
_GREATEST = (1 << 63) - 1


@dataclass
class Labels:
    """The labels of a request, and what was found out about them, for all its views.

    ``table`` has ``i``, ordinals from 0 in their order; ``t``, microseconds or null; and keys.
    """

    table: pa.Table
    most: dict[tuple[str, ...], int] = field(default_factory=dict)

    @property
    def times(self) -> EventRange:
        """The least and the greatest time."""
        span = pc.min_max(self.table.column("t"))
        return EventRange(span["min"].as_py(), span["max"].as_py())


@dataclass
class _Won:
    """For each label the row that wins: arrays in the order of the labels.

    ``row`` is its number, or -1; ``event`` its event time; ``bits`` what is known of the state;
    ``several`` whether others of that entity and time may win instead.
    """

    row: np.ndarray[Any, Any]
    event: np.ndarray[Any, Any]
    bits: np.ndarray[Any, Any]
    several: np.ndarray[Any, Any]


class ViewJoiner:
    """One use of a view, joined with the labels when its rows are asked for.

    Raises:
        SourceError: FC204, FC205, FC208 a column that does not fit.
    """

    def __init__(self, use: ViewJoin, labels: Labels, engine: OfflineEngine) -> None:
        relation(use.sourced, use.features)  # raises what is wrong with the columns
        self.use = use
        self.events = reachable(use, labels.times)
        self._labels, self._engine = labels, engine
        self._strategy: Strategy | None = None

    def batches(self) -> pa.RecordBatchReader:
        """One row per label, in order: ``i f0 … s a``, as ``winner_query`` says.

        The keys and times of the source are read, then the features of the rows that won. Small
        arrays over the labels are held, the rows themselves stream.

        Raises:
            SourceError: FC206 the engine failed, and what is wrong with a source.
        """
        sourced, copy = numbered(self.use.sourced, self._engine)
        whole = replace(self.use, sourced=sourced)
        use = replace(whole, sourced=within(sourced, self.events))
        if self._strategy is None:
            self._strategy = self._choose(use)  # of a copy, where there is one
        won = self._newest(use)
        self._decide_ties(use, won)
        self._expire(whole, won)
        found = self._fetch(winner_query(use), self._winners(use, won))
        return pa.RecordBatchReader.from_batches(found.schema, _reading(found, copy))

    @property
    def labels(self) -> pa.Table:
        """The labels: ``i``, ``t`` and keys."""
        return self._labels.table

    def statements(self) -> list[str]:
        """The SQL that finds the newest rows, and that which reads the features of the winners.

        Where rows of equal event times must be told apart, and where labels have only expired rows,
        more is asked than these.
        """
        use = replace(self.use, sourced=within(self.use.sourced, self.events))
        queries = newest_query(use, self.strategy(), self.events), winner_query(use)
        return [to_sql(query) for query in queries]

    def strategy(self) -> Strategy:
        """The form that the join takes; the keys of the source may be read for it."""
        if self._strategy is None:
            self._strategy = self._choose(self.use)
        return self._strategy

    def _choose(self, use: ViewJoin) -> Strategy:
        if use.is_static:
            return Strategy(STATIC, "rows that hold at all times")
        keys, labels = tuple(use.keys), self._labels
        if keys not in labels.most:
            labels.most[keys] = self._number(most_labels_query(use))
        times = labels.times
        most, limit = labels.most[keys], rows_to_count(labels.most[keys])
        if limit == 0:
            return choose(most)
        width = bucket_width(most, times.first_us or 0, times.last_us or 0)
        query = pairs_query(use, self.events, width, limit)
        found = self._fetch(query, labels.table).read_all()
        counted = {name: int(found[name][0].as_py()) for name in ("n", "w", "m")}
        pairs = Pairs(counted["n"], counted["w"], counted["m"], width)
        return choose(most, pairs, known_at=use.uses_known_at)

    def _newest(self, use: ViewJoin) -> _Won:
        count = self._labels.table.num_rows
        won = _Won(
            np.full(count, _NONE),
            np.zeros(count, np.int64),
            np.zeros(count, np.int8),
            np.zeros(count, np.bool_),
        )
        query = newest_query(use, self.strategy(), self.events)
        for batch in self._fetch(query, self._labels.table):
            at = _values(batch, "i")
            won.row[at], won.several[at] = _values(batch, "r"), _values(batch, "several")
            if not use.is_static:
                won.event[at] = _values(batch, "e")
        ttl = use.sourced.view.ttl
        if ttl is not None and ttl < 1 << 64:  # no two times are further apart
            times = self._labels.table.column("t").fill_null(_GREATEST).to_numpy()
            # Without a sign: an age may be more than 63 bits hold, and so may the time to live.
            ages = times.view(np.uint64) - won.event.view(np.uint64)
            expired = (won.row != _NONE) & (ages > np.uint64(ttl))
            won.row[expired], won.bits[expired], won.several[expired] = _NONE, EXPIRED, False
        return won

    def _decide_ties(self, use: ViewJoin, won: _Won) -> None:
        """Where several rows are of the winner's event time: created time, then content decide."""
        at = np.flatnonzero(won.several)
        created = np.zeros_like(won.event)
        if at.size and not use.is_static:
            won.several[at] = False
            for batch in self._fetch(created_query(use, self.events), self._tied(won, at)):
                places = _values(batch, "i")
                won.row[places], created[places] = _values(batch, "r"), _values(batch, "c")
                won.several[places] = _values(batch, "several")
            at = np.flatnonzero(won.several)
        if at.size:
            labels = self._tied(won, at).append_column("c", pa.array(created[at]))
            for batch in self._fetch(content_query(use, self.events), labels):
                places = _values(batch, "i")
                won.row[places], won.bits[places] = _values(batch, "r"), TIED

    def _tied(self, won: _Won, at: np.ndarray[Any, Any]) -> pa.Table:
        return self._labels.table.take(pa.array(at)).append_column("e", pa.array(won.event[at]))

    def _expire(self, use: ViewJoin, won: _Won) -> None:
        """Tell labels whose rows are all older than what is in reach from those without any."""
        first = self.events.first_us
        if first is None or not use.tells_expired:
            return
        at = np.flatnonzero((won.row == _NONE) & (won.bits == 0))
        if not at.size or starts_at(use.sourced, first):
            return
        labels = self._labels.table.take(pa.array(at))
        for batch in self._fetch(older_query(use, first), labels):
            won.bits[_values(batch, "i")] = EXPIRED

    def _winners(self, use: ViewJoin, won: _Won) -> pa.Table:
        none = won.row == _NONE
        timeless = np.ones_like(none) if use.is_static else none
        table = self._labels.table.select(["i", "t"])
        table = table.append_column("r", pa.array(won.row, mask=none))
        table = table.append_column("e", pa.array(won.event, mask=timeless))
        return table.append_column("b", pa.array(won.bits))

    def _number(self, query: exp.Select) -> int:
        return int(self._fetch(query, self._labels.table).read_all().column("n")[0].as_py())

    def _fetch(self, query: exp.Select, labels: pa.Table) -> pa.RecordBatchReader:
        return self._engine.fetch(Query(to_sql(query), {LABELS: labels, **self.use.tables}))


def _reading(
    found: pa.RecordBatchReader, copy: Scratch | None
) -> Generator[pa.RecordBatch, None, None]:
    """The batches; the copy that they are read from is held until the last one."""
    try:
        yield from found
    finally:
        if copy:
            copy.close()


def _values(batch: pa.RecordBatch, name: str) -> np.ndarray[Any, Any]:
    values: np.ndarray[Any, Any] = batch.column(name).to_numpy(zero_copy_only=False)
    return values
