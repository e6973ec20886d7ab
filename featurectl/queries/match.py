"""Which row of a view each label matches, as (keys, packed time): no feature is read for it.

A *label* is an entity row: its ordinal ``i``, its time ``t`` in microseconds, and keys. A *packed*
time is event and created time in one number of 128 bits, so that one inequality orders both and the
engine's ASOF join never meets a tie that it would decide at random.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.queries.expression import (
    all_of,
    call,
    case,
    cast,
    column,
    join,
    named,
    not_null,
    number,
    table,
)
from featurectl.queries.order import content_names
from featurectl.queries.relation import EventRange, relation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.queries.relation import SourcedView

LABELS = "labels"
_HIGH = 1 << 64
_GREATEST, _LEAST = (1 << 63) - 1, -(1 << 63)


@dataclass(frozen=True)
class Step:
    """A named part of a query. One that is not materialized is read anew at each use of it, and
    then only the columns that the use needs.
    """  # noqa: D205 - one thought

    query: exp.Select
    materialized: bool = True


Steps = dict[str, Step]


@dataclass(frozen=True)
class ViewJoin:
    """One use of a view in a request.

    Args:
        sourced: the view and its files.
        keys: the columns of ``labels`` that carry the view's join keys, in their order.
        features: the features asked for, in order.
        known_at: whether rows count from their created time on. Ignored without one.
        tells_expired: whether a label whose rows are all past the TTL is told from one without any;
            that takes a look at every older row.
        proves: whether the times of the row that won come out too.
    """

    sourced: SourcedView
    keys: Sequence[str]
    features: Sequence[str]
    known_at: bool = False
    tells_expired: bool = True
    proves: bool = False

    @property
    def is_static(self) -> bool:
        """Whether the view's rows hold at all times."""
        return self.sourced.source.is_static

    @property
    def uses_known_at(self) -> bool:
        """Whether the cutoff by created time has an effect."""
        return self.known_at and not self.is_static and self.has_created

    @property
    def has_created(self) -> bool:
        """Whether the source tells when a row became known."""
        return self.sourced.source.created_timestamp is not None

    @property
    def columns(self) -> list[str]:
        """All features of the view as ``f0 f1 …``: those asked for first, then the others."""
        names = content_names(self.sourced.view)
        return [*self.features, *(name for name in names if name not in self.features)]

    @property
    def key_names(self) -> list[str]:
        """The internal names of the join keys; a view without entity has one constant key."""
        return [f"k{i}" for i in range(len(self.keys))] or ["k0"]


def match_steps(use: ViewJoin, name: str, times: EventRange) -> Steps:
    """The steps that end in ``{name}_match``: ``i t k0 … k`` for each label that has some row.

    ``k`` is the packed time of the winner, or null where the winner is older than the view's TTL.
    ``times`` are the least and the greatest time of all labels: rows outside of what they can
    reach are not read.
    """
    events = reachable(use, times)
    steps: Steps = {
        f"{name}_source": Step(_packed(use, use.columns, events), materialized=False),
        f"{name}_labels": Step(_labels(use)),
    }
    if use.is_static:
        return steps | {f"{name}_match": Step(_match_any_time(use, name))}
    steps[f"{name}_history"] = Step(_history(use, name), materialized=False)
    if events.first_us is None or not use.tells_expired:
        return steps | {f"{name}_match": Step(_newest(use, name))}
    steps[f"{name}_newest"] = Step(_newest(use, name))
    older = EventRange(None, events.first_us - 1)
    steps[f"{name}_older"] = Step(_packed(use, (), older), materialized=False)
    steps[f"{name}_expired"] = Step(_expired(use, name), materialized=False)
    steps[f"{name}_match"] = Step(_either(name))
    return steps


def reachable(use: ViewJoin, times: EventRange) -> EventRange:
    """The event times that a label can match, for labels of those times."""
    ttl = use.sourced.view.ttl
    first = None if ttl is None or times.first_us is None else times.first_us - ttl
    return EventRange(first, times.last_us)


def pack(event: exp.Expr, created: exp.Expr) -> exp.Expr:
    """Event and created time as one number that orders as (event, created).

    The engine hashes such a number as the exclusive or of its halves: equal halves, the usual case
    of no created time, would all share one hash [330k labels, CPU: 22 s against 2.8 s]. Hence the
    one that is added.
    """
    high = exp.Mul(this=cast(event, "HUGEINT"), expression=number(_HIGH))
    low = exp.Add(this=created, expression=number(1))
    return exp.Add(this=high, expression=low)


def _packed(use: ViewJoin, features: Sequence[str], events: EventRange) -> exp.Select:
    rows = relation(use.sourced, features, events).subquery("r", copy=False)
    packed = cast(number(0), "HUGEINT") if use.is_static else pack(column("e"), column("c"))
    wanted = [named(number(0), "k0")] if not use.keys else []
    return exp.select(*wanted, "*", named(packed, "k"), copy=False).from_(rows, copy=False)


