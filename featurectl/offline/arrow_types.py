"""Which declared type an Arrow type is, and which Arrow type a declared type has in a result."""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa

from featurectl.definitions.types import MAX_PRECISION, UNTYPED, DataType, parse_type

_TO_ARROW = {
    "bool": pa.bool_(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "string": pa.string(),
    "bytes": pa.binary(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
}

# Narrower types are named after the next wider one of ours, which holds all of their values.
_NAMES = {
    pa.null(): UNTYPED,
    pa.bool_(): "bool",
    pa.int8(): "int32",
    pa.int16(): "int32",
    pa.int32(): "int32",
    pa.uint8(): "int32",
    pa.uint16(): "int32",
    pa.uint32(): "int64",
    pa.int64(): "int64",
    pa.float16(): "float32",
    pa.float32(): "float32",
    pa.float64(): "float64",
    pa.string(): "string",
    pa.large_string(): "string",
    pa.string_view(): "string",
    pa.binary(): "bytes",
    pa.large_binary(): "bytes",
    pa.binary_view(): "bytes",
    pa.date32(): "date",
    pa.date64(): "date",
}


@lru_cache(maxsize=256)
def arrow_type(type_name: str) -> pa.DataType:
    """The Arrow type that values of a declared type have in every result."""
    return _arrow(parse_type(type_name))


def type_name_of(kind: pa.DataType) -> str:
    """The declared type that holds all values of an Arrow type, else the type in angle brackets.

    >>> type_name_of(pa.dictionary(pa.int8(), pa.string())), type_name_of(pa.duration("us"))
    ('string', '<duration[us]>')
    """
    if pa.types.is_dictionary(kind):
        return type_name_of(kind.value_type)
    if kind in _NAMES:
        return _NAMES[kind]
    if pa.types.is_decimal(kind) and kind.precision <= MAX_PRECISION and kind.scale >= 0:
        return f"decimal({kind.precision},{kind.scale})"
    return _name_of_family(kind) or f"<{kind}>"


def _name_of_family(kind: pa.DataType) -> str | None:
    if pa.types.is_timestamp(kind):
        return "timestamp"
    if pa.types.is_fixed_size_binary(kind):
        return "bytes"
    if not _is_list(kind):
        return None
    element = type_name_of(kind.value_type)
    return None if element.startswith(("<", "list")) else f"list<{element}>"


def _arrow(kind: DataType) -> pa.DataType:
    if kind.base == "decimal":
        return pa.decimal128(kind.precision, kind.scale)
    return pa.list_(_arrow(kind.element)) if kind.element else _TO_ARROW[kind.base]


def _is_list(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )
