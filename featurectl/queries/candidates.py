"""The rows of one entity near a moment: a bounded number of them, and how many others there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.queries.expression import case, column, join, named, number, table, text
from featurectl.queries.order import newest_first

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.queries.relation import SourcedView

LATER, KNOWN_LATER, EXPIRED, MATCHING = "later", "known_later", "expired", "matching"
_EQUALS = 20  # rows of the winner's own time that are shown at most


@dataclass(frozen=True)
class Near:
    """Which rows of an entity are picked.

    Args:
        at_us: the moment, microseconds; of no meaning in a static view.
        uses_known_at: whether rows count from their created time on.
        winner: event and created microseconds of the row that won, both None in a static view; None
            where no row did.
        before: how many rows at or before the moment.
        after: how many after it.
    """

    at_us: int
    uses_known_at: bool
    winner: tuple[int | None, int | None] | None
    before: int
    after: int


def near_rows(sourced: SourcedView, rows: exp.Expr, near: Near) -> exp.Select:
    """Rows of the entity near the moment, the first that would win first, and counts of all.

    ``rows`` are those of ``entity_history.entity_rows``. Columns: ``file row e c hc f0 …`` and
    ``verdict``; and on each row ``n_rows`` (usable ones), ``n_later n_known_later n_expired
    n_matching`` by verdict, ``n_better`` (matching, and later in event or created time than the
    winner), ``n_unusable``. Where nothing is picked, one row of nulls has the counts.

    Picked are the nearest before and after, the winner, and rows of its own event time.
    """
    judged = exp.select("*", named(_verdict(sourced, near), "verdict")).from_(rows.copy())
    counted = exp.select(*_counts(near)).from_(table("judged"))
    used = exp.select("*").from_(table("judged")).where(column("u"))
    order = [*newest_first(sourced.view, list(sourced.view.features)), *_by_place()]
    picked = exp.select(column("file"), column("row")).from_(table("used"))
    groups = [_nearest(picked, order, near.before, later=False)]
    soonest = [exp.Ordered(this=column("e")), exp.Ordered(this=column("c")), *_by_place()]
    groups += [_nearest(picked, soonest, near.after, later=True)]
    if near.winner is not None:
        groups += _equals(picked, order, near.winner)
    one_of: exp.Query = exp.select("*").from_(groups[0].subquery("g0", copy=False))
    for i, group in enumerate(groups[1:], start=1):
        more = exp.select("*").from_(group.subquery(f"g{i}", copy=False))
        one_of = exp.union(one_of, more, distinct=True, copy=False)
    shown = exp.select("*").from_(table("used")).join(join("picked", "SEMI", ["file", "row"]))
    found = exp.select("*").from_(table("counted")).join(
        exp.Join(this=table("shown"), side="LEFT", on=exp.true())
    )  # fmt: skip
    found = found.order_by(*[term.copy() for term in order])
    steps = {"judged": judged, "counted": counted, "used": used, "picked": one_of, "shown": shown}
    for name, step in steps.items():
        held = name in ("counted", "picked")  # the others may be as many as the source has
        identifier = exp.to_identifier(name, quoted=True)
        found = found.with_(identifier, as_=step, materialized=held, copy=False)
    return found


def _verdict(sourced: SourcedView, near: Near) -> exp.Expr:
    if sourced.source.is_static:
        return text(MATCHING)
    later = exp.GT(this=column("e"), expression=number(near.at_us))
    branches: list[tuple[exp.Expr, exp.Expr]] = [(later, text(LATER))]
    if near.uses_known_at:
        known_later = exp.GT(this=column("c"), expression=number(near.at_us))
        branches.append((known_later, text(KNOWN_LATER)))
    if sourced.view.ttl is not None:
        since = number(near.at_us - sourced.view.ttl)
        branches.append((exp.LT(this=column("e"), expression=since), text(EXPIRED)))
    return case(*branches, otherwise=text(MATCHING))


def _counts(near: Near) -> list[exp.Expr]:
    used = column("u")
    found = [_count_where(used, "n_rows"), _count_where(exp.Not(this=used.copy()), "n_unusable")]
    found += [
        _count_where(exp.and_(used.copy(), _is(verdict)), f"n_{verdict}")
        for verdict in (LATER, KNOWN_LATER, EXPIRED, MATCHING)
    ]
    better: exp.Expr = exp.true() if near.winner is None else _beats(near.winner)
    better = exp.and_(used.copy(), _is(MATCHING), exp.Paren(this=better))
    found.append(_count_where(better, "n_better"))
    return found


def _beats(winner: tuple[int | None, int | None]) -> exp.Expr:
    event, created = winner
    if event is None or created is None:
        return exp.false()
    same = exp.EQ(this=column("e"), expression=number(event))
    newer = exp.GT(this=column("e"), expression=number(event))
    return exp.or_(newer, exp.and_(same, exp.GT(this=column("c"), expression=number(created))))


def _nearest(
    picked: exp.Select, order: Sequence[exp.Expr], most: int, *, later: bool
) -> exp.Select:
    side = _is(LATER) if later else exp.Not(this=_is(LATER))
    return picked.where(side).order_by(*[term.copy() for term in order]).limit(most)


def _equals(
    picked: exp.Select, order: Sequence[exp.Expr], winner: tuple[int | None, int | None]
) -> list[exp.Select]:
    event, created = [exp.null() if part is None else number(part) for part in winner]
    same_event = exp.NullSafeEQ(this=column("e"), expression=event)
    same_created = exp.NullSafeEQ(this=column("c"), expression=created)
    own = picked.where(same_event, same_created, _is(MATCHING))
    both = [own, picked.where(same_event.copy())]
    return [each.order_by(*[term.copy() for term in order]).limit(_EQUALS) for each in both]


def _by_place() -> list[exp.Expr]:
    return [exp.Ordered(this=column("file")), exp.Ordered(this=column("row"))]


def _is(verdict: str) -> exp.Expr:
    return exp.EQ(this=column("verdict"), expression=text(verdict))


def _count_where(condition: exp.Expr, name: str) -> exp.Expr:
    count = exp.Count(this=exp.Star())
    return named(exp.Filter(this=count, expression=exp.Where(this=condition)), name)
