"""Entity frames in Arrow IPC: files, and streams that were written to one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from featurectl.offline.frame import Frame
    from featurectl.offline.frame_file import FrameFile

FILE_START, STREAM_START = b"ARROW1", b"\xff\xff\xff\xff"


class ArrowFrame:
    """A frame in Arrow IPC, which is read anew at each pass."""

    def __init__(self, file: FrameFile, *, is_stream: bool) -> None:
        self.label = file.label
        self._file = file
        self._is_stream = is_stream
        with self._reader() as reader:
            self._schema = reader.schema

    @property
    def schema(self) -> pa.Schema:
        """The columns and types of the file."""
        return self._schema

    def typed(self, types: Mapping[str, str]) -> Frame:  # noqa: ARG002 - it has types already
        """Itself."""
        return self

    def as_text(self) -> Frame:
        """Itself."""
        return self

    def select(self, columns: Sequence[str]) -> pa.Table:
        """Some columns; what the others hold is not decoded."""
        places = sorted(self._schema.get_field_index(name) for name in columns)
        with self._reader(places) as reader:
            batches = list(_batches(reader))
            return pa.Table.from_batches(batches, reader.schema).select(list(columns))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The batches as they were written."""
        with self._reader() as reader:
            yield from _batches(reader)

    @contextmanager
    def _reader(self, places: Sequence[int] | None = None) -> Iterator[Any]:
        # Read, not mapped: a mapped file that gets shorter kills the process.
        options = pa.ipc.IpcReadOptions(included_fields=None if places is None else list(places))
        opened = pa.ipc.open_stream if self._is_stream else pa.ipc.open_file
        with self._file.reading() as path, pa.OSFile(path) as file:
            yield opened(file, options=options)


def _batches(reader: Any) -> Iterator[pa.RecordBatch]:
    if hasattr(reader, "num_record_batches"):
        yield from map(reader.get_batch, range(reader.num_record_batches))
    else:
        yield from reader
