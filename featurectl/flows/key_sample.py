"""Some of the keys that a run has written, evenly spread over all of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

SIZE = 1_000


@dataclass
class KeySample:
    """Up to ``SIZE`` of the keys that were added, as columns ``k0``, ``k1`` … and ``e``.

    Every n-th key, whatever their number: it holds no more than twice as many at any time.
    """

    _parts: list[pa.RecordBatch] = field(default_factory=list)
    _held: int = 0
    _seen: int = 0
    _stride: int = 1

    def add(self, batch: pa.RecordBatch) -> None:
        """Take every n-th row of a batch with the columns of ``queries/latest.py``."""
        places = range(-self._seen % self._stride, batch.num_rows, self._stride)
        self._seen += batch.num_rows
        if not places:
            return
        # A view without entity has no key: its one row is counted by its time.
        names = [name for name in batch.schema.names if name[0] == "k"]
        some = batch.select([*names, "e"]).take(pa.array(places, pa.int64()))
        self._parts.append(some)
        self._held += some.num_rows
        while self._held > 2 * SIZE:
            self._thin()

    def keys(self, most: int = SIZE) -> pa.RecordBatch | None:
        """The keys, up to ``most`` of them; None where none were added."""
        if not self._parts:
            return None
        found = _joined(self._parts)
        if found.num_rows <= most:
            return found
        places = [i * found.num_rows // most for i in range(most)]
        return found.take(pa.array(places, pa.int64()))

    def _thin(self) -> None:
        """Keep every second one, from now on too."""
        found = _joined(self._parts)
        kept = found.take(pa.array(range(0, found.num_rows, 2), pa.int64()))
        self._parts, self._held = [kept], kept.num_rows
        self._stride *= 2


def _joined(parts: list[pa.RecordBatch]) -> pa.RecordBatch:
    (whole,) = pa.Table.from_batches(parts).combine_chunks().to_batches()
    return whole
