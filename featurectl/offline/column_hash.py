"""The digest of one column, whatever its type; see content_hash.py for the canonical form."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Callable

_is = pa.types


class _Values(Protocol):
    """Hashes values without nulls."""

    def update(self, values: pa.Array) -> None: ...

    def digest(self) -> bytes: ...


class ColumnHash:
    """Hashes the values of one column, or of what lies inside one."""

    def __init__(self, kind: pa.DataType) -> None:
        self._plain = _plain(kind)
        self._valid = _Bits()
        self._values = _hasher(self._plain)

    def update(self, values: pa.Array) -> None:
        """Take the next values."""
        values = _as_plain(values, self._plain)
        if values.null_count:
            self._valid.update(_flags(values.is_valid()))
            values = values.drop_null()
        else:
            self._valid.update(np.ones(len(values), dtype=np.uint8))
        self._values.update(values)

    def digest(self) -> bytes:
        """The digest of what was taken so far."""
        return hashlib.sha256(self._valid.digest() + self._values.digest()).digest()


def canonical_type(kind: pa.DataType) -> str:
    """The name of a type, the same for all layouts of one type.

    >>> canonical_type(pa.large_list(pa.dictionary(pa.int32(), pa.large_string())))
    'list<string>'
    """
    plain = _plain(kind)
    if _is.is_list(plain):
        return f"list<{canonical_type(plain.value_type)}>"
    if _is.is_struct(plain):
        fields = ", ".join(f"{field.name}: {canonical_type(field.type)}" for field in plain)
        return f"struct<{fields}>"
    return str(plain)


def plain_values(values: pa.Array) -> pa.Array:
    """The values in the layout of their canonical type."""
    return _as_plain(values, _plain(values.type))


def _plain(kind: pa.DataType) -> pa.DataType:
    """The type whose layout is hashed: one of several that hold the same values."""
    if isinstance(kind, pa.BaseExtensionType):
        return _plain(kind.storage_type)
    if _is.is_dictionary(kind) or _is.is_run_end_encoded(kind):
        return _plain(kind.value_type)
    if _is_nested(kind):
        return _plain_nested(kind)
    if _is.is_timestamp(kind) and kind.unit == "s":
        return pa.timestamp("ms", kind.tz)
    return next((plain for belongs, plain in _PLAIN if belongs(kind)), kind)


def _plain_nested(kind: pa.DataType) -> pa.DataType:
    if _is.is_struct(kind):
        return pa.struct([(field.name, _plain(field.type)) for field in kind])
    if _is.is_map(kind):
        pair = [("key", _plain(kind.key_type)), ("value", _plain(kind.item_type))]
        return pa.list_(pa.struct(pair))
    return pa.list_(_plain(kind.value_type))


_PLAIN: list[tuple[Callable[[pa.DataType], bool], pa.DataType]] = [
    (lambda kind: _is.is_large_string(kind) or _is.is_string_view(kind), pa.string()),
    (lambda kind: _is.is_large_binary(kind) or _is.is_binary_view(kind), pa.binary()),
    (_is.is_fixed_size_binary, pa.binary()),
    (_is.is_date64, pa.date32()),
    (lambda kind: kind == pa.time32("s"), pa.time32("ms")),
]


def _is_list(kind: pa.DataType) -> bool:
    views = any(getattr(_is, name, _never)(kind) for name in ("is_list_view", "is_large_list_view"))
    return views or _is.is_list(kind) or _is.is_large_list(kind) or _is.is_fixed_size_list(kind)


def _is_nested(kind: pa.DataType) -> bool:
    return _is_list(kind) or _is.is_map(kind) or _is.is_struct(kind)


def _never(_kind: pa.DataType) -> bool:
    return False


def _as_plain(values: pa.Array, plain: pa.DataType) -> pa.Array:
    """The same values in the layout that is hashed."""
    while values.type != plain:
        if isinstance(values, pa.ExtensionArray):
            values = values.storage
        elif _is.is_dictionary(values.type):
            values = values.dictionary_decode()
        elif _is.is_run_end_encoded(values.type):
            values = pc.run_end_decode(values)
        elif _is_nested(values.type):
            return _nested(values, plain)
        else:
            return _cast(values, plain)
    return values


def _cast(values: pa.Array, plain: pa.DataType) -> pa.Array:
    if _is.is_timestamp(plain):  # a count of seconds that milliseconds can't hold wraps around
        return pc.multiply(values.cast(pa.int64()), 1000).cast(plain)
    try:
        return values.cast(plain)
    except pa.ArrowNotImplementedError:
        return pa.array(values.to_pylist(), plain)


def _nested(values: pa.Array, plain: pa.DataType) -> pa.Array:
    """Lists and structs whose parts are of another layout, or lists of another kind."""
    valid = values.is_valid()
    if _is.is_struct(plain):
        parts = [
            _as_plain(part, field.type) for part, field in zip(values.flatten(), plain, strict=True)
        ]
        return pa.StructArray.from_arrays(parts, fields=list(plain), mask=pc.invert(valid))
    if _is.is_map(values.type):
        kind = pa.struct([("key", values.type.key_type), ("value", values.type.item_type)])
        values = pa.array(
            [value and [{"key": k, "value": v} for k, v in value] for value in values.to_pylist()],
            pa.list_(kind),
        )
    lengths = pc.fill_null(pc.list_value_length(values), 0).cast(pa.int64())
    ends = np.concatenate([[0], np.cumsum(lengths.to_numpy(zero_copy_only=False))])
    inside = _as_plain(values.drop_null().flatten(), plain.value_type)
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), inside, mask=pc.invert(valid))


def _flags(values: pa.BooleanArray) -> np.ndarray[Any, Any]:
    flags: np.ndarray[Any, Any] = values.to_numpy(zero_copy_only=False)
    return flags.view(np.uint8)


def _hasher(plain: pa.DataType) -> _Values:
    if _is.is_boolean(plain):
        return _Booleans()
    if _is.is_floating(plain):
        return _Floats()
    if _is.is_string(plain) or _is.is_binary(plain):
        return _Texts()
    if _is.is_list(plain):
        return _Lists(plain)
    if _is.is_struct(plain):
        return _Structs(plain)
    return _Nothing() if _is.is_null(plain) else _Fixed()


class _Bits:
    """Flags, eight to a byte, whatever pieces they come in; lowest bit first."""

    def __init__(self) -> None:
        self._sha = hashlib.sha256()
        self._left = np.zeros(0, dtype=np.uint8)

    def update(self, flags: np.ndarray[Any, Any]) -> None:
        if len(self._left):
            flags = np.concatenate([self._left, flags])
        whole = len(flags) - len(flags) % 8
        self._sha.update(np.packbits(flags[:whole], bitorder="little").data)
        self._left = flags[whole:].copy()

    def digest(self) -> bytes:
        found = self._sha.copy()
        found.update(np.packbits(self._left, bitorder="little").tobytes())
        found.update(len(self._left).to_bytes(1, "little"))
        return found.digest()


class _Booleans:
    def __init__(self) -> None:
        self._bits = _Bits()

    def update(self, values: pa.Array) -> None:
        self._bits.update(_flags(values))

    def digest(self) -> bytes:
        return self._bits.digest()


class _Fixed:
    """Values of one width, as their buffer has them: little-endian wherever Arrow runs."""

    def __init__(self) -> None:
        self._sha = hashlib.sha256()

    def update(self, values: pa.Array) -> None:
        width = values.type.bit_width // 8
        data = memoryview(values.buffers()[1] or b"").cast("B")
        self._sha.update(data[values.offset * width : (values.offset + len(values)) * width])

    def digest(self) -> bytes:
        return self._sha.digest()


class _Floats:
    def __init__(self) -> None:
        self._sha = hashlib.sha256()

    def update(self, values: pa.Array) -> None:
        numbers = values.to_numpy(zero_copy_only=False)
        not_numbers = np.isnan(numbers)
        if not_numbers.any():
            numbers = np.where(not_numbers, np.array(np.nan, numbers.dtype), numbers)
        self._sha.update(np.ascontiguousarray(numbers).data)

    def digest(self) -> bytes:
        return self._sha.digest()


class _Texts:
    """Lengths, and the bytes of all texts end to end."""

    def __init__(self) -> None:
        self._lengths, self._sha = hashlib.sha256(), hashlib.sha256()

    def update(self, values: pa.Array) -> None:
        if not len(values):
            return
        _, offsets, data = values.buffers()
        ends = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1]
        self._lengths.update(np.diff(ends.astype(np.int64)).data)
        if data is not None:
            self._sha.update(memoryview(data)[ends[0] : ends[-1]])

    def digest(self) -> bytes:
        return self._lengths.digest() + self._sha.digest()


class _Lists:
    def __init__(self, plain: pa.DataType) -> None:
        self._lengths, self._inside = hashlib.sha256(), ColumnHash(plain.value_type)

    def update(self, values: pa.Array) -> None:
        lengths = pc.list_value_length(values).cast(pa.int64())
        self._lengths.update(lengths.to_numpy(zero_copy_only=False).data)
        self._inside.update(values.flatten())

    def digest(self) -> bytes:
        return self._lengths.digest() + self._inside.digest()


class _Structs:
    def __init__(self, plain: pa.DataType) -> None:
        self._fields = [ColumnHash(field.type) for field in plain]

    def update(self, values: pa.Array) -> None:
        for field, part in zip(self._fields, values.flatten(), strict=True):
            field.update(part)

    def digest(self) -> bytes:
        return b"".join(field.digest() for field in self._fields)


class _Nothing:
    """A column that has nulls only."""

    def update(self, values: pa.Array) -> None: ...

    def digest(self) -> bytes:
        return b""
