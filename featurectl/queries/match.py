"""One use of a view in a request, and what all queries of a join share: its labels and rows.

A *label* is an entity row: its ordinal ``i``, its time ``t`` in microseconds, and keys.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.queries.expression import call, cast, column, named, not_null, number, table
from featurectl.queries.order import content_names
from featurectl.queries.relation import EventRange, relation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from featurectl.queries.relation import SourcedView

LABELS = "labels"
_BITS = 64


@dataclass(frozen=True)
class ViewJoin:
    """One use of a view in a request.

    Args:
        sourced: the view and its files.
        keys: the columns of ``labels`` that carry the view's join keys, in their order.
        features: the features asked for, in order.
        known_at: whether rows count from their created time on. Ignored without one.
        tells_expired: whether a label whose rows are all past the TTL is told from one without any;
            that takes a look at every older row where some label has no row in reach.
        proves: whether the times of the row that won come out too.
        tables: Arrow tables that the rows of ``sourced`` are read from, by name.
    """

    sourced: SourcedView
    keys: Sequence[str]
    features: Sequence[str]
    known_at: bool = False
    tells_expired: bool = True
    proves: bool = False
    tables: Mapping[str, pa.Table] = field(default_factory=dict)

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


def reachable(use: ViewJoin, times: EventRange) -> EventRange:
    """The event times that a label can match, for labels of those times."""
    ttl = use.sourced.view.ttl
    first = None if ttl is None or times.first_us is None else times.first_us - ttl
    return EventRange(first, times.last_us)


def given(use: ViewJoin, more: Sequence[str] = ()) -> exp.Select:
    """The labels that can match: ``i``, ``t``, the keys by ``use.key_names``, and ``more``."""
    keys: list[exp.Expr] = [*map(column, use.keys)] or [number(0)]
    wanted: list[exp.Expr] = [column("i"), column("t")]
    wanted += [named(key, name) for key, name in zip(keys, use.key_names, strict=True)]
    wanted += [column(name) for name in more]
    usable = [not_null(column(key)) for key in ("t", *use.keys)]
    return exp.select(*wanted, copy=False).from_(table(LABELS)).where(*usable, copy=False)


def rows(
    use: ViewJoin, features: Sequence[str], events: EventRange, *, numbered: bool = True
) -> exp.Select:
    """The view's rows: keys by ``use.key_names``, ``e``, ``c``, ``hc``, features, number ``r``."""
    found = relation(use.sourced, features, events, numbered=numbered)
    if use.keys:
        return found
    constant = named(number(0), "k0")
    return exp.select(constant, "*", copy=False).from_(found.subquery("r", copy=False), copy=False)


def available(alias: str | None = None) -> exp.Expr:
    """From when on a row counts where created times do."""
    return call("greatest", column("e", alias), column("c", alias))


def pack(high: exp.Expr, low: exp.Expr) -> exp.Expr:
    """Two numbers of 64 bits as one that orders as (high, low)."""
    return exp.Add(this=_shifted(high), expression=low)


def high_part(value: exp.Expr) -> exp.Expr:
    """The high part of a packed number whose low part is not negative."""
    shifted = exp.BitwiseRightShift(this=value, expression=number(_BITS))
    return cast(shifted, "BIGINT")


def unpacked(value: exp.Expr, high: exp.Expr) -> exp.Expr:
    """The low part of a packed number."""
    return cast(exp.Sub(this=value, expression=_shifted(high)), "BIGINT")


def equal(names: Sequence[str]) -> list[exp.Expr]:
    """``l`` and ``h`` are equal in these columns."""
    return [exp.EQ(this=column(name, "l"), expression=column(name, "h")) for name in names]


def equal_keys(use: ViewJoin) -> list[exp.Expr]:
    """``l`` and ``h`` have the same keys, in an ASOF join: bytes are compared as text.

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


def with_steps(found: exp.Select, steps: Mapping[str, exp.Query]) -> exp.Select:
    """The query with named steps before it, each computed once."""
    for name, step in steps.items():
        alias = exp.to_identifier(name, quoted=True)
        found = found.with_(alias, as_=step, materialized=True, copy=False)
    return found


def _shifted(high: exp.Expr) -> exp.Expr:
    return exp.Mul(this=cast(high, "HUGEINT"), expression=number(1 << _BITS))
