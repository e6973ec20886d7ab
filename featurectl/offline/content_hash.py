"""The digest of rows: equal for equal content, however it is cut into batches, encoded or stored.

Each column has its own SHA-256 over a canonical form, fed batch by batch: which rows have a value,
one bit each; then, of those that have one, the values end to end, little-endian, or for texts,
bytes and lists their lengths (64 bits each) and then their content. So no row group, chunk,
offset or dictionary takes part, and what lies under a null does not either.

``-0.0`` is not ``0.0``; every NaN is the same NaN, since text formats keep no other. Types count,
but not how Arrow lays them out: a dictionary, large, view or run-end-encoded type is its plain one,
a second is a thousand milliseconds (as Parquet stores it), and a date is days.

The digest of all: the SHA-256 of a line for the rows and one per column, in order, with its name,
its type and its own digest, each as JSON.
"""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from featurectl.offline.column_hash import ColumnHash, canonical_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa
    from typing_extensions import Self


class HashedColumn(NamedTuple):
    """A column's name, canonical type, and digest."""

    name: str
    type: str
    sha256: str


class ContentHash:
    """Hashes the columns of a stream of batches."""

    def __init__(self, schema: pa.Schema) -> None:
        self.rows = 0
        self._schema = schema
        self._columns = [ColumnHash(field.type) for field in schema]

    def update(self, batch: pa.RecordBatch) -> None:
        """Take the next rows."""
        self.rows += batch.num_rows
        for column, values in zip(self._columns, batch.columns, strict=True):
            column.update(values)

    def columns(self) -> list[HashedColumn]:
        """The digest of each column so far."""
        return [
            HashedColumn(field.name, canonical_type(field.type), column.digest().hex())
            for field, column in zip(self._schema, self._columns, strict=True)
        ]


def content_sha256(rows: int, columns: Sequence[HashedColumn]) -> str:
    """The digest of all columns, in their order."""
    lines = [json.dumps({"rows": rows})]
    lines += [json.dumps(list(column)) for column in columns]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def hash_batches(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> ContentHash:
    """The hash of all batches."""
    found = ContentHash(schema)
    for batch in batches:
        found.update(batch)
    return found


class BackgroundHash:
    """Hashes batches in a thread of its own, one behind: hashing runs beside joining and writing.

    At most two batches wait for it. Use it as a context manager, which ends the thread.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self._hash = ContentHash(schema)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="featurectl-hash")
        self._last: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def update(self, batch: pa.RecordBatch) -> None:
        """Take the next rows; waits for those before them."""
        if self._last:
            self._last.result()
        self._last = self._pool.submit(self._hash.update, batch)

    def finish(self) -> ContentHash:
        """The hash of all batches, once the last one is hashed."""
        if self._last:
            self._last.result()
        return self._hash

    def passed(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches as they come, each hashed on its way."""
        for batch in batches:
            self.update(batch)
            yield batch
