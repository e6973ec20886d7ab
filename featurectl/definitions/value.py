"""One value of a type: read from what a file or a caller wrote, and its JSON form and back.

JSON form: int64 as number, NaN and infinities as the strings ``NaN``, ``Infinity``, ``-Infinity``,
decimal as string, bytes as base64, dates and times as ISO 8601 (times with ``Z``).
"""

from __future__ import annotations

import base64
import math
import re
import struct
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Context, Decimal, Inexact, InvalidOperation, localcontext
from typing import Any

from featurectl.definitions.instant import format_instant, parse_instant, to_datetime
from featurectl.definitions.types import MAX_PRECISION, DataType, parse_type

INT_BITS = {"int32": 31, "int64": 63}
INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")  # how one is written as text
# The context at hand would round to 28 digits, fewer than a decimal may have.
_EXACT = Context(prec=2 * MAX_PRECISION, traps=[InvalidOperation, Inexact])
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_value(value: Any, type_name: str) -> Any:
    """The Python value of ``value`` as that type; text is accepted where it is unambiguous.

    Returns ``int``, ``float``, ``Decimal``, ``bool``, ``str``, ``bytes``, ``date``, an aware
    ``datetime``, or a list of these; None stays None.

    >>> parse_value("42", "int64")
    42

    Raises:
        ValueError: it is not a value of the type, or would lose something.
    """
    return None if value is None else _parse(value, parse_type(type_name))


def to_json(value: Any, type_name: str) -> Any:
    """The JSON form of a value that :func:`parse_value` has returned."""
    return None if value is None else _json(value, parse_type(type_name))


def _parse(value: Any, kind: DataType) -> Any:
    if kind.base == "list":
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise ValueError(f"{value!r} is not a list")
        element = str(kind.element)
        return [parse_value(item, element) for item in value]
    try:
        return _PARSERS[kind.base](value, kind)
    except (ValueError, TypeError, ArithmeticError):
        raise ValueError(f"{value!r} is not {_article(kind)}") from None


def _parse_int(value: Any, kind: DataType) -> int:
    if isinstance(value, str) and INTEGER.fullmatch(value):
        value = int(value)
    elif isinstance(value, bool) or not hasattr(value, "__index__"):
        raise ValueError
    number = int(value)
    limit = 1 << INT_BITS[kind.base]
    if not -limit <= number < limit:
        raise ValueError
    return number


def _parse_float(value: Any, kind: DataType) -> float:
    if isinstance(value, bool):
        raise ValueError  # noqa: TRY004 - one error for "not a value of the type"
    number = float(value)
    if kind.base == "float32" and math.isfinite(number):
        return float(struct.unpack("<f", struct.pack("<f", number))[0])
    return number


def _parse_bool(value: Any, _kind: DataType) -> bool:
    if value in ("true", "false"):
        return bool(value == "true")
    if not isinstance(value, bool) and type(value).__name__ != "bool":  # numpy's bool has that name
        raise ValueError
    return bool(value)


def _parse_decimal(value: Any, kind: DataType) -> Decimal:
    if isinstance(value, (bool, float)):
        raise ValueError  # noqa: TRY004 - one error for "not a value of the type"
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError
    with localcontext(_EXACT):
        found = number.quantize(Decimal(1).scaleb(-kind.scale))
    if found.adjusted() >= kind.precision - kind.scale and found:
        raise ValueError
    return found


def _parse_string(value: Any, _kind: DataType) -> str:
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 - one error for "not a value of the type"
    return value


def _parse_bytes(value: Any, _kind: DataType) -> bytes:
    if isinstance(value, str):
        return base64.b64decode(value, validate=True)
    return bytes(memoryview(value))


def _parse_date(value: Any, _kind: DataType) -> date:
    if isinstance(value, datetime):
        raise ValueError  # noqa: TRY004 - a time of day would be lost
    if isinstance(value, date):
        return value
    if not _DATE.fullmatch(value):
        raise ValueError  # later Pythons read other ISO forms too: 20240131, 2024-W05-3
    return date.fromisoformat(value)


def _parse_timestamp(value: Any, _kind: DataType) -> datetime:
    if not isinstance(value, (str, date)):
        raise ValueError  # noqa: TRY004 - a bare number has no unit
    return to_datetime(parse_instant(value))


_PARSERS = {
    "int32": _parse_int,
    "int64": _parse_int,
    "float32": _parse_float,
    "float64": _parse_float,
    "bool": _parse_bool,
    "decimal": _parse_decimal,
    "string": _parse_string,
    "bytes": _parse_bytes,
    "date": _parse_date,
    "timestamp": _parse_timestamp,
}


def _json(value: Any, kind: DataType) -> Any:
    if kind.base == "list":
        element = str(kind.element)
        return [to_json(item, element) for item in value]
    if kind.base in ("float32", "float64"):
        return _json_float(value)
    if kind.base == "decimal":
        return f"{value:f}"
    if kind.base == "bytes":
        return base64.b64encode(value).decode()
    if kind.base == "date":
        return value.isoformat()
    return format_instant(parse_instant(value)) if kind.base == "timestamp" else value


def _json_float(value: float) -> float | str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def _article(kind: DataType) -> str:
    name = str(kind)
    return f"an {name}" if name[0] == "i" else f"a {name}"
