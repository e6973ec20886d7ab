"""The newest row of each entity, as materialization loads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.queries.expression import call, cast, column, named, number
from featurectl.queries.order import newest_first
from featurectl.queries.relation import EVERYTHING, EventRange, relation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.queries.relation import SourcedView

_TWO_TO_64 = 1 << 64


@dataclass(frozen=True)
class Reading:
    """Which rows are read: event times in ``events`` (of a static source: all rows).

    Where ``created_after_us`` is given, rows created after it are read too, whatever their event
    time up to the end of ``events``; those before its start are late.
    """

    events: EventRange = EVERYTHING
    created_after_us: int | None = None


def latest(sourced: SourcedView, features: Sequence[str], reading: Reading) -> exp.Select:
    """One row per entity that has any in ``reading``: its newest.

    Newest by (event, created, content), as in the join. Columns are those of the relation, ``k0``
    … ``e c hc f0`` …, and counts of the entity's rows that were read: ``n`` all, ``l`` late ones,
    ``t`` those that were as new as the winner in both times, itself among them. ``features`` are
    all of the view's.

    Two passes: keys and times of all rows, then the features of the newest ones only [2M rows of
    200k entities: 0.55 s, against 1.2 s for a window over all rows]. Content is compared only where
    times are equal.
    """
    keys = [f"k{i}" for i in range(len(sourced.join_keys))]
    rows = (
        _all(sourced, features)
        if sourced.source.is_static
        else _newest(sourced, features, reading, keys)
    )
    tied = exp.select(*_columns(keys), named(exp.Count(this=exp.Star()), "t"), copy=False)
    tied = _grouped(tied.from_("newest", copy=False), keys)
    tied = tied.having(exp.GT(this=exp.Count(this=exp.Star()), expression=number(1)), copy=False)
    decided = _decided(sourced, features, keys)
    found = exp.union(_untied(keys), decided, distinct=False, copy=False)
    return (
        exp.select("*", copy=False)
        .from_(found.subquery("found", copy=False), copy=False)
        .with_("newest", as_=rows, materialized=True, copy=False)
        .with_("tied", as_=tied, copy=False)
    )


def counts(sourced: SourcedView, reading: Reading) -> exp.Select:
    """One row: ``n`` rows that would be read, ``keys`` entities that have them, ``l`` late ones."""
    keys = [f"k{i}" for i in range(len(sourced.join_keys))]
    entities = _grouped(
        exp.select(*_counts(reading), copy=False).from_(
            _read(sourced, (), reading).subquery("r", copy=False), copy=False
        ),
        keys,
    )
    return exp.select(
        named(_whole_sum("n"), "n"),
        named(exp.Count(this=exp.Star()), "keys"),
        named(_whole_sum("l"), "l"),
        copy=False,
    ).from_(entities.subquery("entities", copy=False), copy=False)


def _all(sourced: SourcedView, features: Sequence[str]) -> exp.Select:
    """All rows of a static source: none is newer than another."""
    counts = [named(number(1), "n"), named(number(0), "l")]
    return relation(sourced, features).select(*counts, copy=False)


def _newest(
    sourced: SourcedView, features: Sequence[str], reading: Reading, keys: Sequence[str]
) -> exp.Select:
    """All rows that no other row of their entity is newer than in time."""
    times = exp.select(
        *_columns(keys),
        named(exp.Max(this=_moment("r")), "m"),
        *_counts(reading),
        copy=False,
    ).from_(_read(sourced, (), reading).subquery("r", copy=False), copy=False)
    on: list[exp.Expr] = [
        exp.EQ(this=column(key, "r"), expression=column(key, "w")) for key in keys
    ]
    on.append(exp.EQ(this=_moment("r"), expression=column("m", "w")))
    return (
        exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier("r")), copy=False)
        .select(column("n", "w"), column("l", "w"), copy=False)
        .from_(_read(sourced, features, reading).subquery("r", copy=False), copy=False)
        .join(_grouped(times, keys).subquery("w", copy=False), on=exp.and_(*on), copy=False)
    )


def _read(sourced: SourcedView, features: Sequence[str], reading: Reading) -> exp.Select:
    """The rows that are read."""
    events = reading.events
    if reading.created_after_us is None or events.first_us is None:
        return relation(sourced, features, events)
    rows = relation(sourced, features, EventRange(None, events.last_us))
    new = exp.GTE(this=column("e"), expression=number(events.first_us))
    known_since = exp.GT(this=column("c"), expression=number(reading.created_after_us))
    return (
        exp.select("*", copy=False)
        .from_(rows.subquery("x", copy=False), copy=False)
        .where(exp.or_(new, known_since), copy=False)
    )


def _moment(table: str) -> exp.Expr:
    """Event and created time as one number, ordered as the pair is."""
    wide = exp.Mul(
        this=cast(column("e", table), "HUGEINT"), expression=cast(number(_TWO_TO_64), "HUGEINT")
    )
    return exp.Paren(this=exp.Add(this=wide, expression=column("c", table)))


def _counts(reading: Reading) -> list[exp.Expr]:
    first = reading.events.first_us
    late: exp.Expr = cast(number(0), "BIGINT")
    if reading.created_after_us is not None and first is not None:
        before = exp.Where(this=exp.LT(this=column("e", "r"), expression=number(first)))
        late = exp.Filter(this=exp.Count(this=exp.Star()), expression=before)
    return [named(exp.Count(this=exp.Star()), "n"), named(late, "l")]


def _untied(keys: Sequence[str]) -> exp.Select:
    """Entities of one newest row."""
    found = exp.select("*", named(number(1), "t"), copy=False).from_("newest", copy=False)
    return found.where(exp.Not(this=_is_tied(keys)), copy=False)


def _decided(sourced: SourcedView, features: Sequence[str], keys: Sequence[str]) -> exp.Select:
    """Entities of several: the row whose content is the greatest."""
    order = exp.Order(expressions=newest_first(sourced.view, features))
    first = exp.Window(this=exp.RowNumber(), partition_by=_columns(keys), order=order, over="OVER")
    several = exp.Window(this=exp.Count(this=exp.Star()), partition_by=_columns(keys), over="OVER")
    rows = (
        exp.Star(replace=[named(several.copy(), "n")]) if sourced.source.is_static else exp.Star()
    )
    found = exp.select(rows, named(several, "t"), copy=False).from_("newest", copy=False)
    found = found.where(_is_tied(keys), copy=False)
    found.set("qualify", exp.Qualify(this=exp.EQ(this=first, expression=number(1))))
    return found


def _is_tied(keys: Sequence[str]) -> exp.Expr:
    same = [exp.EQ(this=column(key, "newest"), expression=column(key, "tied")) for key in keys]
    among = exp.select("1", copy=False).from_("tied", copy=False)
    return exp.Exists(this=among.where(*same, copy=False) if same else among)


def _grouped(query: exp.Select, keys: Sequence[str]) -> exp.Select:
    """By entity; a view without one has a single group, where it has any row."""
    if keys:
        return query.group_by(*_columns(keys), copy=False)
    return query.having(exp.GT(this=exp.Count(this=exp.Star()), expression=number(0)), copy=False)


def _columns(keys: Sequence[str]) -> list[exp.Expr]:
    return [column(key) for key in keys]


def _whole_sum(name: str) -> exp.Expr:
    total = call("coalesce", exp.Sum(this=column(name)), number(0))
    return cast(total, "BIGINT")
