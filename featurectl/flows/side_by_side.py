"""Streams of the same rows, put side by side without copying them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa

ORDINAL = "i"


def side_by_side(
    frame: Iterable[pa.RecordBatch], joined: Sequence[Iterable[pa.RecordBatch]]
) -> Iterator[list[pa.RecordBatch]]:
    """Pieces of equal length of the frame and of each result, cut where any of them has a cut.

    The results come with the ordinals of the frame's rows as they were when the engine got them.

    Raises:
        SourceError: FC207 the frame has another number of rows by now.
    """
    streams = [_Stream(frame), *map(_Stream, joined)]
    ordinal = 0
    while size := min(stream.available() for stream in streams):
        pieces = [stream.take(size) for stream in streams]
        for piece in pieces[1:]:
            if piece.column(ORDINAL)[0].as_py() != ordinal:
                raise RuntimeError("the engine returned rows out of order")
        yield pieces
        ordinal += size
    if any(stream.available() for stream in streams):
        raise SourceError("FC207", "the entity frame changed while it was read")


class _Stream:
    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._batches = iter(batches)
        self._batch: pa.RecordBatch | None = None
        self._done = 0

    def available(self) -> int:
        """How many rows can be taken at once; 0 at the end."""
        while self._batch is None or self._done == self._batch.num_rows:
            self._batch, self._done = next(self._batches, None), 0
            if self._batch is None:
                return 0
        return int(self._batch.num_rows) - self._done

    def take(self, size: int) -> pa.RecordBatch:
        """The next rows."""
        if self._batch is None:
            raise RuntimeError("rows are taken where some are available")
        piece = self._batch.slice(self._done, size)
        self._done += size
        return piece
