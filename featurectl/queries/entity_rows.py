"""Entity rows that are taken from the views themselves, where no entity frame is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.queries.expression import cast, column, named, number
from featurectl.queries.relation import EventRange, relation

if TYPE_CHECKING:
    from featurectl.queries.relation import SourcedView


# A view, and the place that each of its join keys has among the columns ``x0 x1 …`` of the result.
PlacedView = tuple["SourcedView", Sequence[int]]


def event_pairs(views: Sequence[PlacedView], events: EventRange) -> exp.Select:
    """One row per entity and event time in the range: the union of the views' pairs, in order.

    All views place the same number of keys; none is static, because that has no event times. The
    result has ``x0 x1 …`` and ``t``.
    """
    return _distinct([_rows(view, column("e"), events) for view in views], len(views[0][1]))


def entities_at(views: Sequence[PlacedView], at_us: int) -> exp.Select:
    """One row per entity that has a row at or before ``at_us`` in any of the views, in order."""
    until = EventRange(None, at_us)
    time = cast(number(at_us), "BIGINT")  # a small number is of a narrower type
    return _distinct([_rows(view, time.copy(), until) for view in views], len(views[0][1]))


def _rows(placed: PlacedView, time: exp.Expr, events: EventRange) -> exp.Select:
    view, places = placed
    rows = relation(view, (), events).subquery("r", copy=False)
    keys = [named(column(f"k{key}"), f"x{place}") for key, place in enumerate(places)]
    in_order = sorted(keys, key=lambda alias: alias.alias)
    return exp.select(*in_order, named(time, "t"), copy=False).from_(rows, copy=False)


def _distinct(parts: Sequence[exp.Select], keys: int) -> exp.Select:
    rows: exp.Query = parts[0]
    for other in parts[1:]:
        rows = exp.union(rows, other, distinct=False, copy=False)
    columns = [*(f"x{i}" for i in range(keys)), "t"]
    found = exp.select(*map(column, columns), copy=False).distinct(copy=False)
    found = found.from_(rows.subquery("u", copy=False), copy=False)
    return found.order_by(*[exp.Ordered(this=column(name)) for name in columns], copy=False)
