"""Which of several rows of one entity and event time wins: created time, then content.

Few labels come here, and only the rows of their entities and times are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.queries.expression import all_of, column, join, named, number, table
from featurectl.queries.match import available, equal, equal_keys, given, rows, with_steps
from featurectl.queries.order import greatest_first, newest_first

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.queries.match import ViewJoin
    from featurectl.queries.relation import EventRange


def created_query(use: ViewJoin, events: EventRange) -> exp.Select:
    """``i r c several`` of each label: of the rows of its entity and ``e`` those created last.

    The table of labels has ``e`` beside the other columns, and only labels that have such a row.
    ``r`` is the number of one of these rows, ``c`` their created time, and ``several`` whether
    there are others. The rows are numbered as in ``newest_query`` over the same ``events``. Keys
    and times are read once more.
    """
    spot = [*use.key_names, "e"]
    steps = {"given": given(use, ["e"]), "moments": _moments(use, spot, events)}
    if use.uses_known_at:
        return with_steps(_known(use, spot), steps)
    last = exp.select("*").from_(table("moments"))
    last.set("qualify", exp.Qualify(this=_first_of(spot, [greatest_first(column("c"))])))
    both = exp.Join(this=last.subquery("h", copy=False), on=all_of(equal(spot)))
    return with_steps(_told().from_(table("given", "l")).join(both, copy=False), steps)


def content_query(use: ViewJoin, events: EventRange) -> exp.Select:
    """``i r`` of each label: of its entity's rows of its ``e`` and ``c`` the greatest by content.

    The table of labels has ``e`` and ``c`` beside the other columns; in a static view neither plays
    a part. All features of the view are read.
    """
    moment = [*use.key_names, *([] if use.is_static else ["e", "c"])]
    source = rows(use, use.columns, events).subquery("h", copy=False)
    first = exp.select(*map(column, moment), column("r"), copy=False).from_(source, copy=False)
    first = first.join(join("given", "SEMI", moment), copy=False)
    order = newest_first(use.sourced.view, use.columns)
    first.set("qualify", exp.Qualify(this=_first_of(moment, order)))
    both = exp.Join(this=first.subquery("h", copy=False), on=all_of(equal(moment)))
    found = exp.select(column("i", "l"), column("r", "h"), copy=False).from_(table("given", "l"))
    return with_steps(
        found.join(both, copy=False), {"given": given(use, moment[len(use.key_names) :])}
    )


def _moments(use: ViewJoin, spot: Sequence[str], events: EventRange) -> exp.Select:
    """Each created time of the labels' entities and event times."""
    moment = [*spot, "c"]
    several = exp.GT(this=exp.Count(this=exp.Star()), expression=number(1))
    found = exp.select(*map(column, moment), copy=False)
    found = found.select(
        named(exp.Max(this=column("r")), "r"), named(several, "several"), copy=False
    )
    found = found.from_(rows(use, (), events).subquery("h", copy=False), copy=False)
    found = found.join(join("given", "SEMI", spot), copy=False)
    return found.group_by(*map(column, moment), copy=False)


def _first_of(names: Sequence[str], order: Sequence[exp.Ordered]) -> exp.Expr:
    place = exp.Window(
        this=exp.RowNumber(),
        partition_by=[*map(column, names)],
        order=exp.Order(expressions=[*order]),
    )
    return exp.EQ(this=place, expression=number(1))


def _known(use: ViewJoin, spot: Sequence[str]) -> exp.Select:
    """Of the rows that were known by the label's time the one that was created last."""
    so_far = exp.Window(
        this=exp.Max(this=column("c")),
        partition_by=[*map(column, spot)],
        order=exp.Order(expressions=[exp.Ordered(this=available(), nulls_first=False)]),
    )
    steps = exp.select(*map(column, spot), named(available(), "a"), named(so_far, "c"), copy=False)
    steps = steps.from_(table("moments"))
    same = [*equal_keys(use), *equal(["e"])]
    reached = exp.GTE(this=column("t", "l"), expression=column("a", "h"))
    asof = exp.Join(
        this=steps.subquery("h", copy=False), method="ASOF", on=all_of([*same, reached])
    )
    labels = [column(name, "l") for name in ("i", *spot)]
    found = exp.select(*labels, column("c", "h"), copy=False).from_(table("given", "l"))
    found = found.join(asof, copy=False)
    both = exp.Join(this=table("moments", "h"), on=all_of(equal([*spot, "c"])))
    return _told().from_(found.subquery("l", copy=False), copy=False).join(both, copy=False)


def _told() -> exp.Select:
    parts = [column(name, "h") for name in ("r", "c", "several")]
    return exp.select(column("i", "l"), *parts, copy=False)
