"""The point-in-time join: each label with the feature values that were true at its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.queries.expression import case, cast, column, join, named, not_null, number, table
from featurectl.queries.match import LABELS, Step, match_steps
from featurectl.queries.winner import winner_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.queries.match import Steps, ViewJoin
    from featurectl.queries.relation import EventRange

# What became of a label in one view, as bits of the column ``v0_s``; null where there was no row.
MATCHED, EXPIRED, CREATED_LATER, TIED = 1, 2, 4, 8


def point_in_time(uses: Sequence[ViewJoin], times: EventRange) -> exp.Select:
    """One row per row of the table ``labels``, in the order of its ordinals.

    ``labels`` has ``i``, unique ordinals from 0; ``t``, microseconds or null; and the key columns
    that the uses name. The result has ``i`` and, for the use number n, ``v{n}_f0 …`` the features
    asked for, ``v{n}_s`` what became of the label, and ``v{n}_a`` the age of the value at ``t`` in
    microseconds (null in a static view). A use that ``proves`` has ``v{n}_e`` and ``v{n}_c`` too,
    event and created microseconds of the row that won. ``times`` are the least and greatest ``t``.

    Each source is read twice: keys and times of the rows that labels can reach, then the features
    of the winners.
    """
    steps: Steps = {}
    wanted: list[exp.Expr] = [column("i", LABELS)]
    for n, use in enumerate(uses):
        name = f"v{n}"
        steps |= match_steps(use, name, times)
        steps |= winner_steps(use, name)
        steps[name] = Step(_values(use, name), materialized=False)
        parts = [*(f"f{i}" for i in range(len(use.features))), "s", "a", *_proof(use)]
        wanted += [named(column(part, name), f"{name}_{part}") for part in parts]
    found = exp.select(*wanted, copy=False).from_(table(LABELS))
    for n in range(len(uses)):
        found = found.join(join(f"v{n}", "LEFT", ["i"]), copy=False)
    found = found.order_by(exp.Ordered(this=column("i", LABELS)), copy=False)
    for name, step in steps.items():
        found = found.with_(
            exp.to_identifier(name, quoted=True),
            as_=step.query,
            materialized=step.materialized,
            copy=False,
        )
    return found


def _values(use: ViewJoin, name: str) -> exp.Select:
    features = [column(f"f{i}", "r") for i in range(len(use.features))]
    # Null where it is more than 64 bits hold.
    wide = exp.Sub(this=cast(column("t", "m"), "HUGEINT"), expression=column("e", "r"))
    age = cast(wide, "BIGINT", safe=True)
    proof = [column(part, "r") for part in _proof(use)]
    wanted = [column("i", "m"), *features, named(_state(), "s"), named(age, "a"), *proof]
    found = exp.select(*wanted, copy=False).from_(table(f"{name}_match", "m"))
    using = [exp.to_identifier(part, quoted=True) for part in (*use.key_names, "k")]
    rows = exp.Join(this=table(f"{name}_rows", "r"), side="LEFT", using=using)
    return found.join(rows, copy=False)


def _proof(use: ViewJoin) -> list[str]:
    return ["e", "c"] if use.proves else []


def _state() -> exp.Expr:
    later = exp.GT(this=column("c", "r"), expression=column("t", "m"))
    tied = exp.GT(this=column("n", "r"), expression=number(1))
    matched = exp.Add(
        this=exp.Add(this=number(MATCHED), expression=_bit(later, CREATED_LATER)),
        expression=_bit(tied, TIED),
    )
    state = case(
        (not_null(column("n", "r")), matched),
        (exp.Is(this=column("k", "m"), expression=exp.null()), number(EXPIRED)),
        otherwise=exp.null(),
    )
    return cast(state, "TINYINT")


def _bit(condition: exp.Expr, bit: int) -> exp.Expr:
    return case((condition, number(bit)), otherwise=number(0))
