"""The rows that won, with their features: one row per (keys, packed time)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.queries.expression import column, join, named, number, table
from featurectl.queries.match import Step
from featurectl.queries.order import newest_first

if TYPE_CHECKING:
    from featurectl.queries.match import Steps, ViewJoin


def winner_steps(use: ViewJoin, name: str) -> Steps:
    """The steps that end in ``{name}_rows``: keys, ``k``, ``e``, ``c``, ``f0 …``, ``n``.

    ``n`` is how many rows were equal in keys and times; where it is more than one, the content of
    all the view's features decides. They are read for those rows alone, so that a source without
    such rows is not read again.
    """
    return {
        f"{name}_found": Step(_found(use, name)),
        f"{name}_tied": Step(_tied(use, name)),
        f"{name}_rows": Step(_rows(use, name), materialized=False),
    }


def _identity(use: ViewJoin) -> list[str]:
    return [*use.key_names, "k"]


def _columns(use: ViewJoin) -> list[exp.Expr]:
    features = (f"f{i}" for i in range(len(use.features)))
    return [column(name) for name in (*_identity(use), "e", "c", *features)]


def _found(use: ViewJoin, name: str) -> exp.Select:
    found = exp.select(*_columns(use), copy=False).from_(table(f"{name}_source"))
    return found.join(join(f"{name}_match", "SEMI", _identity(use)), copy=False)


def _tied(use: ViewJoin, name: str) -> exp.Select:
    names = [column(part) for part in _identity(use)]
    count = exp.Count(this=exp.Star())
    several = exp.GT(this=count.copy(), expression=number(1))
    tied = exp.select(*names, named(count, "n"), copy=False).from_(table(f"{name}_found"))
    tied = tied.group_by(*[part.copy() for part in names], copy=False)
    return tied.having(several, copy=False)


def _rows(use: ViewJoin, name: str) -> exp.Select:
    alone = exp.select(*_columns(use), named(number(1), "n"), copy=False)
    alone = alone.from_(table(f"{name}_found"))
    alone = alone.join(join(f"{name}_tied", "ANTI", _identity(use)), copy=False)
    both = exp.union(alone, _decided(use, name), distinct=False, copy=False)
    return exp.select("*").from_(both.subquery("u", copy=False), copy=False)


def _decided(use: ViewJoin, name: str) -> exp.Select:
    place = exp.Window(
        this=exp.RowNumber(),
        partition_by=[column(part) for part in _identity(use)],
        order=exp.Order(expressions=newest_first(use.sourced.view, use.columns)),
    )
    decided = exp.select(*_columns(use), column("n"), copy=False)
    decided = decided.from_(table(f"{name}_source"), copy=False)
    decided = decided.join(join(f"{name}_tied", "", _identity(use)), copy=False)
    first = exp.EQ(this=place, expression=number(1))
    decided.set("qualify", exp.Qualify(this=first))
    return decided
