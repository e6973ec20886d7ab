"""Writing a result: typed Parquet, CSV, or Arrow IPC, whole or not at all."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from featurectl.errors import SourceError, first_line
from featurectl.offline.csv_text import csv_header, csv_lines
from featurectl.system.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

STDOUT = "-"
_ROW_GROUP_ROWS = 262_144  # at least: a batch is never cut
# Most float columns have too many values for a dictionary: the sooner that is seen, the better.
# [100k rows x 34 columns: 180 ms and 13.3 MB with the usual 1 MB, 50 ms and 11.3 MB; zstd's level
# makes no difference in time.]
_DICTIONARY_BYTES = 64 << 10
_SUFFIXES = {
    ".parquet": "parquet",
    ".parq": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".arrows": "stream",
}


class _Writer(Protocol):
    def write_batch(self, batch: pa.RecordBatch) -> None: ...

    def describe(self, facts: Mapping[str, str]) -> None: ...

    def close(self) -> None: ...

    def abort(self) -> None: ...


def write_output(
    path: str | Path,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    kind: str | None = None,
    facts: Callable[[], Mapping[str, str]] | None = None,
) -> int:
    """Write the batches, and return the number of bytes written.

    ``facts`` gives, once all batches are written, what a Parquet file is to say of itself; other
    formats have no place for it.

    ``kind`` is ``parquet``, ``csv``, ``arrow`` (IPC) or ``stream`` (Arrow without a footer); by
    default :func:`output_kind`. ``-`` is stdout, where Arrow is always a stream: it can't be read
    from its end. A file is written beside its place under another name, and renamed when it is on
    the disk: nothing half-written ever has its name.

    Raises:
        SourceError: FC209 it can't be written; nothing is left behind.
    """
    kind = kind or output_kind(path)
    if str(path) == STDOUT:
        kind = "stream" if kind == "arrow" else kind
        with _stdout() as file:
            return _write(file, kind, schema, batches, facts)
    with whole_file(Path(path)) as file:
        return _write(file, kind, schema, batches, facts)


def output_kind(path: str | Path) -> str:
    """The format of an output by its suffix; CSV for stdout.

    Raises:
        SourceError: FC209 the suffix names none.
    """
    if str(path) == STDOUT:
        return "csv"
    found = _SUFFIXES.get(Path(path).suffix.lower())
    if found is None:
        raise SourceError(
            "FC209",
            f"{path} can't be written: its suffix names no format",
            help=[f"use one of {', '.join(_SUFFIXES)}, or say it: --format"],
        )
    return found


def watched(
    batches: Iterable[pa.RecordBatch], watch: Callable[[int], None]
) -> Iterator[pa.RecordBatch]:
    """The batches; ``watch`` is told how many rows went by so far, when they have been taken."""
    rows = 0
    for batch in batches:
        yield batch
        rows += batch.num_rows
        watch(rows)


@contextmanager
def _stdout() -> Iterator[IO[bytes]]:
    try:
        sys.stdout.flush()
        yield sys.stdout.buffer
    except BrokenPipeError:
        raise
    except OSError as error:
        # What it still holds would be written, and fail, once more at the end of the process.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        why = error.strerror or str(error)
        raise SourceError("FC209", f"stdout can't be written: {why}") from error


def _write(
    file: IO[bytes],
    kind: str,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    facts: Callable[[], Mapping[str, str]] | None,
) -> int:
    counted = _Counted(file)
    writer = _WRITERS[kind](counted, schema)
    try:
        for batch in batches:
            writer.write_batch(batch)
        if facts:
            writer.describe(facts())
        writer.close()
    except BaseException:
        counted.discards = True  # pyarrow's writers end their file whenever they are let go of
        writer.abort()
        raise
    file.flush()
    return counted.size


class _Counted:
    """A binary file for pyarrow to write to, which it may close without closing ours.

    Once it ``discards``, what is written goes nowhere.
    """

    closed = False
    discards = False

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.size = 0

    def write(self, data: Any) -> int:
        view = memoryview(data)
        if not self.discards:
            self._file.write(view)
        self.size += view.nbytes
        return view.nbytes

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        if not self.discards:
            self._file.flush()

    def close(self) -> None:
        self.flush()


class _CsvWriter:
    def __init__(self, file: Any, schema: pa.Schema) -> None:
        self._file = file
        self._file.write(csv_header(schema))

    def write_batch(self, batch: pa.RecordBatch) -> None:
        self._file.write(csv_lines(batch))

    def describe(self, facts: Mapping[str, str]) -> None:
        """There is no place for it."""

    def close(self) -> None:
        """Nothing is kept back."""

    def abort(self) -> None:
        """Nothing is kept back."""


class _IpcWriter:
    """Arrow IPC files allow one dictionary per column, so that such columns wait for the end."""

    def __init__(self, file: Any, schema: pa.Schema) -> None:
        self._writer = pa.ipc.new_file(file, schema)
        self._waits = any(pa.types.is_dictionary(field.type) for field in schema)
        self._schema = schema
        self._batches: list[pa.RecordBatch] = []

    def write_batch(self, batch: pa.RecordBatch) -> None:
        if self._waits:
            self._batches.append(batch)
        else:
            self._writer.write_batch(batch)

    def describe(self, facts: Mapping[str, str]) -> None: ...

    def close(self) -> None:
        table = pa.Table.from_batches(self._batches, self._schema).unify_dictionaries()
        self._writer.write_table(table)
        self._writer.close()

    def abort(self) -> None:
        self._writer.close()


class _StreamWriter:
    def __init__(self, file: Any, schema: pa.Schema) -> None:
        self._writer = pa.ipc.new_stream(file, schema)

    def write_batch(self, batch: pa.RecordBatch) -> None:
        self._writer.write_batch(batch)

    def describe(self, facts: Mapping[str, str]) -> None: ...

    def close(self) -> None:
        self._writer.close()

    def abort(self) -> None:
        self._writer.close()


class _ParquetWriter:
    """Gathers batches to row groups; what is written at once becomes one."""

    def __init__(self, file: Any, schema: pa.Schema) -> None:
        try:
            self._writer = pq.ParquetWriter(
                file, schema, compression="zstd", dictionary_pagesize_limit=_DICTIONARY_BYTES
            )
        except pa.ArrowNotImplementedError as error:
            raise SourceError(
                "FC209",
                f"Parquet can't hold a column: {first_line(error)}",
                help=["cast the column, or write Arrow, which holds all: --format arrow"],
            ) from error
        self._schema = schema
        self._batches: list[pa.RecordBatch] = []
        self._rows = 0

    def write_batch(self, batch: pa.RecordBatch) -> None:
        self._batches.append(batch)
        self._rows += batch.num_rows
        if self._rows >= _ROW_GROUP_ROWS:
            self._flush()

    def describe(self, facts: Mapping[str, str]) -> None:
        self._writer.add_key_value_metadata(dict(facts))

    def close(self) -> None:
        if self._rows:
            self._flush()
        self._writer.close()

    def abort(self) -> None:
        self._writer.close()

    def _flush(self) -> None:
        table = pa.Table.from_batches(self._batches, self._schema)
        self._writer.write_table(table, row_group_size=self._rows)
        self._batches, self._rows = [], 0


_WRITERS: dict[str, Callable[[Any, pa.Schema], _Writer]] = {
    "parquet": _ParquetWriter,
    "csv": _CsvWriter,
    "arrow": _IpcWriter,
    "stream": _StreamWriter,
}
