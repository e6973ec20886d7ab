"""A training set in parts: by name, each taken out like a training set, or written together."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from featurectl.errors import RequestError
from featurectl.flows.split_output import part_path, rows_of, write_parts
from featurectl.flows.split_request import BY_TIME
from featurectl.offline.output import STDOUT, output_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd
    import polars as pl

    from featurectl.flows.report import Report
    from featurectl.flows.split import PartFacts, Split
    from featurectl.flows.split_output import PartFile
    from featurectl.flows.training_set import TrainingSet
    from featurectl.offline.frame import Frame


class SplitSet(Mapping[str, "TrainingPart"]):
    """The parts of a training set by their names, in the order in which they were asked for."""

    def __init__(self, training: TrainingSet, split: Split) -> None:
        self.split = split
        self._report: Report | None = None
        self._training = copy(training)  # what it has joined already is shared
        if training.origin:
            request = split.request
            seed = None if request.by == BY_TIME else request.seed
            asked = replace(
                training.origin.asked, split=request.words, split_by=request.by, seed=seed
            )
            self._training.origin = replace(training.origin, asked=asked)
        names = [part.name for part in split.parts]
        self._parts = {name: TrainingPart(self, number) for number, name in enumerate(names)}

    def __repr__(self) -> str:
        parts = ", ".join(f"{name} {part.rows:,}" for name, part in self._parts.items())
        return f"<SplitSet {self._training.rows:,}: {parts}>"

    def __getitem__(self, name: str) -> TrainingPart:
        return self._parts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    @property
    def training(self) -> TrainingSet:
        """All rows, and what was asked of them."""
        return self._training

    @property
    def frame(self) -> Frame:
        """The entity frame of all rows."""
        return self._training.frame

    @property
    def rows(self) -> int:
        """How many rows all parts have."""
        return self._training.rows

    @property
    def schema(self) -> pa.Schema:
        """The columns of all parts."""
        return self._training.schema

    @property
    def report(self) -> Report:
        """What became of all rows, with how they were split; joins them if need be."""
        found = self._report or self._training.report
        return replace(found, split=self.split, lints=(*found.lints, *self.split.lints()))

    def write(
        self,
        path: str | Path,
        kind: str | None = None,
        watch: Callable[[int], None] | None = None,
        *,
        full_hash: bool = False,
    ) -> list[PartFile]:
        """Write each part beside ``path``: of ``data.parquet`` ``data.train.parquet`` and so on.

        The rows are joined once. All files, and what is written of them beside them, appear
        together, or none does.

        Raises:
            RequestError: FC333 ``-`` is no file.
            SourceError: FC209 a file can't be written, and what ``batches`` raises.
        """
        if str(path) == STDOUT:
            raise RequestError(
                "FC333", "parts are files, not one stream", help=["name a file: --out data.parquet"]
            )
        paths = {number: part_path(path, name) for number, name in enumerate(self)}
        return self.write_to(paths, kind or output_kind(path), watch, full_hash=full_hash)

    def write_to(
        self,
        paths: Mapping[int, Path],
        kind: str,
        watch: Callable[[int], None] | None = None,
        *,
        full_hash: bool = False,
    ) -> list[PartFile]:
        """Write the parts of these numbers to these paths, all in one folder."""
        written = self._training.as_text() if kind == "csv" else self._training
        found = write_parts(written, self.split, paths, kind, watch, full_hash=full_hash)
        self._report = written.report
        return found


class TrainingPart:
    """One part of a split, in the order of its rows. The join is that of all rows."""

    def __init__(self, whole: SplitSet, number: int) -> None:
        self._whole = whole
        self._number = number

    @property
    def facts(self) -> PartFacts:
        """How many rows and entities it has, and from when to when."""
        return self._whole.split.parts[self._number]

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self.facts.rows

    @property
    def schema(self) -> pa.Schema:
        """The columns of all parts."""
        return self._whole.schema

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Its rows, batch by batch; see :meth:`TrainingSet.batches`."""
        return rows_of(self._whole.training.batches(), self._whole.split, self._number)

    def to_arrow(self) -> pa.Table:
        """Its rows as an Arrow table; all rows are joined once for all parts, and kept."""
        self._whole.training.to_arrow()
        return pa.Table.from_batches(self.batches(), self.schema)

    def to_pandas(self) -> pd.DataFrame:
        """Its rows as a pandas frame; see :meth:`TrainingSet.to_pandas`."""
        from featurectl.offline.dataframe import to_pandas  # noqa: PLC0415 - loads pandas

        return to_pandas(self.to_arrow(), len(self._whole.training.frame.schema))

    def to_polars(self) -> pl.DataFrame:
        """Its rows as a Polars frame."""
        from featurectl.offline.dataframe import to_polars  # noqa: PLC0415 - loads Polars

        return to_polars(self.to_arrow())

    def write(self, path: str | Path, kind: str | None = None) -> int:
        """Write its rows to a file, which is joined for this part alone; returns its bytes.

        Raises:
            SourceError: FC209 it can't be written, and what ``batches`` raises.
        """
        found = self._whole.write_to({self._number: Path(path)}, kind or output_kind(path))
        return found[0].size_bytes

    def write_parquet(self, path: str | Path) -> int:
        """Write its rows to a Parquet file; see :meth:`write`."""
        return self.write(path, "parquet")

    def write_csv(self, path: str | Path) -> int:
        """Write its rows to a CSV file; see :meth:`write`."""
        return self.write(path, "csv")
