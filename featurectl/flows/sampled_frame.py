"""Some rows of an entity frame, the same ones each time, to try things out quickly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from featurectl.errors import RequestError
from featurectl.flows.stable_hash import ordinal_hashes
from featurectl.flows.take_rows import take_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from featurectl.offline.frame import Frame


def sampled_frame(frame: Frame, rows: int | None, counted: str) -> Frame:
    """``rows`` rows of the frame in its order, chosen by a hash of their numbers from 0.

    Which ones depends on the number of all rows alone, and a smaller sample is part of a larger
    one. Without ``rows``, or with as many as there are, it is the frame itself. ``counted`` is the
    column that is read to count the rows.

    Raises:
        RequestError: FC337 fewer than one row.
    """
    if rows is None:
        return frame
    if rows < 1:
        raise RequestError("FC337", f"a sample of {rows} rows is none", help=["give 1 or more"])
    whole = frame.select([counted]).num_rows
    if rows >= whole:
        return frame
    chosen = np.argpartition(ordinal_hashes(whole), rows - 1)[:rows]
    return SampledFrame(frame, np.sort(chosen), whole)


class SampledFrame:
    """The rows of a frame at some places; all of its rows are read, and the others dropped."""

    def __init__(self, frame: Frame, places: npt.NDArray[np.int64], whole: int) -> None:
        self.label = frame.label
        self.whole = whole
        self._frame = frame
        self._places = places

    @property
    def schema(self) -> pa.Schema:
        """The frame's columns and types."""
        return self._frame.schema

    def typed(self, types: Mapping[str, str]) -> Frame:
        """The same rows with types."""
        return SampledFrame(self._frame.typed(types), self._places, self.whole)

    def as_text(self) -> Frame:
        """The same rows as text; itself where there is no other."""
        texts = self._frame.as_text()
        return self if texts is self._frame else SampledFrame(texts, self._places, self.whole)

    def select(self, columns: Sequence[str]) -> pa.Table:
        """Some columns of the rows."""
        found = self._frame.select(columns)
        return pa.Table.from_batches(self._some(found.to_batches()), found.schema)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, batch by batch."""
        yield from self._some(self._frame.batches())

    def _some(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        first = 0
        for batch in batches:
            start, end = np.searchsorted(self._places, [first, first + batch.num_rows])
            if start < end:
                yield take_rows(batch, self._places[start:end] - first)
            first += batch.num_rows
