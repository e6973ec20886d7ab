"""What callers write for times and durations, read into what the flows take."""

from __future__ import annotations

import time
from datetime import date

from featurectl.definitions.duration import parse_duration
from featurectl.definitions.instant import parse_instant, parse_when
from featurectl.errors import RequestError

When = str | int | date | None  # ISO text, "now", "-2d", a datetime or date, or microseconds


def now_us() -> int:
    """This moment, in microseconds since 1970."""
    return time.time_ns() // 1000


def instant(when: When, moment: int) -> int | None:
    """Microseconds since 1970; ``now`` and ``-2d`` count from ``moment``.

    Raises:
        RequestError: FC318 it can't be read.
    """
    if when is None:
        return None
    try:
        return parse_when(when, now_us=moment) if isinstance(when, str) else parse_instant(when)
    except ValueError as error:
        raise RequestError("FC318", str(error)) from None


def seconds(duration: str | None) -> float | None:
    """Seconds of a duration such as ``5m``.

    Raises:
        RequestError: FC318 it can't be read.
    """
    try:
        return None if duration is None else parse_duration(duration) / 1e6
    except ValueError as error:
        raise RequestError("FC318", str(error)) from None