def _labels(use: ViewJoin) -> exp.Select:
    keys: list[exp.Expr] = [*map(column, use.keys)] or [number(0)]
    pairs = zip(keys, use.key_names, strict=True)
    wanted: list[exp.Expr] = [column("i"), column("t")]
    wanted += [named(key.copy(), name) for key, name in pairs]
    usable = [not_null(column(key)) for key in ("t", *use.keys)]
    return exp.select(*wanted, copy=False).from_(table(LABELS)).where(*usable, copy=False)


def _match_any_time(use: ViewJoin, name: str) -> exp.Select:
    names = [column(part) for part in ("i", "t", *use.key_names)]
    always = named(cast(number(0), "HUGEINT"), "k")
    return exp.select(*names, always, copy=False).from_(table(f"{name}_labels"))


def _history(use: ViewJoin, name: str) -> exp.Select:
    keys = [column(key) for key in use.key_names]
    if not use.uses_known_at:
        return _of_labels(exp.select(*keys, column("k"), copy=False), use, name, "source")
    # An older row may win where a newer one is not known yet: at each moment at which a row became
    # available the winner is the greatest of all that are (those of the same moment included).
    available = call("greatest", column("e"), column("c"))
    newest = exp.Window(
        this=exp.Max(this=column("k")),
        partition_by=[key.copy() for key in keys],
        order=exp.Order(expressions=[exp.Ordered(this=available.copy(), nulls_first=False)]),
    )
    winners = [named(newest, "k"), named(available, "a")]
    return _of_labels(exp.select(*keys, *winners, copy=False), use, name, "source")


def _of_labels(rows: exp.Select, use: ViewJoin, name: str, step: str) -> exp.Select:
    rows = rows.from_(table(f"{name}_{step}"), copy=False)
    if not use.keys:
        return rows
    return rows.join(join(f"{name}_labels", "SEMI", use.key_names), copy=False)


def _newest(use: ViewJoin, name: str) -> exp.Select:
    equal = _equal_keys(use)
    if use.uses_known_at:
        reached = exp.GTE(this=column("t", "l"), expression=column("a", "h"))
    else:
        now = pack(column("t", "l"), number(_GREATEST))
        reached = exp.GTE(this=now, expression=column("k", "h"))
    asof = exp.Join(this=table(f"{name}_history", "h"), method="ASOF", on=all_of([*equal, reached]))
    wanted = [column(part, "l") for part in ("i", "t", *use.key_names)]
    winner = named(_unexpired(use), "k")
    found = exp.select(*wanted, winner, copy=False).from_(table(f"{name}_labels", "l"))
    return found.join(asof, copy=False)


def _equal_keys(use: ViewJoin) -> list[exp.Expr]:
    """``l`` and ``h`` have the same keys; bytes are compared as text.

    DuckDB 2.0's ASOF join loses rows by keys of bytes that stand among others [a third of random
    cases with 8 bytes or more of other keys; none as text].
    """
    kinds = [*use.sourced.join_keys.values()] or ["int32"]
    found: list[exp.Expr] = []
    for name, kind in zip(use.key_names, kinds, strict=True):
        sides = column(name, "l"), column(name, "h")
        left, right = [call("hex", side) for side in sides] if kind == "bytes" else sides
        found.append(exp.EQ(this=left, expression=right))
    return found


def _unexpired(use: ViewJoin) -> exp.Expr:
    ttl, winner = use.sourced.view.ttl, column("k", "h")
    if ttl is None:
        return winner
    # Wide, and not below all times: a time to live may reach beyond what 64 bits hold.
    since = exp.Sub(this=cast(column("t", "l"), "HUGEINT"), expression=number(ttl))
    oldest = call("greatest", since, number(_LEAST + 1))
    fresh = exp.GTE(this=winner, expression=pack(oldest, number(_LEAST)))
    return case((fresh, winner.copy()), otherwise=exp.null())


def _expired(use: ViewJoin, name: str) -> exp.Select:
    # Rows below the range are no match for any label. That there were some tells an expired value
    # from one that never was.
    names = use.key_names
    label = [column(part, "l") for part in ("i", "t", *names)]
    winner = named(cast(exp.null(), "HUGEINT"), "k")
    keys = [column(key) for key in names]
    since = named(exp.Min(this=call("greatest", column("e"), column("c"))), "a")
    first = _of_labels(exp.select(*keys, since, copy=False), use, name, "older").group_by(
        *[key.copy() for key in keys], copy=False
    )
    found = exp.select(*label, winner, copy=False).from_(table(f"{name}_labels", "l"))
    found = found.join(join(f"{name}_newest", "ANTI", ["i"]), copy=False)
    found = found.join(
        exp.Join(this=first.subquery("o", copy=False), using=[_using(key) for key in names]),
        copy=False,
    )
    if use.uses_known_at:
        known = exp.GTE(this=column("t", "l"), expression=column("a", "o"))
        found = found.where(known, copy=False)
    return found


def _either(name: str) -> exp.Select:
    newest = exp.select("*").from_(table(f"{name}_newest"))
    expired = exp.select("*").from_(table(f"{name}_expired"))
    both = exp.union(newest, expired, distinct=False, copy=False)
    return exp.select("*").from_(both.subquery("m", copy=False), copy=False)


def _using(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=True)
