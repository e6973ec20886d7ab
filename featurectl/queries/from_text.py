"""Values of a CSV column or a hive folder: text, read strictly by the type that is declared of it.

A text that is no value of the type fails the query with FC204; nothing is rounded or cut. The rules
are those of ``definitions/value.py``.
"""

from __future__ import annotations

from sqlglot import exp

from featurectl.definitions.types import DataType, parse_type
from featurectl.queries.expression import (
    call,
    case,
    cast,
    column,
    is_null,
    sql_type,
    text,
    transform,
)
from featurectl.queries.instant import timestamp_of_text

_INTEGER = r"^-?(0|[1-9][0-9]*)$"
_FLOAT = r"^\s*[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|(?i:nan|inf|infinity))\s*$"
_DATE = r"^\d{4}-\d{2}-\d{2}$"
_PATTERNS = {"int32": _INTEGER, "int64": _INTEGER, "bool": r"^(?i:true|false)$", "date": _DATE}


def value_of_text(value: exp.Expr, type_name: str, origin: str) -> exp.Expr:
    """The value that a text column holds, as the declared type; ``origin`` is for the error."""
    return _value(value, parse_type(type_name), origin)


def _value(value: exp.Expr, kind: DataType, origin: str) -> exp.Expr:
    if kind.base == "string":
        return value
    if kind.base == "timestamp":
        return timestamp_of_text(value, origin)
    wrong = cast(_wrong(value, kind, origin), sql_type(str(kind)))
    if kind.element:
        return _list(value, kind.element, wrong, origin)
    if kind.base == "bytes":
        return call("from_base64", value)
    read = call("coalesce", cast(value.copy(), sql_type(str(kind)), safe=True), wrong.copy())
    return case(
        (is_null(value.copy()), cast(exp.null(), sql_type(str(kind)))),
        (call("regexp_matches", value.copy(), text(_pattern(kind))), read),
        otherwise=wrong,
    )


def _list(value: exp.Expr, element: DataType, wrong: exp.Expr, origin: str) -> exp.Expr:
    texts = cast(value.copy(), "TEXT[]", safe=True)
    read = transform(texts, _value(column("item"), element, origin))
    return case(
        (is_null(value.copy()), cast(exp.null(), f"{sql_type(str(element))}[]")),
        otherwise=call("coalesce", read, wrong),
    )


def _pattern(kind: DataType) -> str:
    if kind.base == "decimal":
        return rf"^\s*[+-]?\d+(\.\d{{0,{kind.scale}}}0*)?\s*$"
    return _PATTERNS.get(kind.base, _FLOAT)


def _wrong(value: exp.Expr, kind: DataType, origin: str) -> exp.Expr:
    message = exp.DPipe(
        this=exp.DPipe(this=text(f'FC204: {origin}: "'), expression=value.copy()),
        expression=text(f'" is not of type {kind}'),
    )
    return call("error", message)
