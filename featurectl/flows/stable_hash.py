"""Hashes of typed values that are the same on every machine, in every process and batch.

The hash of a value has 64 bits. Integers, booleans, dates (days since 1970) and times (microseconds
since 1970) are mixed as numbers of 64 bits; floats by their bits, -0.0 as 0.0 and NaN as null;
texts, bytes and decimals by the first eight bytes, little-endian, of the BLAKE2b digest of 8 bytes
of their UTF-8, their content, or their shortest notation without exponent. Null has a hash of its
own. Mixing is SplitMix64's: add 0x9e3779b97f4a7c15, then two rounds of shift, xor and multiply.

The hash of a row begins as the mixed seed; for each of its columns the value's hash is put into it
by exclusive or, and the result mixed. A split takes the columns in the order of their names, and
the upper 53 bits of the hash as a number from 0 to 1, which lies within the share of one part.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from featurectl.offline.key_column import event_times

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Hashes = npt.NDArray[np.uint64]

_TEXTS = (
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.binary(),
    pa.large_binary(),
    pa.binary_view(),
)
_NULL = 0x6E756C6C6E756C6C
_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_WORD = (1 << 64) - 1


def mixed(values: Hashes) -> Hashes:
    """Each number, spread over all 64 bits (SplitMix64)."""
    found = values + np.uint64(_STEP)
    found = (found ^ (found >> np.uint64(30))) * np.uint64(_FIRST)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(_SECOND)
    last: Hashes = found ^ (found >> np.uint64(31))
    return last


def has_hash(kind: pa.DataType) -> bool:
    """Whether values of the type have a hash here."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    tests = (
        pa.types.is_null,
        pa.types.is_integer,
        pa.types.is_boolean,
        pa.types.is_date,
        pa.types.is_timestamp,
        pa.types.is_floating,
        pa.types.is_decimal,
        pa.types.is_fixed_size_binary,
    )
    return kind in _TEXTS or any(bool(test(kind)) for test in tests)


def row_hashes(columns: Sequence[pa.ChunkedArray], rows: int, seed: int = 0) -> Hashes:
    """One hash per row over the columns in their order; ``seed`` (its last 64 bits) changes all.

    Raises:
        TypeError: a column of a type that :func:`has_hash` denies.
    """
    found = mixed(np.full(rows, seed & _WORD, dtype=np.uint64))
    for column in columns:
        found = mixed(found ^ _column_hashes(column))
    return found


def ordinal_hashes(rows: int, seed: int = 0) -> Hashes:
    """One hash per row by its number, from 0 on."""
    start = mixed(np.full(1, seed & _WORD, dtype=np.uint64))
    return mixed(start ^ mixed(np.arange(rows, dtype=np.uint64)))


def _column_hashes(column: pa.ChunkedArray) -> Hashes:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_null(column.type):
        return np.full(len(column), _NULL, dtype=np.uint64)
    numbers = _as_numbers(column)
    if numbers is None:
        return _digests(column)
    return _of_numbers(numbers)


def _as_numbers(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    kind = column.type
    if pa.types.is_integer(kind):
        return column.cast(pa.int64(), safe=False)
    if pa.types.is_boolean(kind):
        return column.cast(pa.int8()).cast(pa.int64())
    if pa.types.is_date(kind):
        return column.cast(pa.date32()).cast(pa.int32()).cast(pa.int64())
    if pa.types.is_timestamp(kind):
        return event_times(column, "the column")
    if pa.types.is_floating(kind):
        return _bits(column.cast(pa.float64()))
    return None


def _bits(column: pa.ChunkedArray) -> pa.ChunkedArray:
    known = pc.if_else(pc.is_nan(column), pa.scalar(None, pa.float64()), column)
    values = known.fill_null(0.0).to_numpy() + 0.0  # -0.0 + 0.0 is 0.0
    nulls = known.is_null().to_numpy()
    return pa.chunked_array([pa.array(values.view(np.int64), mask=nulls)])


def _of_numbers(numbers: pa.ChunkedArray) -> Hashes:
    values = numbers.fill_null(0).to_numpy().astype(np.int64, copy=False).view(np.uint64)
    found = mixed(values)
    if numbers.null_count:
        found[numbers.is_null().to_numpy()] = _NULL
    return found


def _digests(column: pa.ChunkedArray) -> Hashes:
    encoded = column.dictionary_encode().unify_dictionaries()
    if not encoded.num_chunks:
        return np.zeros(0, dtype=np.uint64)
    words = [_digest(value) for value in encoded.chunk(0).dictionary.to_pylist()]
    known = np.array([*words, _NULL], dtype=np.uint64)
    places = [chunk.indices.fill_null(len(words)).to_numpy() for chunk in encoded.chunks]
    found: Hashes = known[np.concatenate(places)]
    return found


def _digest(value: Any) -> int:
    if value is None:
        return _NULL
    if isinstance(value, str):
        content = value.encode()
    elif isinstance(value, bytes):
        content = value
    elif hasattr(value, "as_tuple"):
        content = f"{value.normalize():f}".encode()
    else:
        raise TypeError(f"a {type(value).__name__} has no stable hash")
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "little")
