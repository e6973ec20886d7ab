"""Durations such as ``90s 15m 48h 7d 2w``: whole seconds, held as microseconds."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

MICROSECOND: Final = timedelta(microseconds=1)
_UNITS: Final = {
    "w": 604_800_000_000,
    "d": 86_400_000_000,
    "h": 3_600_000_000,
    "m": 60_000_000,
    "s": 1_000_000,
}
DURATION_PATTERN: Final = r"^[0-9]{1,9}[smhdw]$"  # for JSON Schema
_TEXT = re.compile(r"([0-9]{1,9})([smhdw])")
_MOST_DAYS = 999_999_999  # so that each has a canonical text of its own, which can be read again


def parse_duration(value: str | timedelta) -> int:
    """Microseconds of a duration.

    >>> parse_duration("48h") == parse_duration("2d")
    True

    Raises:
        ValueError: not a positive duration of one number and one unit, of whole seconds, or longer
            than 999,999,999 days.
    """
    if isinstance(value, timedelta):
        microseconds = value // MICROSECOND
    else:
        match = _TEXT.fullmatch(value.strip())
        if not match:
            raise ValueError(
                f'"{value}" is not a duration; write a number and s, m, h, d or w: 24h'
            )
        microseconds = int(match[1]) * _UNITS[match[2]]
    if microseconds <= 0:
        raise ValueError("a duration is greater than zero")
    if microseconds % _UNITS["s"] or microseconds > _MOST_DAYS * _UNITS["d"]:
        raise ValueError(f"a duration is of whole seconds, and at most {_MOST_DAYS}d")
    return microseconds


def format_duration(microseconds: int) -> str:
    """The canonical text of whole seconds: the largest of d, h, m, s that divides them.

    >>> format_duration(parse_duration("48h")), format_duration(parse_duration("90m"))
    ('2d', '90m')
    """
    unit = next(unit for unit in "dhms" if microseconds % _UNITS[unit] == 0)
    return f"{microseconds // _UNITS[unit]}{unit}"


def span(us: int) -> str:
    """A length of time for a person, in its two greatest units.

    >>> span(130_000_000), span(3_000_000), span(183_000_000_000)
    ('2 m 10 s', '3 s', '2 d 02 h')
    """
    us = max(us, 0)
    for great, small in ("dh", "hm", "ms"):
        if us >= _UNITS[great]:
            rest = us % _UNITS[great] // _UNITS[small]
            return f"{us // _UNITS[great]} {great} {rest:02d} {small}"
    return f"{us // _UNITS['s']} s"
