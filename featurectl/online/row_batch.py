"""Packs Arrow batches into rows, columns at a time; the format is that of ``online/codec.py``."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from featurectl.definitions.arrow_type import arrow_type
from featurectl.definitions.types import parse_type
from featurectl.online.codec import HAS_CREATED, STATIC, VERSION, bitmap_size
from featurectl.online.wire import NULLS_IN_LIST, wire

if TYPE_CHECKING:
    from featurectl.definitions.binding import Layout

_DTYPES = {"?": "u1", "i": "<i4", "q": "<i8", "f": "<f4", "d": "<f8"}
_EMPTY = pa.scalar(b"", pa.large_binary())


def pack(batch: pa.RecordBatch, layout: Layout, *, is_static: bool = False) -> pa.LargeBinaryArray:
    """The packed rows as one array: offsets and one buffer, ready for a socket.

    The batch is as :func:`featurectl.online.codec.encode` takes it.
    """
    columns = _columns(batch, layout)
    table = np.zeros(batch.num_rows, _row_dtype(layout))
    table["layout"] = layout.id
    table["version"] = VERSION
    if is_static:
        table["flags"] = STATIC
    else:
        table["flags"] = _fixed(batch.column("hc").cast(pa.uint8()), "?") * HAS_CREATED
        table["event"] = _fixed(batch.column("e"), "q")
        table["created"] = _fixed(batch.column("c"), "q")
    if any(column.null_count for column in columns):
        table["nulls"] = np.packbits(
            np.stack([_nulls(column) for column in columns], axis=1), axis=1, bitorder="little"
        )
    variable = []
    for i, (column, (_, type_name)) in enumerate(zip(columns, layout.columns, strict=True)):
        kind = wire(type_name)
        if kind.code:
            table[f"f{i}"] = _fixed(column, kind.code)
        else:
            variable.append(_variable(column, type_name))
    if not variable:
        return _equal_slices(table)
    table["ends"] = np.cumsum(np.stack([_lengths(part) for part in variable], axis=1), axis=1)
    return _join([_equal_slices(table), *variable])


def split(array: pa.LargeBinaryArray) -> list[bytes]:
    """Each value of an array without nulls as ``bytes``."""
    data = array.buffers()[2]
    if not len(array) or data is None:
        return [b""] * len(array)
    offsets = _offsets(array)
    body = data.slice(offsets[0], offsets[-1] - offsets[0]).to_pybytes()
    ends = (offsets - offsets[0]).tolist()
    return [body[a:b] for a, b in pairwise(ends)]


def _columns(batch: pa.RecordBatch, layout: Layout) -> list[pa.Array]:
    """The layout's columns in its order and types; one without a name is all null."""
    found = []
    named = 0
    for name, type_name in layout.columns:
        target = arrow_type(type_name)
        if not name:
            found.append(pa.nulls(batch.num_rows, target))
            continue
        column = batch.column(f"f{named}")
        found.append(column if column.type == target else column.cast(target))
        named += 1
    return found


def _row_dtype(layout: Layout) -> np.dtype[Any]:
    kinds = [wire(type_name) for _, type_name in layout.columns]
    fields: list[tuple[Any, ...]] = [
        ("layout", "<u2"),
        ("flags", "u1"),
        ("version", "u1"),
        ("event", "<i8"),
        ("created", "<i8"),
        ("nulls", "u1", (bitmap_size(len(kinds)),)),
    ]
    for i, kind in enumerate(kinds):
        if kind.code == "16s":
            fields.append((f"f{i}", "<u8", (2,)))
        elif kind.code:
            fields.append((f"f{i}", _DTYPES[kind.code]))
    variable = sum(not kind.code for kind in kinds)
    if variable:
        fields.append(("ends", "<u4", (variable,)))
    return np.dtype(fields)


def _nulls(column: pa.Array) -> np.ndarray[Any, Any]:
    return np.asarray(column.is_null().to_numpy(zero_copy_only=False))


