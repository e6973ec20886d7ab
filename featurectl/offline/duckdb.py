"""The offline engine on DuckDB, in this process."""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

import duckdb
import pyarrow as pa

from featurectl.definitions.types import TEXT
from featurectl.errors import SourceError, first_line
from featurectl.offline.files import source_files
from featurectl.offline.footers import extents, read_footers, unified_columns
from featurectl.offline.output import write_output
from featurectl.offline.protocol import Query, SourceState
from featurectl.queries.expression import to_sql
from featurectl.queries.scan import hive_columns, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from featurectl.definitions.source import Source

BATCH_ROWS = 65_536
_SIGNALS_SECONDS = 0.1  # how often a running query looks whether a signal has come
_T = TypeVar("_T")

# A query raises our own errors by this text; see queries/instant.py and queries/from_text.py.
_OWN_ERROR = re.compile(r"\b(FC2\d\d): (.*)", re.DOTALL)


class DuckDBEngine:
    """An :class:`featurectl.offline.protocol.OfflineEngine`; threads may share it.

    Nothing is opened before the first query. What does not fit ``memory_limit`` (``4GB``; None
    leaves DuckDB's own, 80 % of the machine's) spills to a temporary folder of its own, which is
    removed with it. ``root`` begins the relative paths of sources.
    """

    def __init__(
        self, root: Path, memory_limit: str | None = None, threads: int | None = None
    ) -> None:
        self._root = root
        self._settings = {"memory_limit": memory_limit, "threads": threads}
        self._lock = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._running: set[duckdb.DuckDBPyConnection] = set()
        self._finalizer: weakref.finalize[..., object] | None = None

    def schema(self, source: Source) -> SourceState:
        """The source's files, columns and rows; see the protocol.

        Rows of CSV files are not counted.
        """
        files = source_files(source, self._root)
        paths = [file.path for file in files]
        folders = dict.fromkeys(hive_columns(paths), TEXT)
        if source.file_format == "csv":
            return SourceState(files, self._csv_columns(source, paths) | folders, None)
        footers = read_footers(source.name, paths, source.event_timestamp)
        columns = folders | unified_columns(source.name, footers)
        rows = sum(footer.rows for footer in footers)
        timed = () if source.event_timestamp is None else extents(footers)
        complete = frozenset.intersection(*(footer.complete for footer in footers))
        return SourceState(files, columns, rows, timed, complete)

    def fetch(self, query: Query) -> pa.RecordBatchReader:
        """The result as a stream of batches; its cursor is closed with the last one."""
        cursor = self._cursor(query)
        self._running.add(cursor)
        try:
            reader = _interruptible(
                cursor, lambda: cursor.sql(query.sql).to_arrow_reader(BATCH_ROWS)
            )
        except (duckdb.Error, RuntimeError) as error:
            cursor.close()
            raise _engine_error(error) from error
        finally:
            self._running.discard(cursor)
        return pa.RecordBatchReader.from_batches(reader.schema, _batches(cursor, reader))

    def export(self, query: Query, path: Path) -> int:
        """Write the result to a Parquet file, which appears when it is whole; the rows written.

        The batches go through this process: the engine's own COPY sometimes never returns when a
        query fails in the middle of it (DuckDB 2.0: 1 run in 30, two threads).
        """
        reader = self.fetch(query)
        rows = 0

        def counted() -> Iterator[pa.RecordBatch]:
            nonlocal rows
            for batch in reader:
                rows += batch.num_rows
                yield batch

        write_output(path, reader.schema, counted(), kind="parquet")
        return rows

    def deliver(self, query: Query, sink: Callable[[pa.RecordBatch], None]) -> None:
        """Hand each batch of the result to ``sink``, in this thread."""
        for batch in self.fetch(query):
            sink(batch)

    def interrupt(self) -> None:
        """End the queries that run now in other threads."""
        for cursor in [*self._running]:
            cursor.interrupt()

    def close(self) -> None:
        """End all connections and remove the temporary folder; a later query opens anew."""
        with self._lock:
            if self._connection:
                self._connection.close()
                self._connection = None
            if self._finalizer:
                self._finalizer()

    def _csv_columns(self, source: Source, paths: list[str]) -> dict[str, str]:
        cursor = self._cursor(Query(""))
        try:
            rows = cursor.execute(f"DESCRIBE SELECT * FROM {to_sql(scan(source, paths))}")
            return {row[0]: TEXT for row in rows.fetchall()}
        except duckdb.Error as error:
            where = paths[0] if len(paths) == 1 else source.path
            raise SourceError(
                "FC202",
                f'source "{source.name}": {where} can\'t be read as CSV',
                notes=[first_line(error)],
            ) from error
        finally:
            cursor.close()

    def _cursor(self, query: Query) -> duckdb.DuckDBPyConnection:
        with self._lock:
            self._connection = self._connection or self._connect()
            cursor = self._connection.cursor()
        for name, table in query.tables.items():
            cursor.register(name, table)
        return cursor

    def _connect(self) -> duckdb.DuckDBPyConnection:
        spill = tempfile.mkdtemp(prefix="featurectl-")
        self._finalizer = weakref.finalize(self, shutil.rmtree, spill, ignore_errors=True)
        settings: dict[str, str | bool | int | float | list[str]] = {
            **{name: value for name, value in self._settings.items() if value is not None},
            "temp_directory": spill,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "enable_external_file_cache": False,  # a file may be written again between two queries
            "preserve_insertion_order": False,  # what must be ordered says ORDER BY
            # Else all pairs are compared where few labels are *expected*, which DuckDB 1.5 does for
            # any number of them [328,521 labels on six views: 256 s against 7 s].
            "asof_loop_join_threshold": 0,
            # Rows that were sorted with it come back with 0.0 for -0.0.
            "disabled_optimizers": "top_n_window_elimination",
        }
        connection = duckdb.connect(":memory:", config=settings)
        connection.execute("SET GLOBAL TimeZone = 'UTC'").fetchall()
        return connection


def _interruptible(cursor: duckdb.DuckDBPyConnection, work: Callable[[], _T]) -> _T:
    # The engine looks for signals now and then, and sometimes never again [Ctrl-C: 1 in 4 ignored].
    # Waiting for a thread is ended by a signal; again and again, because where Polars is loaded its
    # handler lets a wait go on.
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work)
        try:
            while not wait([done], timeout=_SIGNALS_SECONDS).done:
                continue
            return done.result()
        except BaseException:
            cursor.interrupt()
            raise


def _batches(
    cursor: duckdb.DuckDBPyConnection, reader: pa.RecordBatchReader
) -> Iterator[pa.RecordBatch]:
    try:
        yield from reader
    except (duckdb.Error, pa.ArrowException, OSError, RuntimeError) as error:
        raise _engine_error(error) from error
    finally:
        reader.close()
        cursor.close()


def _engine_error(error: Exception) -> BaseException:
    """What to raise in its stead: an error of the source, or the signal that ended the query.

    DuckDB swallows what the handler of a signal raises, such as KeyboardInterrupt, and says only
    that it was interrupted.
    """
    if "Query interrupted" in str(error):
        return KeyboardInterrupt()
    if type(error) is RuntimeError:
        return error
    if own := _OWN_ERROR.search(str(error)):
        return SourceError(own[1], own[2].strip())
    help_ = []
    if "out of memory" in str(error).lower():
        help_ = ["raise memory_limit under offline: in featurectl.yaml, or lower threads"]
    return SourceError("FC206", f"the engine failed: {first_line(error)}", help=help_)
