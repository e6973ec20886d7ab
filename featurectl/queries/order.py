"""Which of several rows of one entity wins: the one order that join and materialization share.

The greatest event time, then the greatest created time, then the content: the view's features, all
of them, by name. Null is lowest, NaN highest, -0.0 below 0.0, texts and bytes go bytewise, lists
element by element. File order, threads and batches play no part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.definitions.types import DataType, parse_type
from featurectl.queries.expression import call, cast, column, not_null, number, transform

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from featurectl.definitions.view import FeatureView

_FLOATS = ("float32", "float64")


def content_names(view: FeatureView) -> list[str]:
    """The features whose values decide between rows of equal times, in their order."""
    return sorted(view.features)


def newest_first(view: FeatureView, features: Sequence[str]) -> list[exp.Ordered]:
    """``ORDER BY`` terms over a relation of ``features``: the first row is the winner.

    ``features`` are all of the view's, in the order in which the relation has them as ``f0 f1 …``.
    """
    names = {name: f"f{i}" for i, name in enumerate(features)}
    kinds = {names[name]: view.features[name].type for name in content_names(view)}
    return [greatest_first(column("e")), greatest_first(column("c")), *content_order(kinds)]


def content_order(kinds: Mapping[str, str]) -> list[exp.Ordered]:
    """``ORDER BY`` terms by content, greatest first: columns and their types, in their order.

    Rows equal in all of these are one and the same value, with or without a created time: the last
    term, over ``hc``, makes even that no matter of chance.
    """
    found = [term for name, kind in kinds.items() for term in _terms(name, parse_type(kind))]
    return [*found, greatest_first(column("hc"))]


def greatest_first(value: exp.Expr) -> exp.Ordered:
    """One term: descending, nulls last."""
    return exp.Ordered(this=value, desc=True, nulls_first=False)


def _terms(name: str, kind: DataType) -> list[exp.Ordered]:
    value = column(name)
    if kind.element:
        return [greatest_first(_comparable(value, kind.element))]
    if kind.base in _FLOATS:
        # Not the column itself: DuckDB 1.5 gives back what it has sorted by, and there -0.0 is 0.0.
        size = exp.Add(this=value, expression=cast(number(0), "DOUBLE"))
        return [greatest_first(size), greatest_first(_positive(value.copy()))]
    return [greatest_first(value)]


def _comparable(value: exp.Expr, element: DataType) -> exp.Expr:
    # Inside of a list the engine puts nulls highest and holds -0.0 for 0.0.
    item = column("item")
    parts = {"a": not_null(item), "b": item.copy()}
    if element.base in _FLOATS:
        parts["c"] = _positive(item.copy())
    struct = exp.Struct(
        expressions=[
            exp.PropertyEQ(this=exp.to_identifier(part), expression=expression)
            for part, expression in parts.items()
        ]
    )
    return transform(value, struct)


def _positive(value: exp.Expr) -> exp.Expr:
    return exp.Not(this=call("signbit", value))
