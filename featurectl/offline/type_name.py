"""Which declared type the columns of an Arrow type can have."""

from __future__ import annotations

import pyarrow as pa

from featurectl.definitions.types import MAX_PRECISION, UNTYPED

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


def _is_list(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )
