"""The answer to a request for historical features: a stream of rows, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from featurectl.definitions.arrow_type import arrow_type
from featurectl.definitions.columns import in_order
from featurectl.errors import RequestError, SourceError
from featurectl.flows.at_once import at_once
from featurectl.flows.pinned_output import write_pinned
from featurectl.flows.report import Report, ViewTally
from featurectl.flows.side_by_side import side_by_side
from featurectl.flows.split import split_rows
from featurectl.flows.split_request import split_request
from featurectl.flows.split_set import SplitSet
from featurectl.offline.files import check_unchanged
from featurectl.offline.output import output_kind, watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    import polars as pl

    from featurectl.definitions.columns import ViewColumns
    from featurectl.flows.audit import Audit
    from featurectl.flows.dataset_origin import Origin
    from featurectl.flows.join_plan import JoinPlan
    from featurectl.offline.frame import Frame
    from featurectl.offline.protocol import OfflineEngine, Query, SourceState


@dataclass(frozen=True)
class Use:
    """One use of a view: its columns, what the report says of it, and what counts unused rows.

    ``ignored`` is None where there are none.
    """

    columns: ViewColumns
    known_at: str
    ignored: Query | None
    served: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Join:
    """One use of a view, what joins it with the labels (``i f0 … s a``, in their order), and the
    SQL of that.
    """  # noqa: D205 - one thought

    use: Use
    batches: Callable[[], Iterable[pa.RecordBatch]]
    statements: Callable[[], list[str]]
    plan: Callable[[], JoinPlan]


# A second one fills what a view leaves of two cores [3 views of 2M rows: 0.81 s
# against 0.97 s]; a third one only takes memory.
VIEWS_AT_ONCE = 2


@dataclass
class TrainingSet:
    """The rows of the entity frame, in order and unchanged, with the features beside them.

    Nothing is joined before rows or the report are asked for. ``batches`` and the ``write``
    functions stream, with bounded memory; ``to_arrow``, ``to_pandas`` and ``to_polars`` hold all
    rows, which are joined once for all of them. A source that changes meanwhile is an error.
    """

    frame: Frame
    rows: int
    _engine: OfflineEngine
    _joins: Sequence[Join]
    _states: Mapping[str, SourceState]
    _null_times: int
    _audit: Audit
    served: Callable[[], Sequence[Join]]  # the same uses as they were served, to compare with
    origin: Origin | None = None
    watch_view: Callable[[str, int, int], None] | None = None  # told what is joined: view, n of m
    _report: Report | None = field(default=None, init=False)
    _table: pa.Table | None = field(default=None, init=False)

    def __repr__(self) -> str:
        views = ", ".join(use.columns.label for use in self._uses)
        return f"<TrainingSet {self.rows:,} x {len(self.schema)}: {views}>"

    @property
    def schema(self) -> pa.Schema:
        """The frame's columns, then the features in the order asked for, then those of a proof."""
        asked = in_order([use.columns for use in self._uses])
        features = [pa.field(column.output, arrow_type(column.type)) for _, column in asked]
        fields = [*self.frame.schema, *features, *self._audit.fields]
        return pa.schema(fields, metadata=self.frame.schema.metadata)

    @property
    def report(self) -> Report:
        """What became of the rows in each view; joins them where that has not been done yet."""
        if self._report is None:
            self.to_arrow()
        if self._report is None:
            raise RuntimeError("a training set that was read has a report")
        return self._report

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows, batch by batch.

        Raises:
            RequestError: FC332 the leakage proof does not hold.
            SourceError: FC206 the engine failed, FC207 a source changed while it was read. The
                latter comes after the last batch, or in place of what the change broke.
        """
        if self._table is not None:
            yield from self._table.to_batches()
            return
        try:
            yield from self._read()
        except (SourceError, RequestError):
            self.check_sources()
            raise

    def to_arrow(self) -> pa.Table:
        """All rows as an Arrow table."""
        if self._table is None:
            self._table = pa.Table.from_batches(self.batches(), self.schema)
        return self._table

    def to_pandas(self) -> pd.DataFrame:
        """All rows as a pandas frame; integers and booleans with nulls stay what they are."""
        from featurectl.offline.dataframe import to_pandas  # noqa: PLC0415 - loads pandas

        return to_pandas(self.to_arrow(), len(self.frame.schema))

    def to_polars(self) -> pl.DataFrame:
        """All rows as a Polars frame."""
        from featurectl.offline.dataframe import to_polars  # noqa: PLC0415 - loads Polars

        return to_polars(self.to_arrow())

    def as_text(self) -> TrainingSet:
        """The same rows for CSV: where the frame's file has only text, columns as it has them."""
        texts = self.frame.as_text()
        return self if texts is self.frame else replace(self, frame=texts)

    def split(
        self, parts: str | Mapping[str, float], *, by: str | None = None, seed: int | None = None
    ) -> SplitSet:
        """The rows in parts: ``train=0.8,test=0.2`` by time, by entity, random, or by a column.

        Raises:
            RequestError: FC333 no such split; see flows/split.py for what goes where.
        """
        return SplitSet(self, split_rows(split_request(parts, by, seed), self._audit.rows))

    def write(
        self,
        path: str | Path,
        kind: str | None = None,
        watch: Callable[[int], None] | None = None,
        lock: str | Path | None = None,
        *,
        full_hash: bool = False,
    ) -> int:
        """Write all rows to a file, or ``-`` to stdout; returns the number of bytes.

        ``kind`` is ``parquet``, ``csv`` or ``arrow``; by default the suffix says, and stdout is
        CSV. The file appears under its name when it is whole. ``watch`` is told the number of rows
        written so far. What the rows were made of is written beside the file, as
        ``FILE.lock.json``, or to ``lock``; with ``full_hash`` every byte of the sources is hashed.

        Raises:
            SourceError: FC209 it can't be written, and what ``batches`` raises.
        """
        kind = kind or output_kind(path)
        written = self.as_text() if kind == "csv" else self
        rows = written.batches() if watch is None else watched(written.batches(), watch)
        size_bytes = write_pinned(written, path, kind, rows, lock=lock, full_hash=full_hash)
        self._report = written.report
        return size_bytes

    def write_parquet(self, path: str | Path) -> int:
        """Write all rows to a Parquet file; see :meth:`write`."""
        return self.write(path, "parquet")

    def write_csv(self, path: str | Path) -> int:
        """Write all rows to a CSV file; see :meth:`write`."""
        return self.write(path, "csv")

    def check_sources(self) -> None:
        """Raise FC207 where a source is not what it was when the request was checked."""
        for source, state in self._states.items():
            check_unchanged(source, state.files)

    @property
    def joins(self) -> Sequence[Join]:
        """How each use of a view is joined."""
        return self._joins

    @property
    def columns(self) -> list[ViewColumns]:
        """The columns of each use of a view."""
        return [use.columns for use in self._uses]

    @property
    def sources(self) -> Mapping[str, SourceState]:
        """The state of each source when the request was checked, by name."""
        return self._states

    @property
    def statements(self) -> list[str]:
        """The queries that join the views."""
        return [text for join in self._joins for text in join.statements()]

    def plans(self) -> list[JoinPlan]:
        """How each use of a view would be joined: footers are read, and keys of a source may be.

        Raises:
            SourceError: FC202 a file can't be read, FC206 the engine failed.
        """
        return [join.plan() for join in self._joins]

    @property
    def _uses(self) -> list[Use]:
        return [join.use for join in self._joins]

    def _read(self) -> Iterator[pa.RecordBatch]:
        tallies = [ViewTally(use.columns) for use in self._uses]
        audit, schema = self._audit.begin(), self.schema
        places = [column.position for use in self._uses for column in use.columns.features]
        order = sorted(range(len(places)), key=places.__getitem__)
        found = self._joined()
        for rows, *pieces in side_by_side(self.frame.batches(), found):
            parts = map(_values, pieces, tallies)
            values = [column for part in parts for column in part]
            asked = [values[i] for i in order]
            proof = audit.prove(rows, pieces, values)
            batch = pa.RecordBatch.from_arrays([*rows.columns, *asked, *proof], schema=schema)
            audit.look(batch)
            yield batch
        counted = {use.columns.view: self._count(use.ignored) for use in self._uses}
        self.check_sources()
        views = tuple(
            tally.finish(use.known_at, counted[use.columns.view], use.served)
            for tally, use in zip(tallies, self._uses, strict=True)
        )
        self._report = Report(self.rows, self._null_times, views, *audit.finish(views))

    def _joined(self) -> list[Iterable[pa.RecordBatch]]:
        """What each view gives; the engine does not fill the cores with one view alone."""
        begun = 0

        def joined(join: Join) -> Iterable[pa.RecordBatch]:
            nonlocal begun
            begun += 1
            if self.watch_view:
                self.watch_view(join.use.columns.label, begun, len(self._joins))
            return join.batches()

        works = [partial(joined, join) for join in self._joins]
        return at_once(works, self._engine, most=VIEWS_AT_ONCE)

    def _count(self, query: Query | None) -> int:
        if query is None:
            return 0
        return int(self._engine.fetch(query).read_all().column("n")[0].as_py())


def _values(found: pa.RecordBatch, tally: ViewTally) -> list[pa.Array]:
    features = [
        found.column(f"f{i}").cast(arrow_type(column.type))
        for i, column in enumerate(tally.columns.features)
    ]
    tally.add(found.column("s"), found.column("a"), features)
    return features
