"""Numbers, sizes, spans and times as a person reads them."""

from __future__ import annotations

from featurectl.definitions.duration import format_duration, span
from featurectl.definitions.instant import to_datetime

_SECOND_US = 1_000_000
_MINUTE, _HOUR, _DAY, _YEAR = 60, 3_600, 86_400, 365 * 86_400


def count(number: int) -> str:
    """A whole number with commas: ``1,214,870``."""
    return f"{number:,}"


def plural(number: int, noun: str) -> str:
    """``1 view``, ``2 views``, ``3 entities``."""
    many = noun[:-1] + "ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else noun + "s"
    return f"{number:,} {noun if number == 1 else many}"


def about(number: float) -> str:
    """A number that is not exact, to two or three digits: ``~120``, ``~48,200``, ``~39.6 M``."""
    if number < 1_000:  # noqa: PLR2004 - no more than three digits anyway
        return f"~{number:.0f}"
    if number < 999_500:  # noqa: PLR2004 - what would be rounded to a million
        digits = 10 ** (len(str(int(number))) - 3)
        return f"~{round(number / digits) * digits:,}"
    amount, unit = (number / 1e6, "M") if number < 999.95e6 else (number / 1e9, "G")  # noqa: PLR2004 - same
    return f"~{amount:,.1f} {unit}"


def size(size_bytes: int) -> str:
    """Bytes in the largest decimal unit: ``18.4 MB``."""
    if size_bytes < 1000:  # noqa: PLR2004 - the decimal units themselves
        return f"{size_bytes} B"
    amount = float(size_bytes)
    for unit in ("kB", "MB", "GB", "TB"):
        amount /= 1000
        if amount < 999.95 or unit == "TB":  # noqa: PLR2004 - what would be rounded to 1000.0
            break
    return f"{amount:,.1f} {unit}"


def percent(part: int, whole: int) -> str:
    """``96.2 %``; a dash of nothing. Never 0.0 or 100.0 for what is only near it."""
    if not whole:
        return "-"
    share = 100 * part / whole
    if 0 < share < 0.05:  # noqa: PLR2004 - would be rounded to 0.0
        return "<0.1 %"
    if 99.95 <= share < 100:  # noqa: PLR2004 - would be rounded to 100.0
        return ">99.9 %"
    return f"{share:.1f} %"


def seconds(elapsed: float) -> str:
    """A run's time: ``0.4 s``, ``2 m 31 s``, ``1 h 05 m``."""
    return f"{elapsed:.1f} s" if elapsed < _MINUTE - 0.05 else span(round(elapsed) * _SECOND_US)


def brief(elapsed: float) -> str:
    """A short wait: ``0.6 ms``, ``41 ms``, ``1.2 s``."""
    milliseconds = elapsed * 1000
    if milliseconds < 10:  # noqa: PLR2004 - one decimal below ten
        return f"{milliseconds:.1f} ms"
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{elapsed:.1f} s"  # noqa: PLR2004


def age(elapsed: float) -> str:
    """How old something is: ``12 m``, ``3 h 02 m``, ``2 d 03 h``, ``12.9 y``."""
    if elapsed < 0:
        return f"{age(-elapsed)} ahead"
    whole = int(elapsed)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} m"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} m"
    if whole < 2 * _YEAR:
        return f"{whole // _DAY} d {whole % _DAY // _HOUR:02d} h"
    return f"{elapsed / _YEAR:.1f} y"


def limit(duration_us: int) -> str:
    """A duration as a limit: ``1 h``, ``90 m``, ``2 d``."""
    text = format_duration(duration_us)
    return f"{text[:-1]} {text[-1]}"


def moment(us: int) -> str:
    """A time in UTC to the minute, or as exact as it is: ``2026-11-22 04:00``."""
    at = to_datetime(us)
    if at.microsecond:
        return f"{at:%Y-%m-%d %H:%M:%S.%f}"
    return f"{at:%Y-%m-%d %H:%M}" if at.second == 0 else f"{at:%Y-%m-%d %H:%M:%S}"


def window(from_us: int | None, to_us: int | None, *, now_us: int, short: bool = False) -> str:
    """A range of event times, to the second: the date once, and not at all when it is today's.

    ``short`` leaves out the times of day where the range spans several days.
    """
    if to_us is None:
        return "all rows"
    end = moment(_second(to_us)).split(" ")
    if from_us is None:
        return f"beginning -> {end[0] if short else ' '.join(end)}"
    start = moment(_second(from_us)).split(" ")
    if start[0] == end[0]:
        date = "" if start[0] == moment(now_us).split(" ")[0] else f"{start[0]} "
        return f"{date}{start[1]} -> {end[1]}"
    if short:
        return f"{start[0]} -> {end[0]}"
    return f"{' '.join(start)} -> {' '.join(end)}"


def _second(us: int) -> int:
    return us - us % _SECOND_US
