"""What a change costs, as words: ``~`` before an estimate, ``?`` where a figure is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.figures import about, count, size
from featurectl.definitions.duration import span

if TYPE_CHECKING:
    from featurectl.plan.impact import Impact

_SECOND_US = 1_000_000


def cost_text(impact: Impact) -> str:
    """How much is read, and how long that takes: ``~39.6 M rows, ~2 m 46 s``; empty of no load."""
    return f"{rows_text(impact)}, {seconds_text(impact)}" if impact.loads else ""


def rows_text(impact: Impact) -> str:
    """``1,807 rows``, ``~1.2 M rows``, ``? rows``."""
    return _counted(impact, "rows", "row")


def keys_text(impact: Impact) -> str:
    """``1 key``, ``48,210 keys``, ``~48,200 keys``, ``? keys``."""
    return _counted(impact, "keys", "key")


def bytes_text(impact: Impact, figure: str = "bytes") -> str:
    """``~410.0 MB``, or ``? B``."""
    found = getattr(impact, figure)
    return "? B" if found is None else _mark(impact, figure) + size(found)


def seconds_text(impact: Impact) -> str:
    """``~6 s``, ``~2 m 40 s``, ``<1 s``, ``? s``."""
    found = impact.seconds
    if found is None:
        return "? s"
    return _mark(impact, "seconds") + span(round(found) * _SECOND_US) if found >= 1 else "<1 s"


def _counted(impact: Impact, figure: str, noun: str) -> str:
    found = getattr(impact, figure)
    if found is None:
        return f"? {noun}s"
    text = about(found) if figure in impact.estimated else count(found)
    return f"{text} {noun if found == 1 else noun + 's'}"


def _mark(impact: Impact, figure: str) -> str:
    return "~" if figure in impact.estimated else ""
