"""How one value of each type is held in a packed row: its width, and what its bytes mean.

Fixed-width types are little-endian: ``bool`` one byte, ``date`` days since 1970 in four,
``timestamp`` microseconds since 1970 in eight, decimals their unscaled integer in two's complement
(eight bytes up to 18 digits, sixteen above). ``string`` is UTF-8, ``bytes`` are themselves.

A list is a ``u32`` count, its top bit set when elements are null; then a byte for each element (1:
null) only where some are; then the elements of a fixed width, or ``u32`` end offsets and the bytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from featurectl.definitions.instant import to_datetime
from featurectl.definitions.types import DataType, parse_type

if TYPE_CHECKING:
    from collections.abc import Callable

_SHORT_DECIMAL_DIGITS = 18  # what fits eight bytes
NULLS_IN_LIST = 1 << 31

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_COUNT = struct.Struct("<I")
_CODES = {
    "bool": "?",
    "int32": "i",
    "int64": "q",
    "float32": "f",
    "float64": "d",
    "date": "i",
    "timestamp": "q",
}


@dataclass(frozen=True)
class Wire:
    """How a value of one type is held.

    ``code`` is its ``struct`` format, empty for a variable width. ``read`` makes Python's own value
    of what ``struct`` gives, or of the bytes of a variable width; None where it is that already.
    """

    code: str
    read: Callable[[Any], Any] | None = None

    @property
    def width(self) -> int:
        """Its bytes; 0 where they vary."""
        return struct.calcsize("<" + self.code)


@lru_cache(maxsize=1024)
def wire(type_name: str) -> Wire:
    """How a value of that type is held."""
    return _wire(parse_type(type_name))


def _wire(kind: DataType) -> Wire:
    if kind.base == "decimal":
        return _decimal_wire(kind)
    if kind.element:
        return Wire("", _list_reader(_wire(kind.element)))
    if kind.base == "string":
        return Wire("", _read_string)
    return Wire(_CODES.get(kind.base, ""), _READERS.get(kind.base))


def _decimal_wire(kind: DataType) -> Wire:
    exponent = f"E-{kind.scale}"

    def read_unscaled(number: int) -> Decimal:
        return Decimal(f"{number}{exponent}")  # exact, whatever the context's precision is

    def read_bytes(value: bytes) -> Decimal:
        return read_unscaled(int.from_bytes(value, "little", signed=True))

    short = kind.precision <= _SHORT_DECIMAL_DIGITS
    return Wire("q", read_unscaled) if short else Wire("16s", read_bytes)


def _read_string(value: bytes) -> str:
    return str(value, "utf-8")


def _read_date(days: int) -> date:
    """The date, or the nearest that Python has: engines know years after 9999, and infinity."""
    try:
        return date.fromordinal(days + _EPOCH_DAY)
    except (ValueError, OverflowError):
        return date.max if days > 0 else date.min


_READERS: dict[str, Callable[[Any], Any]] = {"date": _read_date, "timestamp": to_datetime}


def _list_reader(element: Wire) -> Callable[[bytes], list[Any]]:
    read_values = _fixed_values(element) if element.code else _variable_values(element)

    def read_list(value: bytes) -> list[Any]:
        (head,) = _COUNT.unpack_from(value)
        count = head & ~NULLS_IN_LIST
        if head == count:
            return read_values(value, _COUNT.size, count)
        nulls = value[_COUNT.size : _COUNT.size + count]
        values = read_values(value, _COUNT.size + count, count)
        return [None if null else item for null, item in zip(nulls, values, strict=True)]

    return read_list


def _fixed_values(element: Wire) -> Callable[[bytes, int, int], list[Any]]:
    one = struct.Struct("<" + element.code)
    read = element.read

    def values(value: bytes, start: int, count: int) -> list[Any]:
        if len(element.code) == 1:
            found = list(struct.unpack_from(f"<{count}{element.code}", value, start))
        else:
            found = [one.unpack_from(value, start + i * one.size)[0] for i in range(count)]
        return [read(item) for item in found] if read else found

    return values


def _variable_values(element: Wire) -> Callable[[bytes, int, int], list[Any]]:
    read = element.read

    def values(value: bytes, start: int, count: int) -> list[Any]:
        ends = struct.unpack_from(f"<{count}I", value, start)
        body = value[start + 4 * count :]
        found = [body[a:b] for a, b in pairwise((0, *ends))]
        return [read(item) for item in found] if read else found

    return values
