"""Columns of an entity frame as the engine gets them: join keys of one type, times as numbers."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from featurectl.definitions.arrow_type import arrow_type
from featurectl.definitions.instant import parse_instant
from featurectl.definitions.value import INT_BITS, INTEGER, parse_value
from featurectl.errors import RequestError
from featurectl.offline.text_column import plain_instants, plain_integers

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_DIGITS = 20  # of a text that may be within 64 bits, its sign included
# What engines write for an infinite time or date, and the number below, which some hold for null.
_INFINITE = pa.array([(1 << 63) - 1, -(1 << 63) + 1, -(1 << 63)], pa.int64())
_INFINITE_DAYS = pa.array([(1 << 31) - 1, -(1 << 31) + 1, -(1 << 31)], pa.int32())
_MICROSECONDS = {"s": 1_000_000, "ms": 1_000, "us": 1}


def key_values(column: pa.ChunkedArray, type_name: str, origin: str) -> pa.ChunkedArray:
    """A frame's column as a join key of that type; what can be no such key becomes null.

    Texts are read as integers where they are written as integers are; other conversions are
    refused, so that keys are never compared by chance. ``origin`` names the column in an error.

    Raises:
        RequestError: FC307 a column of another type, FC311 a text that is no value of the type.
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_null(column.type):
        return column.cast(arrow_type(type_name))
    if _is_text(column.type) and type_name != "string":
        return _of_text(column, type_name, origin)
    if not _fits(column.type, type_name):
        raise _wrong_type(column.type, type_name, origin)
    if pa.types.is_integer(column.type):
        return _within(column, arrow_type(type_name))
    return column.cast(arrow_type(type_name))


