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
from featurectl.queries.strategy import ASOF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.queries.match import ViewJoin


def newest_query(use: ViewJoin, strategy: str, events: EventRange) -> exp.Select:
    """``i e r several`` of each label that has a row with an event time in ``events``.

    ``e`` is the greatest event time of its entity's rows that count at its time (null in a static
    view), ``r`` the number of one such row, and ``several`` whether there may be others of that
    time, so that created time and content must decide. Older than the TTL is not asked. The result
    has no order. The keys and times of the source are read: once by the hash form, twice by ASOF.
    """
    if use.is_static:
        return _at_all_times(use)
    if strategy == ASOF:
        return _by_asof(use, events)
    return _by_hash(use, events)


def most_labels_query(use: ViewJoin) -> exp.Select:
    """One row: ``n``, the greatest number of labels of one entity."""
    most = named(call("coalesce", exp.Max(this=column("w")), number(0)), "n")
    return exp.select(most, copy=False).from_(_weights(use).subquery("l", copy=False))


def pairs_query(use: ViewJoin, events: EventRange, limit: int | None) -> exp.Select:
    """One row: ``n`` pairs of a label and a row of its entity in ``m`` rows, of ``limit`` or all.

    The hash form looks at each pair. The keys of the source are read, and times within a range.
    """
    keys = use.key_names
    history = rows(use, (), events, numbered=False)
    history = history if limit is None else history.limit(limit, copy=False)
    pairs = named(call("coalesce", exp.Sum(this=column("w", "l")), number(0)), "n")
    counted = named(exp.Count(this=exp.Star()), "m")
    found = exp.select(pairs, counted, copy=False).from_(history.subquery("h", copy=False))
    weights = exp.Join(
        this=_weights(use).subquery("l", copy=False), side="LEFT", on=all_of(equal(keys))
    )
    return found.join(weights, copy=False)


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
    event, row = column("e", "h"), column("r", "h")
    last = exp.Max(this=pack(event, row))
    first = exp.Max(this=pack(event, exp.Neg(this=row)))
    newest = [named(last, "last"), named(first, "first")]
    history = rows(use, (), events).subquery("h", copy=False)
    before = exp.LTE(this=available("h") if use.uses_known_at else event, expression=_time())
    pairs = exp.select(column("i", "l"), *newest, copy=False)
    pairs = pairs.from_(given(use).subquery("l", copy=False), copy=False)
    on = all_of([*equal(use.key_names), before])
    pairs = pairs.join(exp.Join(this=history, on=on), copy=False)
    pairs = pairs.group_by(column("i", "l"), copy=False)
    split = exp.select("*", named(high_part(column("last")), "e"), copy=False)
    split = split.from_(pairs.subquery("m", copy=False), copy=False)
    greatest = unpacked(column("last"), column("e"))
    least = exp.Neg(this=unpacked(column("first"), column("e")))
    several = exp.NEQ(this=greatest, expression=least)
    wanted = [column("i"), column("e"), named(greatest.copy(), "r"), named(several, "several")]
    return exp.select(*wanted, copy=False).from_(split.subquery("m", copy=False), copy=False)


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


def _weights(use: ViewJoin) -> exp.Select:
    """Each entity of the labels, and how many of them it has as ``w``."""
    names = use.key_names
    count = named(exp.Count(this=exp.Star()), "w")
    found = exp.select(*map(column, names), count, copy=False)
    found = found.from_(given(use).subquery("l", copy=False), copy=False)
    return found.group_by(*map(column, names), copy=False)


def _time() -> exp.Column:
    return column("t", "l")


def _identifier(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=True)
