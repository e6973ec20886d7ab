"""The uses of views in a request, each joined as it was served when its rows are asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from featurectl.errors import RequestError
from featurectl.flows.join_plan import JoinPlan, Share, Statement
from featurectl.flows.training_set import Join, Use
from featurectl.offline.files import check_unchanged
from featurectl.queries.as_served import as_served
from featurectl.queries.expression import DIALECT
from featurectl.queries.relation import EVERYTHING, EventRange
from featurectl.queries.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from featurectl.flows.as_served import ServedPast, ServedUse
    from featurectl.offline.protocol import OfflineEngine
    from featurectl.queries.match import ViewJoin


@dataclass
class ServedJoiner:
    """One use of a view: the query is made, and run when its rows are asked for."""

    use: ServedUse
    label: str
    labels: pa.Table
    engine: OfflineEngine

    def batches(self) -> Iterator[pa.RecordBatch]:
        """One row per label, in order: ``i f0 … s a``, and ``e c`` for a proof.

        Raises:
            SourceError: FC206 the engine failed, FC207 a source of then changed while it was read.
        """
        yield from self.engine.fetch(self.use.query(self.labels))
        for source, state in self.use.states.items():
            check_unchanged(source, state.files)

    def statements(self) -> list[str]:
        """The SQL."""
        return [self.use.query(self.labels).sql]

    def plan(self) -> JoinPlan:
        """How it is joined."""
        every = [len(rows.sourced.files) for rows in self.use.join.rows]
        rows = self.use.join.rows
        read = [name for each in rows for name in each.features]
        loads = self.use.tables["in_loads"].num_rows
        return JoinPlan(
            self.label,
            Strategy("as served", f"loads recorded: {loads:,}"),
            EVERYTHING,
            Share(sum(every), sum(every)),
            None,
            0,
            tuple(dict.fromkeys(key for each in rows for key in each.sourced.join_keys)),
            tuple(dict.fromkeys(read)),
            (Statement("what was served", as_served(self.use.join).sql(DIALECT, pretty=True)),),
        )


def served_joins(
    past: ServedPast | None, uses: Sequence[tuple[ViewJoin, Use]], labels: pa.Table
) -> list[Join]:
    """How each use is joined.

    Raises:
        RequestError: FC335 a view was never served, or no run has loaded it.
        SourceError: a source of now can't be read.
    """
    if past is None:
        raise RequestError("FC335", "there is no registry that says what was served")
    span = pc.min_max(labels.column("t"))
    times = EventRange(span["min"].as_py(), span["max"].as_py())
    joins: list[Join] = []
    for join, told in uses:
        found = past.use(told.columns, join.keys, times, proves=join.proves)
        joiner = ServedJoiner(found, told.columns.label, labels, past.engine)
        said = replace(told, served=found.notes)
        joins.append(Join(said, joiner.batches, joiner.statements, joiner.plan))
    return joins
