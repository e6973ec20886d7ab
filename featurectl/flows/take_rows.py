"""Some rows of a batch, whatever the types of its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    import numpy.typing as npt

_PLAIN = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}


def take_rows(batch: pa.RecordBatch, rows: npt.NDArray[np.int64]) -> pa.RecordBatch:
    """The rows of these numbers, ascending.

    Arrow takes no rows of views (which Polars gives for texts), of run-end-encoded columns, or of
    what holds such: these go by way of a plain type, or by slices.
    """
    if len(rows) == batch.num_rows:
        return batch
    return pa.RecordBatch.from_arrays(
        [_taken(column, rows) for column in batch.columns], schema=batch.schema
    )


def _taken(column: pa.Array, rows: npt.NDArray[np.int64]) -> pa.Array:
    plain = _PLAIN.get(column.type)
    if plain is not None:
        return column.cast(plain).take(pa.array(rows)).cast(column.type)
    try:
        return column.take(pa.array(rows))
    except pa.ArrowNotImplementedError:
        return _by_slices(column, rows)


def _by_slices(column: pa.Array, rows: npt.NDArray[np.int64]) -> pa.Array:
    if not len(rows):
        return column.slice(0, 0)
    starts = np.flatnonzero(np.diff(rows, prepend=rows[0] - 2) != 1)
    sizes = np.diff(starts, append=len(rows))
    pairs = zip(rows[starts].tolist(), sizes.tolist(), strict=True)
    return pa.concat_arrays([column.slice(start, size) for start, size in pairs])
