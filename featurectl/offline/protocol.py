"""What an engine over the offline store can do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pyarrow as pa

    from featurectl.definitions.source import Source
    from featurectl.queries.extent import Extent


@dataclass(frozen=True)
class SourceFile:
    """A file of a source as it was found: what changes when it is written again."""

    path: str
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True)
class SourceState:
    """What a source is made of now.

    ``columns`` maps the source's own column names (hive partition columns included) to type names
    of ``definitions/types.py``; columns of CSV files and of hive folders are ``<text>``, read by
    the type that is declared of them; a column of another type maps to the engine's own word for it
    in angle brackets, such as ``<STRUCT(a INTEGER)>``. ``column_fits`` there judges all of them.
    ``rows`` is None where counting would cost a scan. ``extents`` are those of ``files``, in their
    order, or none at all: for files without footers, and for a source without event times.
    ``complete`` are the columns that are known to have a value in every row; a time is finite.
    """

    files: tuple[SourceFile, ...]
    columns: Mapping[str, str]
    rows: int | None
    extents: tuple[Extent, ...] = field(default=(), compare=False)
    complete: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def digest(self) -> str:
        """A short text that differs when a file was added, removed or rewritten."""
        import hashlib  # noqa: PLC0415 - only when a digest is asked for

        files = sorted(self.files, key=lambda file: file.path)
        text = "\n".join(f"{f.path}\t{f.size_bytes}\t{f.mtime_ns}" for f in files)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Query:
    """A query in the engine's dialect, and the Arrow tables that it reads by name."""

    sql: str
    tables: Mapping[str, pa.Table] = field(default_factory=dict)


class OfflineEngine(Protocol):
    """Runs queries over the offline store.

    Laws: a query's result is a function of the data alone, never of file order, threads or batches.
    All times in and out are UTC. Nothing is read outside of the files of the sources asked for, and
    nothing is written but what ``export`` was told.
    """

    def schema(self, source: Source) -> SourceState:
        """The source's files, columns and rows, from metadata only (every Parquet footer is read).

        Raises:
            SourceError: FC201 no such file, FC202 a file that can't be read, FC203 files whose
                types for one column differ.
        """
        ...

    def fetch(self, query: Query) -> pa.RecordBatchReader:
        """The result as a stream of batches; memory stays bounded.

        Raises:
            SourceError: FC206 the engine failed, with its own words.
        """
        ...

    def export(self, query: Query, path: Path) -> int:
        """Write the result to a Parquet file, and return its number of rows."""
        ...

    def deliver(self, query: Query, sink: Callable[[pa.RecordBatch], None]) -> None:
        """Hand each batch of the result to ``sink``, which other engines may call elsewhere."""
        ...

    def interrupt(self) -> None:
        """End the queries that run now in other threads: they raise; later ones run."""
        ...

    def close(self) -> None:
        """Give memory, connections and temporary files back; a later call opens anew."""
        ...
