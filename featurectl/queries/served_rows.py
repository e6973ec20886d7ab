"""The rows that readers were sent to, and of them those that were served, with their features.

A *packed* time is event and created time in one number of 128 bits, so that one number orders both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.queries.expression import cast, column, join, named, number, table
from featurectl.queries.order import content_names, newest_first
from featurectl.queries.relation import EventRange, relation
from featurectl.queries.steps import Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.queries.relation import SourcedView
    from featurectl.queries.steps import Steps

_HIGH = 1 << 64


@dataclass(frozen=True)
class ServedRows:
    """The rows of a view by one definition of it.

    Args:
        sourced: the view and source of then.
        features: the features of then that are read.
        places: of each feature of the request, its place among those; None where it has none.
        last_us: rows after it play no part.
    """

    sourced: SourcedView
    features: Sequence[str]
    places: Sequence[int | None]
    last_us: int | None

    @property
    def is_static(self) -> bool:
        """Whether the rows hold at all times."""
        return self.sourced.source.is_static

    @property
    def columns(self) -> list[str]:
        """All features of the view as ``f0 f1 …``: those that are read first, then the others."""
        names = content_names(self.sourced.view)
        return [*self.features, *(name for name in names if name not in self.features)]

    @property
    def key_names(self) -> list[str]:
        """The internal names of the join keys; a view without entity has one constant key."""
        return [f"k{i}" for i in range(len(self.sourced.join_keys))] or ["k0"]


def pack(event: exp.Expr, created: exp.Expr) -> exp.Expr:
    """Event and created time as one number that orders as (event, created).

    The engine hashes such a number as the exclusive or of its halves: equal halves, the usual case
    of no created time, would all share one hash [330k labels, CPU: 22 s against 2.8 s]. Hence the
    one that is added.
    """
    high = exp.Mul(this=cast(event, "HUGEINT"), expression=number(_HIGH))
    low = exp.Add(this=created, expression=number(1))
    return exp.Add(this=high, expression=low)


def source_rows(rows: ServedRows) -> exp.Select:
    """All rows: keys, ``e``, ``c``, ``hc``, features as ``rows.columns``, packed time ``k``."""
    found = relation(rows.sourced, rows.columns, EventRange(None, rows.last_us))
    packed = cast(number(0), "HUGEINT") if rows.is_static else pack(column("e"), column("c"))
    wanted = [] if rows.sourced.join_keys else [named(number(0), "k0")]
    selected = exp.select(*wanted, "*", named(packed, "k"), copy=False)
    return selected.from_(found.subquery("r", copy=False), copy=False)


def row_steps(rows: ServedRows, name: str) -> Steps:
    """The steps that end in ``{name}_rows``: keys, ``k``, ``e``, ``c``, ``f0 …``, ``n``.

    They are the rows of ``{name}_source`` that ``{name}_match`` names by keys and ``k``. ``n`` is
    how many were equal in these; where it is more than one, the content of all the view's features
    decides. They are read for those rows alone, so that a source without such rows is not read
    again.
    """
    return {
        f"{name}_found": Step(_found(rows, name)),
        f"{name}_tied": Step(_tied(rows, name)),
        f"{name}_rows": Step(_rows(rows, name), materialized=False),
    }


def _identity(rows: ServedRows) -> list[str]:
    return [*rows.key_names, "k"]


def _columns(rows: ServedRows) -> list[exp.Expr]:
    features = (f"f{i}" for i in range(len(rows.features)))
    return [column(name) for name in (*_identity(rows), "e", "c", *features)]


def _found(rows: ServedRows, name: str) -> exp.Select:
    found = exp.select(*_columns(rows), copy=False).from_(table(f"{name}_source"))
    return found.join(join(f"{name}_match", "SEMI", _identity(rows)), copy=False)


def _tied(rows: ServedRows, name: str) -> exp.Select:
    names = [column(part) for part in _identity(rows)]
    count = exp.Count(this=exp.Star())
    several = exp.GT(this=count.copy(), expression=number(1))
    tied = exp.select(*names, named(count, "n"), copy=False).from_(table(f"{name}_found"))
    tied = tied.group_by(*[part.copy() for part in names], copy=False)
    return tied.having(several, copy=False)


def _rows(rows: ServedRows, name: str) -> exp.Select:
    alone = exp.select(*_columns(rows), named(number(1), "n"), copy=False)
    alone = alone.from_(table(f"{name}_found"))
    alone = alone.join(join(f"{name}_tied", "ANTI", _identity(rows)), copy=False)
    both = exp.union(alone, _decided(rows, name), distinct=False, copy=False)
    return exp.select("*").from_(both.subquery("u", copy=False), copy=False)


def _decided(rows: ServedRows, name: str) -> exp.Select:
    place = exp.Window(
        this=exp.RowNumber(),
        partition_by=[column(part) for part in _identity(rows)],
        order=exp.Order(expressions=newest_first(rows.sourced.view, rows.columns)),
    )
    decided = exp.select(*_columns(rows), column("n"), copy=False)
    decided = decided.from_(table(f"{name}_source"), copy=False)
    decided = decided.join(join(f"{name}_tied", "", _identity(rows)), copy=False)
    first = exp.EQ(this=place, expression=number(1))
    decided.set("qualify", exp.Qualify(this=first))
    return decided
