"""The newest row of each label: its event time and its number; no feature is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.queries.expression import all_of, call, cast, column, join, named, number, table
from featurectl.queries.match import (
    available,
    equal,
    equal_keys,
    given,
    high_part,
    pack,
    rows,
    unpacked,
    with_steps,
)
from featurectl.queries.relation import EventRange
from featurectl.queries.strategy import ASOF, BUCKET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.queries.match import ViewJoin
    from featurectl.queries.strategy import Strategy


def newest_query(use: ViewJoin, strategy: Strategy, events: EventRange) -> exp.Select:
    """``i e r several`` of each label that has a row with an event time in ``events``.

    ``e`` is the greatest event time of its entity's rows that count at its time (null in a static
    view), ``r`` the number of one such row, and ``several`` whether there may be others of that
    time, so that created time and content must decide. Older than the TTL is not asked. The result
    has no order. The keys and times of the source are read, once by the hash form, else twice.
    """
    if use.is_static:
        return _at_all_times(use)
    if strategy.name == ASOF:
        return _by_asof(use, events)
    if strategy.name == BUCKET:
        return _by_bucket(use, strategy.width_us, events)
    return _by_hash(use, events)


def most_labels_query(use: ViewJoin) -> exp.Select:
    """One row: ``n``, the greatest number of labels of one entity."""
    most = named(call("coalesce", exp.Max(this=column("w")), number(0)), "n")
    return exp.select(most, copy=False).from_(
        _weights(given(use), use.key_names).subquery("l", copy=False)
    )


def pairs_query(use: ViewJoin, events: EventRange, width_us: int, limit: int | None) -> exp.Select:
    """One row: ``n`` pairs of a label and a row of its entity in ``m`` rows, of ``limit`` or all.

    ``w`` of them are of one bucket of that width. The keys and times of the source are read.
    """
    keys = use.key_names
    history = _bucketed(rows(use, (), events, numbered=False), "e", width_us)
    history = history if limit is None else history.limit(limit, copy=False)
    wanted: list[exp.Expr] = [
        named(call("coalesce", exp.Sum(this=column("w", side)), number(0)), name)
        for side, name in (("l", "n"), ("b", "w"))
    ]
    wanted.append(named(exp.Count(this=exp.Star()), "m"))
    found = exp.select(*wanted, copy=False).from_(history.subquery("h", copy=False))
    labels = _bucketed(given(use), "t", width_us)
    for side, by in (("l", keys), ("b", [*keys, "b"])):
        same = [exp.EQ(this=column(name, side), expression=column(name, "h")) for name in by]
        weights = _weights(labels.copy(), by).subquery(side, copy=False)
        found = found.join(exp.Join(this=weights, side="LEFT", on=all_of(same)), copy=False)
    return found


def older_query(use: ViewJoin, before_us: int) -> exp.Select:
    """The labels, as ``i``, that have some row of an event time before that."""
    keys = use.key_names
    since = named(exp.Min(this=available()), "a")
    history = rows(use, (), EventRange(None, before_us - 1), numbered=False)
    first = exp.select(*map(column, keys), since, copy=False)
    first = first.from_(history.subquery("h", copy=False), copy=False)
    first = first.join(join("given", "SEMI", keys), copy=False)
    first = first.group_by(*map(column, keys), copy=False)
    older = exp.Join(this=first.subquery("h", copy=False), on=all_of(equal(keys)))
    found = exp.select(column("i", "l"), copy=False).from_(table("given", "l"))
    found = found.join(older, copy=False)
    if use.uses_known_at:
        known = exp.LTE(this=column("a", "h"), expression=column("t", "l"))
        found = found.where(known, copy=False)
    return with_steps(found, {"given": given(use)})


def _at_all_times(use: ViewJoin) -> exp.Select:
    keys, row = use.key_names, column("r")
    several = exp.NEQ(this=exp.Max(this=row.copy()), expression=exp.Min(this=row.copy()))
    each = exp.select(*map(column, keys), copy=False)
    each = each.select(named(exp.Max(this=row), "r"), named(several, "several"), copy=False)
    each = each.from_(rows(use, (), EventRange()).subquery("h", copy=False), copy=False)
    each = each.join(join("given", "SEMI", keys), copy=False)
    each = each.group_by(*map(column, keys), copy=False)
    return _each(use, each, keys, named(cast(exp.null(), "BIGINT"), "e"))


def _by_hash(use: ViewJoin, events: EventRange) -> exp.Select:
    before = exp.LTE(
        this=available("h") if use.uses_known_at else column("e", "h"), expression=_time()
    )
    history = rows(use, (), events).subquery("h", copy=False)
    return _split(
        _newest_pair(given(use).subquery("l", copy=False), history, use.key_names, before)
    )


def _by_bucket(use: ViewJoin, width_us: int, events: EventRange) -> exp.Select:
    keys, by = use.key_names, [*use.key_names, "b"]
    history = _bucketed(rows(use, (), events), "e", width_us)
    before = exp.LTE(this=column("e", "h"), expression=_time())
    within = _newest_pair(table("given", "l"), history.subquery("h", copy=False), by, before)
    buckets = exp.select(*map(column, by), *_ends(None), copy=False)
    buckets = buckets.from_(history.copy().subquery("h", copy=False), copy=False)
    buckets = buckets.join(join("given", "SEMI", keys), copy=False)
    buckets = buckets.group_by(*map(column, by), copy=False)
    earlier = exp.GT(this=column("b", "l"), expression=column("b", "h"))
    asof = exp.Join(
        this=buckets.subquery("h", copy=False),
        method="ASOF",
        on=all_of([*equal_keys(use), earlier]),
    )
    ends = [column("last", "h"), column("first", "h")]
    before_it = exp.select(column("i", "l"), *ends, copy=False)
    before_it = before_it.from_(table("given", "l"), copy=False).join(asof, copy=False)
    both = exp.union(within, before_it, distinct=False, copy=False)
    # Of its own bucket and of the earlier ones: the greatest.
    newest = [named(exp.Max(this=column(name)), name) for name in ("last", "first")]
    found = exp.select(column("i"), *newest, copy=False)
    found = found.from_(both.subquery("u", copy=False), copy=False)
    found = found.group_by(column("i"), copy=False)
    return with_steps(_split(found), {"given": _bucketed(given(use), "t", width_us)})


def _newest_pair(
    labels: exp.Expr, history: exp.Expr, by: Sequence[str], before: exp.Expr
) -> exp.Select:
    """``i last first`` of the labels ``l`` with rows ``h`` that are equal by some columns."""
    found = exp.select(column("i", "l"), *_ends("h"), copy=False).from_(labels, copy=False)
    on = all_of([*equal(by), before])
    found = found.join(exp.Join(this=history, on=on), copy=False)
    return found.group_by(column("i", "l"), copy=False)


def _ends(alias: str | None) -> list[exp.Expr]:
    """Of the rows with the greatest event time that with the greatest number, and the least."""
    event, row = column("e", alias), column("r", alias)
    last = exp.Max(this=pack(event, row))
    first = exp.Max(this=pack(event.copy(), exp.Neg(this=row.copy())))
    return [named(last, "last"), named(first, "first")]


def _split(pairs: exp.Select) -> exp.Select:
    """``i e r several`` of ``i last first``."""
    split = exp.select("*", named(high_part(column("last")), "e"), copy=False)
    split = split.from_(pairs.subquery("m", copy=False), copy=False)
    greatest = unpacked(column("last"), column("e"))
    least = exp.Neg(this=unpacked(column("first"), column("e")))
    several = exp.NEQ(this=greatest, expression=least)
    wanted = [column("i"), column("e"), named(greatest.copy(), "r"), named(several, "several")]
    return exp.select(*wanted, copy=False).from_(split.subquery("m", copy=False), copy=False)


def _bucketed(found: exp.Select, time: str, width_us: int) -> exp.Select:
    """The same with the bucket ``b`` of a time; a later time is never of an earlier bucket."""
    bucket = exp.IntDiv(this=column(time), expression=number(width_us))
    wanted = exp.select("*", named(bucket, "b"), copy=False)
    return wanted.from_(found.subquery("s", copy=False), copy=False)


def _by_asof(use: ViewJoin, events: EventRange) -> exp.Select:
    keys = use.key_names
    history = _histories(use, events)
    since = "a" if use.uses_known_at else "e"
    reached = exp.GTE(this=_time(), expression=column(since, "h"))
    asof = exp.Join(this=history, method="ASOF", on=all_of([*equal_keys(use), reached]))
    event = column("e", "h")
    known = [named(unpacked(column("p", "h"), event), "known")] if use.uses_known_at else []
    labels = [column(name, "l") for name in ("i", *keys)]
    found = exp.select(*labels, event, *known, copy=False).from_(table("given", "l"))
    found = found.join(asof, copy=False)
    spot, row = [*keys, "e"], column("r")
    several = exp.NEQ(this=exp.Max(this=row.copy()), expression=exp.Min(this=row.copy()))
    spots = exp.select(*map(column, spot), copy=False)
    spots = spots.select(named(exp.Max(this=row), "r"), named(several, "several"), copy=False)
    spots = spots.from_(rows(use, (), events).subquery("h", copy=False), copy=False)
    spots = spots.join(join("found", "SEMI", spot), copy=False)
    spots = spots.group_by(*map(column, spot), copy=False)
    chosen = column("known", "l") if use.uses_known_at else column("r", "h")
    wanted = [column("i", "l"), column("e", "l"), named(chosen, "r"), column("several", "h")]
    both = exp.Join(this=spots.subquery("h", copy=False), on=all_of(equal(spot)))
    result = exp.select(*wanted, copy=False).from_(table("found", "l")).join(both, copy=False)
    return with_steps(result, {"given": given(use), "found": found})


def _histories(use: ViewJoin, events: EventRange) -> exp.Subquery:
    """The rows of the labels' entities: keys and ``e``; with known-at ``a``, ``e`` and ``p``."""
    keys = [column(name) for name in use.key_names]
    history = rows(use, (), events, numbered=use.uses_known_at).subquery("s", copy=False)
    wanted: list[exp.Expr] = [*keys, column("e")]
    if use.uses_known_at:
        # An older row may win where a newer one is not known yet: from each moment at which a row
        # became available the greatest of all that are (those of the same moment included) wins.
        wanted = [*keys, named(available(), "a")]
        for name, value in (("e", column("e")), ("p", pack(column("e"), column("r")))):
            wanted.append(named(_so_far(exp.Max(this=value), use.key_names), name))
    found = exp.select(*wanted, copy=False).from_(history, copy=False)
    return found.join(join("given", "SEMI", use.key_names), copy=False).subquery("h", copy=False)


def _so_far(value: exp.Expr, keys: Sequence[str]) -> exp.Window:
    order = exp.Order(expressions=[exp.Ordered(this=available(), nulls_first=False)])
    return exp.Window(this=value, partition_by=[*map(column, keys)], order=order)


def _each(use: ViewJoin, rows_: exp.Select, by: Sequence[str], event: exp.Expr) -> exp.Select:
    """The row of ``rows_`` for each label, found by those columns."""
    wanted = [column("i", "l"), event, column("r", "h"), column("several", "h")]
    both = exp.Join(this=rows_.subquery("h", copy=False), on=all_of(equal(by)))
    found = exp.select(*wanted, copy=False).from_(table("given", "l")).join(both, copy=False)
    return with_steps(found, {"given": given(use)})


def _weights(labels: exp.Select, by: Sequence[str]) -> exp.Select:
    """How many labels are equal in these columns, as ``w``."""
    count = named(exp.Count(this=exp.Star()), "w")
    found = exp.select(*map(column, by), count, copy=False)
    found = found.from_(labels.subquery("l", copy=False), copy=False)
    return found.group_by(*map(column, by), copy=False)


def _time() -> exp.Column:
    return column("t", "l")


def _identifier(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=True)
