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

# What a source says of a column that has no type of the grammar; any other word stands in angle
# brackets too and fits nothing.
TEXT = "<text>"  # of a CSV file or a hive folder: read by the type that is declared of it
UNTYPED = "<null>"  # no file gives it a type, and every value is null
TIME_COLUMNS = ("timestamp", "date", "string", TEXT, UNTYPED)  # what an event time can be read from

_SPACED_DECIMAL = r"decimal *\( *[0-9]{1,2} *, *[0-9]{1,2} *\)"
_ELEMENT = "|".join([*SCALARS, _SPACED_DECIMAL])
TYPE_PATTERN = rf"^ *({_ELEMENT}|list *< *({_ELEMENT}) *>) *$"  # for JSON Schema

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


def widens(old: str, new: str) -> bool:
    """Whether a declared type holds every value of another one, as the same kind of value.

    A date that becomes a timestamp is none: what reads it gets a time where it had a day.

    >>> widens("int32", "int64"), widens("decimal(5,2)", "decimal(9,3)"), widens("int64", "int32")
    (True, True, False)
    >>> widens("date", "timestamp")
    False
    """
    was, now = parse_type(old), parse_type(new)
    return was != now and (was.element or was).base != "date" and fits(was, now)


def column_fits(column: str, declared: str) -> bool:
    """Whether a source's column can be declared as that type; ``column`` as a source names it.

    >>> column_fits("int32", "int64"), column_fits("<text>", "int64"), column_fits("<MAP>", "bytes")
    (True, True, False)
    """
    if column in (TEXT, UNTYPED, declared):
        return True
    return not column.startswith("<") and fits(parse_type(column), parse_type(declared))


def spoken(column: str) -> str:
    """The type of a source's column as a message says it.

    >>> spoken("<STRUCT(a INTEGER)>"), spoken("list<int64>")
    ('STRUCT(a INTEGER)', 'list<int64>')
    """
    return column[1:-1] if column.startswith("<") else column
