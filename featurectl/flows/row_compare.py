"""Two streams of rows in one order, compared value by value: which columns differ, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from featurectl.offline.column_hash import plain_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


@dataclass(frozen=True)
class ColumnDifference:
    """A column that differs: in how many rows, and the first of them (counted from 1)."""

    name: str
    rows: int
    first_row: int

    def document(self) -> dict[str, Any]:
        """The JSON form."""
        return {"column": self.name, "rows": self.rows, "first_row": self.first_row}


def differing_columns(
    names: Sequence[str], ours: Iterable[pa.RecordBatch], theirs: Iterable[pa.RecordBatch]
) -> list[ColumnDifference]:
    """The columns in which rows of the same place differ; what one side has more is left out.

    Values are equal as the digest takes them: nulls, and any two NaNs, are equal; -0.0 is not 0.0.
    Memory: two batches at a time.
    """
    found: dict[str, tuple[int, int]] = {}
    at = 0
    for one, other in _aligned(ours, theirs):
        for name in names:
            differ = _differ(one.column(name), other.column(name))
            if differ.any():
                count, first = found.get(name, (0, at + int(differ.argmax()) + 1))
                found[name] = count + int(differ.sum()), first
        at += one.num_rows
    return [ColumnDifference(name, *found[name]) for name in names if name in found]


def _aligned(
    ours: Iterable[pa.RecordBatch], theirs: Iterable[pa.RecordBatch]
) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
    left, right = _filled(ours), _filled(theirs)
    one, other = next(left, None), next(right, None)
    while one is not None and other is not None:
        rows = min(one.num_rows, other.num_rows)
        yield one.slice(0, rows), other.slice(0, rows)
        one = one.slice(rows) if one.num_rows > rows else next(left, None)
        other = other.slice(rows) if other.num_rows > rows else next(right, None)


def _filled(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    return (batch for batch in batches if batch.num_rows)


def _differ(one: pa.Array, other: pa.Array) -> np.ndarray[Any, Any]:
    """Which rows differ, by a flag each."""
    one, other = plain_values(one), plain_values(other)
    kind = one.type
    if kind != other.type or pa.types.is_nested(kind) or pa.types.is_null(kind):
        pairs = zip(one.to_pylist(), other.to_pylist(), strict=True)
        return np.fromiter((repr(a) != repr(b) for a, b in pairs), bool, len(one))
    there = _flags(one.is_valid())
    unlike = pc.not_equal(_bits(one), _bits(other)).fill_null(False)
    differ: np.ndarray[Any, Any] = (there != _flags(other.is_valid())) | _flags(unlike)
    return differ


def _bits(values: pa.Array) -> pa.Array:
    """Floats as their bits, with one NaN; other values as they are."""
    if not pa.types.is_floating(values.type):
        return values
    there = values.is_valid()
    numbers = values.fill_null(0.0).to_numpy(zero_copy_only=False)
    same = np.where(np.isnan(numbers), np.array(np.nan, numbers.dtype), numbers)
    bits = pa.array(same.view(f"i{same.itemsize}"))
    return pc.if_else(there, bits, None)


def _flags(values: pa.Array) -> np.ndarray[Any, Any]:
    flags: np.ndarray[Any, Any] = values.to_numpy(zero_copy_only=False)
    return flags
