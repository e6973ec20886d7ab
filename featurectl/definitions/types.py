"""The types of features and join keys: their names, and which values fit which type.

The grammar is ``bool int32 int64 float32 float64 string bytes date timestamp decimal(p,s)
list<T>``, where ``T`` is any of the others but ``list``. Timestamps are UTC with microseconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

SCALARS = ("bool", "int32", "int64", "float32", "float64", "string", "bytes", "date", "timestamp")
JOIN_KEY_TYPES = ("int32", "int64", "string", "bytes", "bool", "date")
MAX_PRECISION = 38

_DECIMAL = re.compile(r"decimal\((\d{1,2}),(\d{1,2})\)")
_LIST = re.compile(r"list<(.+)>")

# From -> to, where every value of the first converts to the second without loss (and is a wider
# type).
_WIDER = {
    ("int32", "int64"),
    ("int32", "float64"),
    ("float32", "float64"),
    ("date", "timestamp"),
}


@dataclass(frozen=True)
class DataType:
    """A parsed type: ``base`` is a scalar's name, ``decimal`` or ``list``."""

    base: str
    precision: int = 0
    scale: int = 0
    element: DataType | None = None

    def __str__(self) -> str:
        if self.base == "decimal":
            return f"decimal({self.precision},{self.scale})"
        return f"list<{self.element}>" if self.base == "list" else self.base


@lru_cache(maxsize=1024)
def parse_type(text: str) -> DataType:
    """The type that ``text`` names; white space plays no part.

    >>> parse_type("decimal( 10, 2 )")
    DataType(base='decimal', precision=10, scale=2, element=None)

    Raises:
        ValueError: not a type of the grammar; the message lists the types.
    """
    name = "".join(text.split())
    if name in SCALARS:
        return DataType(name)
    if match := _DECIMAL.fullmatch(name):
        precision, scale = int(match[1]), int(match[2])
        if not 1 <= precision <= MAX_PRECISION or scale > precision:
            raise ValueError(
                f"{name}: the precision is 1 to {MAX_PRECISION}, the scale at most that"
            )
        return DataType("decimal", precision, scale)
    if (match := _LIST.fullmatch(name)) and not match[1].startswith("list"):
        return DataType("list", element=parse_type(match[1]))
    raise ValueError(f'"{text}" is not a type; types: {", ".join(SCALARS)}, decimal(p,s), list<T>')


def fits(column: DataType, declared: DataType) -> bool:
    """Whether every value of ``column`` converts to ``declared`` without loss.

    >>> fits(parse_type("int32"), parse_type("int64"))
    True
    >>> fits(parse_type("float64"), parse_type("int64"))
    False
    """
    if column == declared or (column.base, declared.base) in _WIDER:
        return True
    if column.base == declared.base == "decimal":
        whole = declared.precision - declared.scale
        return column.scale <= declared.scale and column.precision - column.scale <= whole
    if column.base == declared.base == "list" and column.element and declared.element:
        return fits(column.element, declared.element)
    return False
