"""The Arrow type that values of a declared type have: in results, and on their way to a store."""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa

from featurectl.definitions.types import DataType, parse_type

_TYPES = {
    "bool": pa.bool_(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "string": pa.string(),
    "bytes": pa.binary(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


@lru_cache(maxsize=1024)
def arrow_type(type_name: str) -> pa.DataType:
    """The Arrow type of a type name such as ``list<decimal(10,2)>``."""
    return _arrow_type(parse_type(type_name))


def _arrow_type(kind: DataType) -> pa.DataType:
    if kind.base == "decimal":
        return pa.decimal128(kind.precision, kind.scale)
    return pa.list_(_arrow_type(kind.element)) if kind.element else _TYPES[kind.base]
