"""Instants: UTC with microsecond resolution, held as whole microseconds since 1970."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import Final

from featurectl.definitions.duration import MICROSECOND, parse_duration

EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
LEAST_US: Final = -(1 << 63)  # stores, engines and registries hold instants in 64 bits
_EARLIEST = datetime.min.replace(tzinfo=timezone.utc)
_LATEST = datetime.max.replace(tzinfo=timezone.utc)
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?"
    r"\s*(Z|z|[+-]\d{2}(?::?\d{2})?)?)?"
)


def parse_instant(value: str | date | datetime | int) -> int:
    """Microseconds since 1970 of a time; what has no zone is UTC, a date is its midnight.

    Digits beyond the microsecond are cut, which floors them, also before 1970. An int is taken as
    microseconds already.

    >>> parse_instant("2024-01-01T07:00-05:00") == parse_instant("2024-01-01T12:00:00Z")
    True

    Raises:
        ValueError: not an ISO 8601 date or time, or not within 64 bits.
    """
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
        return (aware - EPOCH) // MICROSECOND
    if isinstance(value, date):
        return (
            datetime(value.year, value.month, value.day, tzinfo=timezone.utc) - EPOCH
        ) // MICROSECOND
    if isinstance(value, int):
        if not LEAST_US <= value < -LEAST_US:
            raise ValueError(f"{value} microseconds since 1970 are beyond all calendars")
        return value
    match = _ISO.fullmatch(value.strip())
    if not match:
        raise ValueError(f'"{value}" is not a time; write ISO 8601: 2024-01-31T12:00:00Z')
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    micro = int((match[7] or "0")[:6].ljust(6, "0"))
    try:
        moment = datetime(year, month, day, hour, minute, second, micro, tzinfo=timezone.utc)
        return (moment - _offset(match[8]) - EPOCH) // MICROSECOND
    except (ValueError, OverflowError) as error:
        raise ValueError(f'"{value}" is not a time: {error}') from None


def parse_when(text: str, *, now_us: int) -> int:
    """An instant as a command line takes it: ISO 8601, ``now``, or a duration ago such as ``-2d``.

    Raises:
        ValueError: none of these, or not within 64 bits.
    """
    word = text.strip()
    if word == "now":
        return now_us
    if word.startswith("-") and word[1:2].isdigit():
        return parse_instant(now_us - parse_duration(word[1:]))
    return parse_instant(word)


def format_instant(us: int) -> str:
    """ISO 8601 in UTC with ``Z``, with as many decimals as it needs.

    >>> format_instant(0)
    '1970-01-01T00:00:00Z'
    """
    moment = to_datetime(us)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    fraction = f"{moment.microsecond:06d}".rstrip("0")
    return f"{text}.{fraction}Z" if fraction else f"{text}Z"


def format_optional(us: int | None) -> str | None:
    """The text of :func:`format_instant`; None of None."""
    return None if us is None else format_instant(us)


def to_datetime(us: int) -> datetime:
    """The aware datetime (UTC) of microseconds since 1970, or the nearest that Python has.

    Engines know years after 9999 and before 1, and infinity.

    >>> to_datetime(1 << 62).isoformat()
    '9999-12-31T23:59:59.999999+00:00'
    """
    try:
        return EPOCH + timedelta(microseconds=us)
    except OverflowError:
        return _LATEST if us > 0 else _EARLIEST


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone in "Zz":
        return timedelta(0)
    digits = zone[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -size if zone[0] == "-" else size
