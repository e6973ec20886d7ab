"""The labels in their order, with the features of the rows that won."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.queries.expression import call, case, cast, column, named, not_null, number, table
from featurectl.queries.match import LABELS
from featurectl.queries.relation import feature_rows

if TYPE_CHECKING:
    from featurectl.queries.match import ViewJoin

# What became of a label in one view, as bits of the column ``s``; 0 where there was no row.
MATCHED, EXPIRED, CREATED_LATER, TIED = 1, 2, 4, 8


def winner_query(use: ViewJoin) -> exp.Select:
    """One row per label, in the order of ``i``: ``i f0 … s a``, and ``e c`` of a use that proves.

    The table of labels has ``i t r e b``: the number of the row that won and its event time, null
    without one, and bits of the state that are known. ``f0 …`` are the features asked for, ``s``
    what became of the label, and ``a`` the age of the value at ``t`` in microseconds (null in a
    static view); ``e`` and ``c`` are the event and created microseconds of the row that won.

    The features are read, and the created times, of a source that has them.
    """
    times = use.has_created and not use.is_static
    source = feature_rows(use.sourced, use.features, created=times).subquery("h", copy=False)
    won = exp.select(column("i"), column("r"), copy=False).from_(table(LABELS))
    won = won.where(not_null(column("r")), copy=False)
    same = exp.EQ(this=column("r", "w"), expression=column("r", "h"))
    found = exp.select(column("i", "w"), "h.*", copy=False)
    found = found.from_(source, copy=False).join(
        exp.Join(this=won.subquery("w", copy=False), on=same), copy=False
    )
    features = [column(f"f{i}", "h") for i in range(len(use.features))]
    wanted = [column("i", "l"), *features, named(_state(times=times), "s"), named(_age(), "a")]
    if use.proves:
        wanted += [named(column("e", "l"), "e"), named(_created(times=times), "c")]
    using = [exp.to_identifier("i", quoted=True)]
    rows = exp.Join(this=found.subquery("h", copy=False), side="LEFT", using=using)
    result = exp.select(*wanted, copy=False).from_(table(LABELS, "l")).join(rows, copy=False)
    return result.order_by(exp.Ordered(this=column("i", "l")), copy=False)


def _state(*, times: bool) -> exp.Expr:
    bits = exp.Add(this=column("b", "l"), expression=number(MATCHED))
    if times:
        later = exp.GT(this=_created(times=times), expression=column("t", "l"))
        bits = exp.Add(
            this=bits, expression=case((later, number(CREATED_LATER)), otherwise=number(0))
        )
    state = case((not_null(column("r", "l")), bits), otherwise=column("b", "l"))
    return cast(state, "TINYINT")


def _created(*, times: bool) -> exp.Expr:
    event = column("e", "l")
    return call("coalesce", column("c", "h"), event) if times else event


def _age() -> exp.Expr:
    # Null where it is more than 64 bits hold.
    wide = exp.Sub(this=cast(column("t", "l"), "HUGEINT"), expression=column("e", "l"))
    return cast(wide, "BIGINT", safe=True)
