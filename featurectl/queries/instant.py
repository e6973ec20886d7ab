"""Whatever a source holds as a time, as microseconds since 1970 UTC.

What has no zone is UTC, a date is its midnight, nanoseconds are floored (also before 1970, but by
DuckDB 1.5 where they have a zone: it reads those as microseconds, cut off towards 1970). An
infinite time gives null, as a null does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.definitions.instant import format_instant
from featurectl.definitions.types import TEXT
from featurectl.queries.expression import call, case, cast, is_null, number, text

if TYPE_CHECKING:
    from collections.abc import Sequence

# The forms that definitions/instant.py takes: its groups, without what Python checks afterwards.
_ISO = (
    r"^\s*(\d{4}-\d{2}-\d{2})"
    r"(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:[.,](\d{1,9}))?)?"
    r"\s*(?:[Zz]|([+-])(\d{2})(?::?(\d{2}))?)?)?\s*$"
)
_GROUPS = ("day", "hour", "minute", "second", "fraction", "sign", "zone_hours", "zone_minutes")
_NANOSECONDS = ("TIMESTAMP_NS", "TIMESTAMPTZ_NS")

# The engine's infinities have no microseconds. Below the lower one lies a number that it takes for
# a time, but not all of its arithmetic does: "not a time" as others have written it.
_NO_TIME = cast(number(-(1 << 63)), "BIGINT")

# Nanosecond columns span these instants only, and a bound outside of them can't be compared there.
_FIRST_US, _LAST_US = -9_000_000_000_000_000, 9_000_000_000_000_000


def microseconds(value: exp.Expr, type_name: str, origin: str) -> exp.Expr:
    """Microseconds of a time column of that type, as a source names types.

    ``origin`` says in an error where the value stands. The query fails with FC208 on a text that is
    no time.
    """
    if type_name in ("string", TEXT):
        return _of_text(value, origin)
    return of_time(value)


def of_time(value: exp.Expr) -> exp.Expr:
    """Microseconds of a timestamp of any unit and zone, or of a date.

    The engine folds ``typeof`` while it plans, so that only one branch is left.
    """
    nanos = call("epoch_ns", cast(value.copy(), "TIMESTAMP_NS"))
    return case(
        (_is_nanoseconds(value), _floor_thousandth(nanos)),
        otherwise=call(
            "nullif", call("epoch_us", cast(value.copy(), "TIMESTAMPTZ")), _NO_TIME.copy()
        ),
    )


def as_timestamp(value: exp.Expr) -> exp.Expr:
    """A timestamp or date as a zoned timestamp of microseconds; infinities stay."""
    nanos = call("epoch_ns", cast(value.copy(), "TIMESTAMP_NS"))
    floored = cast(call("make_timestamp", _floor_thousandth(nanos)), "TIMESTAMPTZ")
    return case((_is_nanoseconds(value), floored), otherwise=cast(value.copy(), "TIMESTAMPTZ"))


def timestamp_of_text(value: exp.Expr, origin: str) -> exp.Expr:
    """An ISO 8601 text as a zoned timestamp."""
    return cast(call("make_timestamp", _of_text(value, origin)), "TIMESTAMPTZ")


def roughly_between(
    value: exp.Expr, type_name: str, first_us: int | None, last_us: int | None
) -> Sequence[exp.Expr]:
    """Conditions on the raw column that let the engine skip row groups; they keep every row whose
    microseconds are in ``[first_us, last_us]``, and may keep others.

    The bound is a plain text literal, which takes the column's own type, whatever its unit.
    """  # noqa: D205 - one thought
    if type_name not in ("timestamp", "date"):
        return ()
    width = 10 if type_name == "date" else None
    found: list[exp.Expr] = []
    if first_us is not None and _FIRST_US < first_us < _LAST_US:
        found.append(exp.GTE(this=value.copy(), expression=_bound(first_us, width)))
    if last_us is not None and _FIRST_US < last_us < _LAST_US:
        found.append(exp.LT(this=value.copy(), expression=_bound(last_us + 1, width)))
    return found if width is None else [_inclusive(condition) for condition in found]


def _inclusive(condition: exp.Expr) -> exp.Expr:
    if isinstance(condition, exp.LT):
        return exp.LTE(this=condition.this, expression=condition.expression)
    return condition


def _bound(us: int, width: int | None) -> exp.Literal:
    return text(format_instant(us).rstrip("Z").replace("T", " ")[:width])


def _is_nanoseconds(value: exp.Expr) -> exp.Expr:
    names = [text(name) for name in _NANOSECONDS]
    return exp.In(this=call("typeof", value.copy()), expressions=names)


def _floor_thousandth(nanos: exp.Expr) -> exp.Expr:
    # Division and remainder cut towards zero: one less where something was cut below zero.
    cut = exp.LT(this=exp.Mod(this=nanos.copy(), expression=number(1000)), expression=number(0))
    whole = exp.IntDiv(this=nanos, expression=number(1000))
    return exp.Sub(this=whole, expression=cast(exp.Paren(this=cut), "BIGINT"))


def _of_text(value: exp.Expr, origin: str) -> exp.Expr:
    part = _parts(value)
    clock = exp.DPipe(
        this=exp.DPipe(this=_or(part["hour"], "00"), expression=text(":")),
        expression=exp.DPipe(
            this=exp.DPipe(this=_or(part["minute"], "00"), expression=text(":")),
            expression=_or(part["second"], "00"),
        ),
    )
    moment = exp.DPipe(
        this=exp.DPipe(this=part["day"], expression=text(" ")), expression=exp.Paren(this=clock)
    )
    whole = call("epoch_us", cast(exp.Paren(this=moment), "TIMESTAMP", safe=True))
    micro = cast(
        call("rpad", call("left", part["fraction"], number(6)), number(6), text("0")), "BIGINT"
    )
    found = exp.Sub(
        this=exp.Add(this=whole, expression=micro), expression=exp.Paren(this=_offset(part))
    )
    wrong = call(
        "error",
        exp.DPipe(
            this=exp.DPipe(this=text(f'FC208: {origin}: "'), expression=value.copy()),
            expression=text('" is not a time; write ISO 8601: 2024-01-31T12:00:00Z'),
        ),
    )
    is_iso = exp.and_(
        call("regexp_matches", value.copy(), text(_ISO)),
        exp.NEQ(this=call("left", call("ltrim", value.copy()), number(4)), expression=text("0000")),
        copy=False,
    )
    return case(
        (is_null(value.copy()), cast(exp.null(), "BIGINT")),
        (is_iso, call("coalesce", found, cast(wrong.copy(), "BIGINT"))),
        otherwise=cast(wrong, "BIGINT"),
    )


def _parts(value: exp.Expr) -> dict[str, exp.Expr]:
    names = exp.Array(expressions=[text(name) for name in _GROUPS])
    groups = call("regexp_extract", value.copy(), text(_ISO), names)
    return {name: call("struct_extract", groups.copy(), text(name)) for name in _GROUPS}


def _or(part: exp.Expr, default: str) -> exp.Expr:
    return call("coalesce", call("nullif", part, text("")), text(default))


def _offset(part: dict[str, exp.Expr]) -> exp.Expr:
    hours = cast(_or(part["zone_hours"], "0"), "BIGINT")
    minutes = cast(_or(part["zone_minutes"], "0"), "BIGINT")
    size = exp.Add(
        this=exp.Mul(this=hours, expression=number(3_600_000_000)),
        expression=exp.Mul(this=minutes, expression=number(60_000_000)),
    )
    negative = exp.EQ(this=part["sign"], expression=text("-"))
    return case((negative, exp.Neg(this=exp.Paren(this=size.copy()))), otherwise=size)