def event_times(column: pa.ChunkedArray, origin: str) -> pa.ChunkedArray:
    """A frame's event timestamps as microseconds since 1970, int64.

    Null stays null, and an infinite time becomes it: no value is of that time.

    Raises:
        RequestError: FC307 no timestamps, dates or texts, FC318 a text that is no time,
            or a time that microseconds since 1970 can't hold.
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_null(column.type):
        return column.cast(pa.int64())
    if pa.types.is_date(column.type):
        return _of_dates(column, origin)
    if pa.types.is_timestamp(column.type):
        return _of_timestamps(column, origin)
    if _is_text(column.type):
        plain = plain_instants(column)
        if plain is not None:
            return plain
        return _each_distinct(column, lambda text: _instant(text, origin), pa.int64())
    raise RequestError(
        "FC307",
        f"{origin} is {column.type}, not a time",
        help=["timestamps of any unit and zone, dates, and ISO 8601 texts are times"],
    )


def _fits(kind: pa.DataType, type_name: str) -> bool:
    checks: dict[str, Callable[[pa.DataType], bool]] = {
        "int32": pa.types.is_integer,
        "int64": pa.types.is_integer,
        "string": _is_text,
        "bytes": _is_binary,
        "bool": pa.types.is_boolean,
        "date": pa.types.is_date,
    }
    return checks[type_name](kind)


def _is_text(kind: pa.DataType) -> bool:
    return kind in (pa.string(), pa.large_string(), pa.string_view())


def _is_binary(kind: pa.DataType) -> bool:
    whole = kind in (pa.binary(), pa.large_binary(), pa.binary_view())
    return whole or bool(pa.types.is_fixed_size_binary(kind))


def _of_text(column: pa.ChunkedArray, type_name: str, origin: str) -> pa.ChunkedArray:
    if type_name == "bytes":
        return _each_distinct(column, lambda text: _bytes(text, origin), pa.binary())
    kind = arrow_type(type_name)
    if type_name in INT_BITS:
        plain = plain_integers(column)
        if plain is not None:
            return _within(plain, kind)
        return _each_distinct(column, lambda text: _integer(text, type_name, origin), kind)
    return _each_distinct(column, lambda text: _value(text, type_name, origin), kind)


def _integer(text: str, type_name: str, origin: str) -> int | None:
    if not INTEGER.fullmatch(text):
        raise RequestError("FC311", f"{origin}: {text!r} is not an {type_name}")
    if len(text) > _MOST_DIGITS:
        return None
    bits, number = INT_BITS[type_name], int(text)
    return number if -(1 << bits) <= number < 1 << bits else None


def _value(text: str, type_name: str, origin: str) -> Any:
    try:
        return parse_value(text, type_name)
    except ValueError as error:
        raise RequestError("FC311", f"{origin}: {error}") from error


def _bytes(text: str, origin: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise RequestError("FC311", f"{origin}: {text!r} is not base64") from error


def _instant(text: str, origin: str) -> int:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise RequestError("FC318", f"{origin}: {error}") from error


def _each_distinct(
    column: pa.ChunkedArray, parse: Callable[[str], Any], kind: pa.DataType
) -> pa.ChunkedArray:
    encoded = column.cast(pa.large_string()).dictionary_encode().unify_dictionaries()
    if not encoded.num_chunks:
        return pa.chunked_array([], kind)
    values = pa.array([parse(text) for text in encoded.chunk(0).dictionary.to_pylist()], kind)
    return pa.chunked_array([values.take(chunk.indices) for chunk in encoded.chunks], kind)


def _of_dates(column: pa.ChunkedArray, origin: str) -> pa.ChunkedArray:
    days = column.cast(pa.date32())
    finite = _without(days.cast(pa.int32()), _INFINITE_DAYS).cast(pa.date32())
    try:
        return finite.cast(pa.timestamp("us")).cast(pa.int64())
    except pa.ArrowInvalid as error:
        raise _beyond(origin) from error


def _of_timestamps(column: pa.ChunkedArray, origin: str) -> pa.ChunkedArray:
    unit = column.type.unit
    numbers = column.cast(pa.int64())
    if unit == "ns":
        return pa.chunked_array([_floored(chunk) for chunk in numbers.chunks], pa.int64())
    try:
        return pc.multiply_checked(_without(numbers, _INFINITE), _MICROSECONDS[unit])
    except pa.ArrowInvalid as error:
        raise _beyond(origin) from error


def _without(column: pa.ChunkedArray, values: pa.Array) -> pa.ChunkedArray:
    return pc.if_else(pc.is_in(column, values), pa.scalar(None, column.type), column)


def _beyond(origin: str) -> RequestError:
    return RequestError("FC318", f"{origin} has a time beyond all calendars")


def _floored(nanos: pa.Int64Array) -> pa.Array:
    values = np.floor_divide(nanos.fill_null(0).to_numpy(zero_copy_only=False), 1000)
    return pa.array(values, pa.int64(), mask=nanos.is_null().to_numpy(zero_copy_only=False))


def _within(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    # A number beyond the key's type is a key that nobody has.
    low, high = _limits(column.type)
    least, greatest = _limits(kind)
    if low >= least and high <= greatest:
        return column.cast(kind)
    known = pc.less_equal(column, pa.scalar(min(greatest, high), column.type))
    if low < least:
        above = pc.greater_equal(column, pa.scalar(least, column.type))
        known = pc.and_(known, above)
    return pc.if_else(known, column, pa.scalar(None, column.type)).cast(kind)


def _limits(kind: pa.DataType) -> tuple[int, int]:
    if pa.types.is_unsigned_integer(kind):
        return 0, (1 << kind.bit_width) - 1
    return -(1 << kind.bit_width - 1), (1 << kind.bit_width - 1) - 1


def _wrong_type(kind: pa.DataType, type_name: str, origin: str) -> RequestError:
    help_ = [f"cast it to {type_name}"]
    if pa.types.is_floating(kind) and type_name.startswith("int"):
        help_ = ['integers with nulls become floats in pandas: use the dtype "Int64" there']
    return RequestError("FC307", f"{origin} is {kind}, but the join key is {type_name}", help=help_)
