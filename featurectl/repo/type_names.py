"""Types by the names that other systems give them."""

from __future__ import annotations

from featurectl.definitions.types import SCALARS
from featurectl.errors import did_you_mean

_OTHER_NAMES = {
    "int64": ("int", "integer", "bigint", "long", "uint32"),
    "int32": ("int8", "int16", "smallint", "tinyint", "short"),
    "float64": ("float", "double", "real", "number", "double precision"),
    "float32": ("half", "float16"),
    "string": ("str", "text", "varchar", "char", "utf8"),
    "bool": ("boolean", "bit"),
    "bytes": ("binary", "blob", "bytea", "varbinary"),
    "timestamp": ("datetime", "timestamptz", "time", "timestamp_ns", "instant"),
    "decimal(p,s)": ("decimal", "numeric"),
    "list<T>": ("list", "array"),
}
_MEANT = {other: name for name, others in _OTHER_NAMES.items() for other in others}


def type_meant(text: object) -> str:
    """``did you mean "float64"?`` for a name that is no type, or an empty string.

    >>> type_meant("double")
    'did you mean "float64"?'
    """
    if not isinstance(text, str):
        return ""
    word = text.strip().lower()
    if word in SCALARS or word in _MEANT:
        return f'did you mean "{_MEANT.get(word, word)}"?'
    return did_you_mean(word, SCALARS)


def is_cut(text: str) -> bool:
    """Whether YAML has cut a type at its comma: ``{type: decimal(10,2)}`` without quotes.

    >>> is_cut("decimal(10")
    True
    """
    return "(" in text and ")" not in text
