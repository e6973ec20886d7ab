"""Entity frames in Parquet files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from featurectl.offline.frame import BATCH_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from featurectl.offline.frame import Frame
    from featurectl.offline.frame_file import FrameFile


class ParquetFrame:
    """A frame in a Parquet file, which is read anew at each pass."""

    def __init__(self, file: FrameFile) -> None:
        self.label = file.label
        self._file = file
        with file.reading() as path, pq.ParquetFile(path) as found:
            self._schema = found.schema_arrow

    @property
    def schema(self) -> pa.Schema:
        """The file's columns and types."""
        return self._schema

    def typed(self, types: Mapping[str, str]) -> Frame:  # noqa: ARG002 - it has types already
        """Itself."""
        return self

    def as_text(self) -> Frame:
        """Itself."""
        return self

    def select(self, columns: Sequence[str]) -> pa.Table:
        """Some columns of all row groups."""
        with self._file.reading() as path, pq.ParquetFile(path) as found:
            return found.read(columns=list(columns))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows from the first row group to the last."""
        with self._file.reading() as path, pq.ParquetFile(path) as found:
            yield from found.iter_batches(BATCH_ROWS)