def _fixed(column: pa.Array, code: str) -> np.ndarray[Any, Any]:
    """The values as they are held, from Arrow's own buffer: bits are not touched; nulls are 0."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    is_decimal = pa.types.is_decimal(column.type)
    size = 2 if is_decimal else 1
    dtype = np.dtype("<u8" if is_decimal else _DTYPES[code])
    data = column.buffers()[1]
    if data is None:
        return np.zeros((len(column), 2) if code == "16s" else len(column), dtype)
    at = column.offset * size * dtype.itemsize
    values = np.frombuffer(data, dtype, len(column) * size, at)
    if is_decimal:
        values = values.reshape(-1, 2)
        if code == "q":
            values = values[:, 0].view("<i8")  # a short decimal is its low half
    if column.null_count:
        values = values.copy()
        values[_nulls(column)] = 0
    return values


def _variable(column: pa.Array, type_name: str) -> pa.LargeBinaryArray:
    """The bytes of each value of a variable-width type; none where it is null."""
    element = parse_type(type_name).element
    packed = _lists(column, str(element)) if element else column.cast(pa.large_binary())
    return pc.if_else(column.is_null(), _EMPTY, packed) if column.null_count else packed


def _lists(column: pa.ListArray, type_name: str) -> pa.LargeBinaryArray:
    """The bytes of each list; whatever where it is null."""
    bounds = column.offsets.to_numpy().astype(np.int64)
    elements = column.values.slice(bounds[0], bounds[-1] - bounds[0])
    bounds -= bounds[0]
    head = np.diff(bounds).astype("<u4")
    flags = []
    if elements.null_count:
        nulls = _nulls(elements).astype("u1")
        running = np.concatenate([[0], np.cumsum(nulls, dtype=np.int64)])
        with_nulls = np.diff(running[bounds]) > 0
        head[with_nulls] |= np.uint32(NULLS_IN_LIST)
        flags = [pc.if_else(pa.array(with_nulls), _ragged(nulls, bounds), _EMPTY)]
    return _join([_equal_slices(head), *flags, *_elements(elements, type_name, bounds)])


def _elements(
    elements: pa.Array, type_name: str, bounds: np.ndarray[Any, Any]
) -> list[pa.LargeBinaryArray]:
    kind = wire(type_name)
    if kind.code:
        values = np.ascontiguousarray(_fixed(elements, kind.code))
        return [_ragged(values, bounds * kind.width)]
    packed = _variable(elements, type_name)
    offsets = _offsets(packed)
    firsts = np.repeat(offsets[bounds[:-1]], np.diff(bounds))
    ends = (offsets[1:] - firsts).astype("<u4")
    data = packed.buffers()[2] or pa.py_buffer(b"")
    return [_ragged(ends, bounds * 4), _binary(offsets[bounds], data)]


def _join(parts: list[pa.LargeBinaryArray]) -> pa.LargeBinaryArray:
    return pc.binary_join_element_wise(*parts, _EMPTY)


def _offsets(array: pa.LargeBinaryArray) -> np.ndarray[Any, Any]:
    """Start of each value and the end of the last, in the data buffer."""
    if not len(array):
        return np.zeros(1, np.int64)
    return np.frombuffer(array.buffers()[1], np.int64, len(array) + 1, array.offset * 8)


def _lengths(array: pa.LargeBinaryArray) -> np.ndarray[Any, Any]:
    return np.diff(_offsets(array))


def _equal_slices(table: np.ndarray[Any, Any]) -> pa.LargeBinaryArray:
    """Each item of a table as one value."""
    return _ragged(table, np.arange(len(table) + 1, dtype=np.int64) * table.itemsize)


def _ragged(table: np.ndarray[Any, Any], offsets: np.ndarray[Any, Any]) -> pa.LargeBinaryArray:
    """The table's bytes, cut at the offsets."""
    return _binary(offsets, pa.py_buffer(table.tobytes()))


def _binary(offsets: np.ndarray[Any, Any], data: pa.Buffer) -> pa.LargeBinaryArray:
    buffers = [None, pa.py_buffer(np.ascontiguousarray(offsets, np.int64)), data]
    return pa.Array.from_buffers(pa.large_binary(), len(offsets) - 1, buffers)
