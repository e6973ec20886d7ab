"""The answer to a request for historical features: a stream of rows, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from featurectl.definitions.arrow_type import arrow_type
from featurectl.definitions.columns import in_order
from featurectl.errors import SourceError
from featurectl.flows.report import Report, ViewTally
from featurectl.offline.files import check_unchanged
from featurectl.offline.output import write_output

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    import polars as pl

    from featurectl.definitions.columns import ViewColumns
    from featurectl.offline.frame import Frame
    from featurectl.offline.protocol import OfflineEngine, Query, SourceState


@dataclass(frozen=True)
class Use:
    """One use of a view: its columns, what the report says of it, and what counts unused rows."""

    columns: ViewColumns
    known_at: str
    ignored: Query


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
    _query: Query
    _uses: Sequence[Use]
    _states: Mapping[str, SourceState]
    _null_times: int
    _report: Report | None = field(default=None, init=False)
    _table: pa.Table | None = field(default=None, init=False)

    @property
    def schema(self) -> pa.Schema:
        """The frame's columns, then the features in the order asked for."""
        asked = in_order([use.columns for use in self._uses])
        features = [pa.field(column.output, arrow_type(column.type)) for _, column in asked]
        return pa.schema([*self.frame.schema, *features], metadata=self.frame.schema.metadata)

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
            SourceError: FC206 the engine failed, FC207 a source changed while it was read. The
                latter comes after the last batch.
        """
        if self._table is not None:
            yield from self._table.to_batches()
            return
        tallies = [ViewTally(use.columns) for use in self._uses]
        schema = self.schema
        places = [column.position for use in self._uses for column in use.columns.features]
        order = sorted(range(len(places)), key=places.__getitem__)
        for rows, found in _side_by_side(self.frame.batches(), self._engine.fetch(self._query)):
            values = _values(found, tallies)
            asked = [values[i] for i in order]
            yield pa.RecordBatch.from_arrays([*rows.columns, *asked], schema=schema)
        counted = {use.columns.view: self._count(use.ignored) for use in self._uses}
        for source, state in self._states.items():
            check_unchanged(source, state.files)
        views = tuple(
            tally.finish(use.known_at, counted[use.columns.view])
            for tally, use in zip(tallies, self._uses, strict=True)
        )
        self._report = Report(self.rows, self._null_times, views)

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

    def write(self, path: str | Path) -> int:
        """Write all rows to a file by its suffix (Parquet, CSV, Arrow IPC), or ``-`` as CSV.

        The file appears under its name when it is whole. Returns its size in bytes.

        Raises:
            SourceError: FC209 it can't be written, and what ``batches`` raises.
        """
        return write_output(path, self.schema, self.batches())

    def write_parquet(self, path: str | Path) -> int:
        """Write all rows to a Parquet file; see :meth:`write`."""
        return write_output(path, self.schema, self.batches(), kind="parquet")

    def write_csv(self, path: str | Path) -> int:
        """Write all rows to a CSV file; see :meth:`write`."""
        return write_output(path, self.schema, self.batches(), kind="csv")

    def _count(self, query: Query) -> int:
        return int(self._engine.fetch(query).read_all().column("n")[0].as_py())


def _values(found: pa.RecordBatch, tallies: Sequence[ViewTally]) -> list[pa.Array]:
    values: list[pa.Array] = []
    for n, tally in enumerate(tallies):
        features = [
            found.column(f"v{n}_f{i}").cast(arrow_type(column.type))
            for i, column in enumerate(tally.columns.features)
        ]
        tally.add(found.column(f"v{n}_s"), found.column(f"v{n}_a"), features)
        values += features
    return values


def _next(rows: Iterator[pa.RecordBatch]) -> pa.RecordBatch:
    for batch in rows:
        return batch
    raise SourceError("FC207", "the entity frame changed while it was read")


def _side_by_side(
    left: Iterator[pa.RecordBatch], right: Iterator[pa.RecordBatch]
) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
    # Two streams of the same rows, cut where either has a cut, so that nothing is copied. The
    # engine was given the rows that the frame had at first.
    rows, done, next_ordinal = pa.record_batch([]), 0, 0
    for found in right:
        at = 0
        while at < found.num_rows:
            while done == rows.num_rows:
                rows, done = _next(left), 0
            size = min(rows.num_rows - done, found.num_rows - at)
            piece = found.slice(at, size)
            if piece.column("i")[0].as_py() != next_ordinal:
                raise RuntimeError("the engine returned rows out of order")
            yield rows.slice(done, size), piece
            at, done, next_ordinal = at + size, done + size, next_ordinal + size
    if any(batch.num_rows for batch in left) or done != rows.num_rows:
        raise SourceError("FC207", "the entity frame changed while it was read")
