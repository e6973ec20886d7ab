"""Writes Arrow batches of newest rows into a generation, and counts what became of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from featurectl.flows.key_sample import KeySample
from featurectl.online.codec import encode
from featurectl.online.keys import encode_keys
from featurectl.online.protocol import Rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    import pyarrow as pa
    from typing_extensions import Self

    from featurectl.definitions.binding import Generation
    from featurectl.online.protocol import OnlineStore, PutCount

ROWS_PER_PUT = 5_000


@dataclass
class Counts:
    """What was read and written so far.

    ``rows`` of the source were read, ``late`` of them late, for ``keys`` entities; ``ties`` of
    these had several newest rows. The store took ``written`` of the keys (it has newer rows of the
    others), ``created`` of these were not in it before. ``feature_nulls`` counts the nulls of each
    feature, in the layout's order; ``sample`` has some of the keys.
    """

    rows: int = 0
    late: int = 0
    keys: int = 0
    ties: int = 0
    values: int = 0
    written: int = 0
    created: int = 0
    newest_us: int | None = None
    feature_nulls: list[int] = field(default_factory=list)
    sample: KeySample = field(default_factory=KeySample)

    @property
    def nulls(self) -> int:
        """Of all features together."""
        return sum(self.feature_nulls)


class StoreWriter:
    """A sink for batches with the columns of ``queries/latest.py``; all is written after its block.

    While the store takes some rows, the next ones are packed [a third less time with Redis].
    ``before_put`` is called before every put, and may raise to stop the run; ``after_put`` with the
    counts so far.
    """

    def __init__(
        self,
        store: OnlineStore,
        project: str,
        generation: Generation,
        *,
        is_static: bool,
        expires_at_ms: int | None,
        before_put: Callable[[], None],
        after_put: Callable[[Counts], None],
    ) -> None:
        self._store = store
        self._project = project
        self._generation = generation
        self._is_static = is_static
        self._expires_at_ms = expires_at_ms
        self._before_put = before_put
        self._after_put = after_put
        self._counts = Counts()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="put")
        self._under_way: tuple[Future[PutCount], pa.RecordBatch] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._thread.shutdown()

    def __call__(self, batch: pa.RecordBatch) -> None:
        """Write the batch's rows, a few thousand at a time."""
        for start in range(0, batch.num_rows, ROWS_PER_PUT):
            self._put(batch.slice(start, ROWS_PER_PUT))

    def finish(self) -> Counts:
        """What was written, once the last rows are in the store."""
        self._settle()
        return self._counts

    def _put(self, batch: pa.RecordBatch) -> None:
        generation = self._generation
        keys = encode_keys(batch, self._project, generation.id, generation.join_keys)
        values = encode(batch, generation.layout, is_static=self._is_static)
        rows = Rows(keys, values, self._expires_at_ms)
        self._settle()
        self._before_put()
        self._under_way = (self._thread.submit(self._store.put, rows), batch)

    def _settle(self) -> None:
        """Wait for the put that is under way, and count it."""
        if self._under_way is None:
            return
        (put, batch), self._under_way = self._under_way, None
        self._count(put.result(), batch)
        self._after_put(self._counts)

    def _count(self, put: PutCount, batch: pa.RecordBatch) -> None:
        counts = self._counts
        counts.written += put.written
        counts.created += put.created
        counts.sample.add(batch)
        features = [name for name in batch.schema.names if name[0] == "f"]
        counts.keys += batch.num_rows
        counts.rows += pc.sum(batch.column("n")).as_py()
        counts.late += pc.sum(batch.column("l")).as_py()
        counts.ties += pc.sum(pc.greater(batch.column("t"), 1)).as_py()
        nulls = [batch.column(name).null_count for name in features]
        before = counts.feature_nulls or [0] * len(features)
        counts.feature_nulls = [a + b for a, b in zip(before, nulls, strict=True)]
        counts.values += batch.num_rows * len(features)
        newest_us = pc.max(batch.column("e")).as_py()
        if newest_us is not None and (counts.newest_us is None or newest_us > counts.newest_us):
            counts.newest_us = newest_us
