"""What readers of the online store were answered at the time of each label.

Time is cut into *stretches* in which readers were answered in one way: sent to one generation, by
one time to live and policy. A label belongs to the stretch of its time; among the rows that the
generation had by then (``queries/loaded.py``) the newest is what was served.

The table ``v_in_stretches`` has ``z`` its number, ``b`` since when, ``g`` the
number of the generation (null: none), ``m`` that of the definition its rows follow (null: one that
can't be read any more), ``ttl`` or null, ``p`` the policy past it, ``r`` when a static view was
loaded, ``u`` whether something asked for can't be told, ``w`` whether something asked for was not
served, and for the feature number j: ``d{j}`` its default, ``q{j}`` and ``y{j}``: it was in the
rows from that moment on, in those with an event time since then (null: in all).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.queries.expression import call, cast, column, named, number, sql_type, table
from featurectl.queries.loaded import asof, equal, loaded_steps, on, select
from featurectl.queries.match import LABELS
from featurectl.queries.served_rows import ServedRows, pack, row_steps, source_rows
from featurectl.queries.steps import Step, with_steps
from featurectl.queries.winner import EXPIRED, MATCHED, TIED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.queries.steps import Steps

# What became of a label beyond the states of the plain join, as bits of ``s``.
NOT_LOADED, UNKNOWN, STALE, DEFAULTED, REFUSED, NOT_SERVED = 16, 32, 64, 128, 256, 512
NAME = "v"  # of the steps and tables
POLICIES = {
    "hide": EXPIRED,
    "serve": EXPIRED | STALE,
    "default": EXPIRED | DEFAULTED,
    "fail": EXPIRED | REFUSED,
}  # the states of a label whose newest row was past its time to live; ``p`` is one of them
_LEAST, _EARLIEST = -(1 << 63), -(1 << 63) + 1


@dataclass(frozen=True)
class ServedJoin:
    """One use of a view in a request: ``types`` are those of the features asked for."""

    keys: Sequence[str]
    types: Sequence[str]
    rows: Sequence[ServedRows]
    proves: bool = False

    @property
    def key_names(self) -> list[str]:
        """The internal names of the join keys."""
        return [f"k{i}" for i in range(len(self.keys))] or ["k0"]

    @property
    def parts(self) -> list[str]:
        """The columns of the result, beside the ordinal."""
        features = (f"f{i}" for i in range(len(self.types)))
        return [*features, "s", "a", *(["e", "c"] if self.proves else [])]


def as_served(use: ServedJoin) -> exp.Select:
    """``i f0 … s a`` of each row of the table ``labels``, in their order; ``e`` and ``c`` as well
    where the use ``proves``: event and created microseconds of the row that was served.

    ``s`` is what became of the label, as bits, and null where there was no row; ``a`` the age of
    the value that was served, in microseconds, however old it was (null in a static view).
    """  # noqa: D205 - one thought
    wanted = [column("i", LABELS), *(column(part, NAME) for part in use.parts)]
    found = exp.select(*wanted, copy=False).from_(table(LABELS))
    found = found.join(on(NAME, NAME, f'{NAME}."i" = {LABELS}."i"', "LEFT"), copy=False)
    found = found.order_by(exp.Ordered(this=column("i", LABELS)), copy=False)
    return with_steps(found, _steps(use, NAME))


def _steps(use: ServedJoin, name: str) -> Steps:
    steps: Steps = {f"{name}_then": Step(_then(use, name))}
    found = [_unknown(use, name)]
    for number_, rows in enumerate(use.rows):
        own = f"{name}r{number_}"
        labels = select("*").from_(table(f"{name}_then")).where(f'"m" = {number_}')
        steps[f"{own}_labels"] = Step(labels)
        steps[f"{own}_source"] = Step(source_rows(rows), materialized=False)
        if rows.is_static:
            steps[f"{own}_known"] = Step(_any_time(use, own), materialized=False)
            steps[f"{own}_match"] = Step(_match_static(use, own))
        else:
            steps |= loaded_steps(name, own, number_, use.key_names)
            steps[f"{own}_newest"] = Step(_newest(use, rows, own), materialized=False)
            steps[f"{own}_match"] = Step(_match(use, own))
        steps[f"{own}_since"] = Step(_since(use, own), materialized=False)
        steps |= row_steps(rows, own)
        steps[own] = Step(_values(use, rows, name, own), materialized=False)
        found.append(select("*").from_(table(own)))
    together: exp.Query = found[0]
    for other in found[1:]:
        together = exp.union(together, other, distinct=False, copy=False)
    both = select("*").from_(together.subquery("u", copy=False), copy=False)
    return steps | {name: Step(both, materialized=False)}


def _then(use: ServedJoin, name: str) -> exp.Select:
    """The labels, each with the stretch of its time; the first one begins before all times."""
    keys: list[exp.Expr] = [column(key, "l") for key in use.keys] or [number(0)]
    wanted = [named(key, to) for key, to in zip(keys, use.key_names, strict=True)]
    stretch = [f'z."{part}"' for part in ("z", "g", "m", "ttl", "p", "r")]
    found = select('l."i"', 'l."t"', *wanted, *stretch).from_(table(LABELS, "l"), copy=False)
    found = found.join(asof(f"{name}_in_stretches", "z", 'l."t" >= z."b"'), copy=False)
    usable = [exp.Not(this=exp.Is(this=key.copy(), expression=exp.null())) for key in keys]
    return found.where('l."t" IS NOT NULL', *usable, copy=False)


def _newest(use: ServedJoin, rows: ServedRows, name: str) -> exp.Select:
    """Each label with the packed time ``h`` of the row that was in the store, or null."""
    kinds = [*rows.sourced.join_keys.values()] or ["int32"]
    same: list[exp.Expr] = [exp.EQ(this=column("g", "l"), expression=column("g", "h"))]
    for key, kind in zip(use.key_names, kinds, strict=True):
        sides = column(key, "l"), column(key, "h")
        # As in the plain join: DuckDB's ASOF join loses rows by keys of bytes.
        left, right = [call("hex", side) for side in sides] if kind == "bytes" else sides
        same.append(exp.EQ(this=left, expression=right))
    reached = exp.GTE(this=column("t", "l"), expression=column("a", "h"))
    found = select("l.*", 'h."k" AS "h"').from_(table(f"{name}_labels", "l"), copy=False)
    return found.join(
        asof(f"{name}_history", "h", exp.and_(*same, reached, copy=False), "LEFT"), copy=False
    )


def _match(use: ServedJoin, name: str) -> exp.Select:
    """Each label with the row to be read, ``k``, and its state ``x``, both null without a row."""
    # Wide, and not below all times: a time to live may reach beyond what 64 bits hold.
    since = exp.Sub(this=cast(column("t"), "HUGEINT"), expression=column("ttl"))
    oldest = pack(call("greatest", since, number(_EARLIEST)), number(_LEAST))
    stale = exp.and_('"ttl" IS NOT NULL', exp.LT(this=column("h"), expression=oldest))
    labels = select("*", named(exp.Paren(this=stale), "old"))
    labels = labels.from_(table(f"{name}_newest"), copy=False)
    states = f'CASE WHEN "h" IS NOT NULL THEN CASE WHEN "old" THEN "p" ELSE {MATCHED} END END'
    read = f'CASE WHEN NOT "old" OR "p" & {STALE} > 0 THEN "h" END AS "k"'
    keys = map(column, use.key_names)
    found = select('"i"', '"t"', '"z"', *keys, read, f'{states} AS "x"')
    return found.from_(labels.subquery("l", copy=False), copy=False)


def _match_static(use: ServedJoin, name: str) -> exp.Select:
    read = 'CASE WHEN "t" >= "r" THEN CAST(0 AS HUGEINT) END AS "k"'
    state = f'CASE WHEN "t" >= "r" THEN {MATCHED} END AS "x"'
    found = select('"i"', '"t"', '"z"', *map(column, use.key_names), read, state)
    return found.from_(table(f"{name}_labels"), copy=False)


def _any_time(use: ServedJoin, name: str) -> exp.Select:
    keys = map(column, use.key_names)
    found = select(*keys, f'CAST({_LEAST} AS BIGINT) AS "e"')
    return found.from_(table(f"{name}_source"), copy=False)


def _since(use: ServedJoin, name: str) -> exp.Select:
    """Since when each entity has any row, whoever had loaded it."""
    keys = [column(key) for key in use.key_names]
    found = select(*keys, 'min("e") AS "b"').from_(table(f"{name}_known"), copy=False)
    return found.group_by(*(key.copy() for key in keys), copy=False)


def _values(use: ServedJoin, rows: ServedRows, name: str, own: str) -> exp.Select:
    wanted = [_feature(j, place, use.types[j]) for j, place in enumerate(rows.places)]
    age = 'TRY_CAST(CAST(m."t" AS HUGEINT) - r."e" AS BIGINT) AS "a"'
    proof = ['r."e"', 'r."c"'] if use.proves else []
    found = select('m."i"', *wanted, _state(), age, *proof)
    found = found.from_(table(f"{own}_match", "m"), copy=False)
    same = exp.and_(equal(use.key_names, "r", "m"), 'r."k" = m."k"', copy=False)
    for each in (
        on(f"{name}_in_stretches", "z", 'z."z" = m."z"'),
        on(f"{own}_rows", "r", same, "LEFT"),
        on(f"{own}_since", "o", equal(use.key_names, "o", "m"), "LEFT"),
    ):
        found = found.join(each, copy=False)
    return found


def _feature(number_: int, place: int | None, type_name: str) -> exp.Expr:
    """A feature of the row; its default where that is the policy, or the row does not have it."""
    if place is None:
        return named(cast(exp.null(), sql_type(type_name)), f"f{number_}")
    default = column(f"d{number_}", "z")
    present = f'm."t" >= z."q{number_}" AND (z."y{number_}" IS NULL OR r."e" >= z."y{number_}")'
    value = exp.Case(
        ifs=[
            exp.If(this=exp.condition(when, dialect="duckdb"), true=then)
            for when, then in (
                (f'm."x" & {DEFAULTED} > 0', default),
                ('r."n" IS NULL', exp.null()),
                (present, column(f"f{place}", "r")),
            )
        ],
        default=default.copy(),
    )
    return named(cast(value, sql_type(type_name)), f"f{number_}")


def _state() -> str:
    served = f'm."x" + CASE WHEN r."n" > 1 THEN {TIED} ELSE 0 END'
    found = f'CASE WHEN r."n" IS NOT NULL OR m."x" >= {EXPIRED} THEN {served}'
    found += f' WHEN o."b" <= m."t" THEN {NOT_LOADED} ELSE 0 END'
    found += f' + CASE WHEN z."u" THEN {UNKNOWN} ELSE 0 END'
    found += f' + CASE WHEN z."w" THEN {NOT_SERVED} ELSE 0 END'
    return f'CAST({found} AS SMALLINT) AS "s"'


def _unknown(use: ServedJoin, name: str) -> exp.Select:
    """The labels of stretches whose rows can't be read."""
    nulls = [named(cast(exp.null(), sql_type(kind)), f"f{i}") for i, kind in enumerate(use.types)]
    rest = [f'CAST(NULL AS BIGINT) AS "{part}"' for part in use.parts if part in "aec"]
    found = select('"i"', *nulls, f'CAST({UNKNOWN} AS SMALLINT) AS "s"', *rest)
    return found.from_(table(f"{name}_then"), copy=False).where('"m" IS NULL', copy=False)
