"""The few SQL expressions that all queries are made of, as sqlglot nodes.

Names are always quoted and values are always literals of the syntax tree, so that no name, path or
value can change what a query means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.definitions.types import DataType, parse_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DIALECT = "duckdb"

_SQL_TYPES = {
    "bool": "BOOLEAN",
    "int32": "INT",
    "int64": "BIGINT",
    "float32": "FLOAT",
    "float64": "DOUBLE",
    "string": "TEXT",
    "bytes": "BLOB",
    "date": "DATE",
    "timestamp": "TIMESTAMPTZ",
}

_NAMES = "BOOLEAN INT BIGINT HUGEINT TINYINT FLOAT DOUBLE TEXT BLOB DATE TIMESTAMP_NS TIMESTAMPTZ"
_PLAIN = {name: exp.DataType.build(name, dialect=DIALECT) for name in _NAMES.split()}


def column(name: str, table: str | None = None) -> exp.Column:
    """A column, of a table where that must be said."""
    return exp.column(name, table=table, quoted=True)


def text(value: str) -> exp.Literal:
    """A string literal."""
    return exp.Literal.string(value)


def number(value: int) -> exp.Expr:
    """An integer literal."""
    literal = exp.Literal.number(abs(value))
    return exp.Neg(this=literal) if value < 0 else literal


def call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """A call of a function of the engine, by the engine's own name for it."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def cast(value: exp.Expr, sql_type: str, *, safe: bool = False) -> exp.Expr:
    """The value as an SQL type; with ``safe``, null where it is no such value."""
    plain = _PLAIN.get(sql_type)
    # Made rather than parsed, which takes longer than all else of the expression.
    to = plain.copy() if plain else exp.DataType.build(sql_type, dialect=DIALECT)
    return exp.TryCast(this=value, to=to) if safe else exp.Cast(this=value, to=to)


def case(*branches: tuple[exp.Expr, exp.Expr], otherwise: exp.Expr) -> exp.Case:
    """``CASE WHEN … THEN … ELSE … END``."""
    ifs = [exp.If(this=when, true=then) for when, then in branches]
    return exp.Case(ifs=ifs, default=otherwise)


def transform(values: exp.Expr, element: exp.Expr) -> exp.Expr:
    """The list with each element replaced by ``element``, an expression over column ``item``."""
    item = exp.to_identifier("item", quoted=True)
    return call("list_transform", values, exp.Lambda(this=element, expressions=[item]))


def all_of(conditions: Iterable[exp.Expr]) -> exp.Expr:
    """The conditions joined by ``AND``; true where there are none."""
    return exp.and_(*conditions, copy=False) if (conditions := list(conditions)) else exp.true()


def is_null(value: exp.Expr) -> exp.Expr:
    """``value IS NULL``."""
    return exp.Is(this=value, expression=exp.null())


def not_null(value: exp.Expr) -> exp.Expr:
    """``value IS NOT NULL``."""
    return exp.Not(this=is_null(value))


def named(value: exp.Expr, name: str) -> exp.Alias:
    """``value AS "name"``."""
    return exp.Alias(this=value, alias=exp.to_identifier(name, quoted=True))


def table(name: str, alias: str | None = None) -> exp.Table:
    """A table, or a step of the query, by name."""
    return exp.table_(name, quoted=True, alias=alias)


def join(name: str, kind: str, using: Sequence[str]) -> exp.Join:
    """``kind JOIN "name" USING (…)``; ``kind`` is empty, ``LEFT``, ``SEMI`` or ``ANTI``."""
    side = {"side": kind} if kind == "LEFT" else {"kind": kind} if kind else {}
    columns = [exp.to_identifier(column_name, quoted=True) for column_name in using]
    return exp.Join(this=table(name), using=columns, **side)


def sql_type(type_name: str) -> str:
    """The SQL type of a declared type.

    >>> sql_type("list<decimal(10,2)>")
    'DECIMAL(10, 2)[]'
    """
    return _sql_type(parse_type(type_name))


def to_sql(query: exp.Expr) -> str:
    """The query's text in the engine's dialect; the query may be changed by it."""
    return query.sql(dialect=DIALECT, copy=False)


def _sql_type(kind: DataType) -> str:
    if kind.base == "decimal":
        return f"DECIMAL({kind.precision}, {kind.scale})"
    if kind.element:
        return f"{_sql_type(kind.element)}[]"
    return _SQL_TYPES[kind.base]
