"""Values of rows that an engine gave, one by one: as Python has them, and compared bit for bit."""

from __future__ import annotations

import math
import struct
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from featurectl.definitions.instant import to_datetime
from featurectl.definitions.types import DataType, parse_type

if TYPE_CHECKING:
    from collections.abc import Sequence

_NUMBERS = {"timestamp": pa.int64(), "date": pa.int32()}
_DAY_ZERO = date(1970, 1, 1)


def exact_values(column: pa.ChunkedArray, type_name: str) -> list[Any]:
    """The values of a column, equal where they are the same bit for bit; any NaN is any other.

    Times and dates are whole numbers, since an engine knows more of them than Python does.
    """
    kind = parse_type(type_name)
    number = _NUMBERS.get((kind.element or kind).base)
    if number is not None:
        column = column.cast(pa.list_(number) if kind.element else number)
    return [_exact(value, kind) for value in column.to_pylist()]


def python_value(exact: Any, type_name: str) -> Any:
    """The Python value of one that :func:`exact_values` gave; the nearest that Python has."""
    return _python(exact, parse_type(type_name))


def differing(names: Sequence[str], one: Sequence[Any], other: Sequence[Any]) -> str | None:
    """The first of the names whose values differ; None where the rows are the same."""
    pairs = zip(names, one, other, strict=True)
    return next((name for name, left, right in pairs if left != right), None)


def _exact(value: Any, kind: DataType) -> Any:
    if value is None:
        return None
    if kind.element:
        return tuple(_exact(item, kind.element) for item in value)
    if kind.base in ("float32", "float64"):
        return b"nan" if math.isnan(value) else struct.pack("<d", value)
    return value


def _python(exact: Any, kind: DataType) -> Any:
    if exact is None:
        return None
    if kind.element:
        return [_python(item, kind.element) for item in exact]
    if kind.base in ("float32", "float64"):
        return math.nan if exact == b"nan" else struct.unpack("<d", exact)[0]
    if kind.base == "timestamp":
        return to_datetime(exact)
    return _date(exact) if kind.base == "date" else exact


def _date(days: int) -> date:
    try:
        return _DAY_ZERO + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min
