"""Entity frames: the rows that ask for features, from a file or from memory, never changed."""

from __future__ import annotations

import io
import sys
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from featurectl.errors import RequestError, first_line
from featurectl.offline.frame_csv import is_csv, read_csv

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

BATCH_ROWS = 65_536
_STDIN = "-"
_PARQUET, _ARROW = b"PAR1", b"ARROW1"


class Frame(Protocol):
    """Rows in an order, read as often as needed.

    Laws: ``batches`` gives all columns in the types of ``schema``, in the same order each time, and
    so does ``select``. Nothing is read before it is asked for, but what ``schema`` needs.
    """

    label: str

    @property
    @abstractmethod
    def schema(self) -> pa.Schema:
        """The columns and their types."""

    @abstractmethod
    def typed(self, types: Mapping[str, str]) -> Frame:
        """The frame with these columns as declared types, where its file has only text."""

    @abstractmethod
    def select(self, columns: Sequence[str]) -> pa.Table:
        """Some columns of all rows, in memory."""

    @abstractmethod
    def batches(self) -> Iterator[pa.RecordBatch]:
        """All columns of all rows, batch by batch."""


class TableFrame:
    """A frame in memory."""

    def __init__(self, table: pa.Table, label: str = "the entity frame") -> None:
        self.label = label
        self._table = table

    @property
    def schema(self) -> pa.Schema:
        """The table's columns and types."""
        return self._table.schema

    def typed(self, types: Mapping[str, str]) -> Frame:  # noqa: ARG002 - it has types already
        """Itself."""
        return self

    def select(self, columns: Sequence[str]) -> pa.Table:
        """Some columns, nothing copied."""
        return self._table.select(list(columns))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The table in pieces, nothing copied."""
        yield from self._table.to_batches(max_chunksize=BATCH_ROWS)


class ParquetFrame:
    """A frame in a Parquet file, which is read anew at each pass."""

    def __init__(self, path: str, label: str) -> None:
        self.label = label
        self._path = path
        with pq.ParquetFile(path) as file:
            self._schema = file.schema_arrow

    @property
    def schema(self) -> pa.Schema:
        """The file's columns and types."""
        return self._schema

    def typed(self, types: Mapping[str, str]) -> Frame:  # noqa: ARG002 - it has types already
        """Itself."""
        return self

    def select(self, columns: Sequence[str]) -> pa.Table:
        """Some columns of all row groups."""
        try:
            with pq.ParquetFile(self._path) as file:
                return file.read(columns=list(columns))
        except (OSError, pa.ArrowException) as error:
            raise _unreadable(self.label, error) from error

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows from the first row group to the last."""
        try:
            with pq.ParquetFile(self._path) as file:
                yield from file.iter_batches(BATCH_ROWS)
        except (OSError, pa.ArrowException) as error:
            raise _unreadable(self.label, error) from error


class CsvFrame:
    """A frame in CSV text: ``typed`` reads it whole, and gives it as a table."""

    def __init__(self, text: bytes | Path, label: str) -> None:
        self.label = label
        self._text = text

    @property
    def schema(self) -> pa.Schema:
        """The columns with the types that their values look like."""
        return self._read({}).schema

    def typed(self, types: Mapping[str, str]) -> Frame:
        """The columns named in ``types`` as these types, the others as their values look."""
        return TableFrame(self._read(types), self.label)

    def select(self, columns: Sequence[str]) -> pa.Table:
        """Some columns of the file."""
        return self._read({}).select(list(columns))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The file in pieces."""
        yield from self._read({}).to_batches(max_chunksize=BATCH_ROWS)

    def _read(self, types: Mapping[str, str]) -> pa.Table:
        try:
            source = self._text if isinstance(self._text, Path) else io.BytesIO(self._text)
            return read_csv(source, types, self.label)
        except (OSError, pa.ArrowException) as error:
            raise _unreadable(self.label, error) from error


def read_frame(entities: Any) -> Frame:
    """The frame of a path (Parquet, CSV, Arrow IPC; ``-`` is stdin), or of what is in memory.

    In memory: an Arrow table or reader, a pandas frame (its index is no column), a Polars frame, or
    anything else that gives an Arrow stream.

    Raises:
        RequestError: FC314 it can't be read.
    """
    if isinstance(entities, (str, Path)):
        return _from_stdin() if str(entities) == _STDIN else _from_file(Path(entities))
    return TableFrame(_table(entities))


def _from_file(path: Path) -> Frame:
    label = str(path)
    try:
        with path.open("rb") as file:
            start = file.read(8)
        if start.startswith(_PARQUET):
            return ParquetFrame(str(path), label)
        if start.startswith(_ARROW):
            return TableFrame(pa.ipc.open_file(pa.memory_map(str(path))).read_all(), label)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(label, error) from error
    if is_csv(path.name):
        return CsvFrame(path, label)
    raise RequestError(
        "FC314",
        f"{label} can't be read: it is neither Parquet nor Arrow IPC, and not named as CSV",
        help=["name a file that ends in .parquet, .csv or .arrow"],
    )


def _from_stdin() -> Frame:
    data = sys.stdin.buffer.read()
    try:
        if data.startswith(_PARQUET):
            return TableFrame(pq.read_table(pa.BufferReader(data)), "stdin")
        if data.startswith(_ARROW):
            return TableFrame(pa.ipc.open_file(pa.BufferReader(data)).read_all(), "stdin")
    except (OSError, pa.ArrowException) as error:
        raise _unreadable("stdin", error) from error
    return CsvFrame(data, "stdin")


def _table(entities: Any) -> pa.Table:
    try:
        if isinstance(entities, pa.Table):
            return entities
        if isinstance(entities, pa.RecordBatchReader):
            return entities.read_all()
        if type(entities).__module__.split(".")[0] == "pandas":
            return pa.Table.from_pandas(entities, preserve_index=False)
        return pa.table(entities)
    except (pa.ArrowException, TypeError, ValueError, AttributeError) as error:
        raise RequestError(
            "FC314",
            f"the entity frame can't be read: {first_line(error)}",
            help=["give a path, an Arrow table, or a pandas or Polars frame"],
        ) from error


def _unreadable(label: str, error: Exception) -> RequestError:
    words = getattr(error, "strerror", None) or first_line(error)
    return RequestError("FC314", f"{label} can't be read: {words}")
