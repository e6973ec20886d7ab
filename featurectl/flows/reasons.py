"""Why a row lost, and why a value is what it is, as sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from featurectl.definitions.duration import format_duration, span
from featurectl.definitions.instant import format_instant
from featurectl.definitions.value import to_json
from featurectl.flows import explanation as why
from featurectl.flows.row_values import differing, python_value
from featurectl.queries.candidates import EXPIRED, KNOWN_LATER, LATER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from featurectl.flows.explanation import Counts

_MILLISECOND, _SECOND = 1_000, 1_000_000


@dataclass(frozen=True)
class FoundRow:
    """A row as the query gave it: its place, its times, its exact values, and its verdict."""

    file: str
    row: int
    event_us: int | None
    created_us: int | None  # the event's where the row has none
    has_created: bool
    values: tuple[Any, ...]
    verdict: str


@dataclass(frozen=True)
class Lost:
    """Why a row is not the one that was chosen."""

    why: str
    reason: str
    decided_by: str | None = None


def why_lost(
    row: FoundRow,
    winner: FoundRow | None,
    types: Mapping[str, str],
    *,
    at_us: int,
    ttl_us: int | None,
) -> Lost:
    """Why ``row`` lost; ``types`` are all features of the view, in the order of the values.

    Raises:
        RuntimeError: it should have won: what is explained is not what was joined.
    """
    event, created = row.event_us, row.created_us
    if row.verdict == LATER and event is not None:
        return Lost(why.LATER, f"later than that time, by {apart(event - at_us)}")
    if row.verdict == KNOWN_LATER and created is not None:
        return Lost(why.KNOWN_LATER, f"known later: created {apart(created - at_us)} after it")
    if row.verdict == EXPIRED and event is not None and ttl_us is not None:
        past = apart(at_us - ttl_us - event)
        return Lost(why.EXPIRED, f"expired: past ttl {format_duration(ttl_us)} by {past}")
    if winner is None:
        raise RuntimeError(f"no row was joined, but row {row.row} of {row.file} matches")
    return _lost_to(row, winner, types)


def _lost_to(row: FoundRow, winner: FoundRow, types: Mapping[str, str]) -> Lost:
    mine = (row.event_us or 0, row.created_us or 0)
    best = (winner.event_us or 0, winner.created_us or 0)
    if mine > best:
        raise RuntimeError(f"row {row.row} of {row.file} is newer than the one that was joined")
    if mine[0] < best[0]:
        return Lost(why.OLDER, f"older than the chosen row, by {apart(best[0] - mine[0])}")
    if mine < best:
        return Lost(
            why.CREATED_EARLIER, f"created {apart(best[1] - mine[1])} before the chosen row"
        )
    names = list(types)
    places = {name: names.index(name) for name in names}
    order = sorted(names)
    values = [[each.values[places[name]] for name in order] for each in (row, winner)]
    decided = differing(order, *values)
    if decided is None:
        same = row.has_created == winner.has_created
        told = "the same row again" if same else "the same, but without a created time"
        return Lost(why.SAME, told)
    less, more = (_told(each.values[places[decided]], types[decided]) for each in (row, winner))
    times = "" if row.event_us is None else "same times; "
    return Lost(why.CONTENT, f"{times}by content: {decided} {less} is below {more}", decided)


def why_value(
    rows: Sequence[FoundRow],
    winner: FoundRow | None,
    counts: Counts,
    *,
    at_us: int,
    ttl_us: int | None,
    knows: bool,
) -> tuple[str, str]:
    """The outcome, and why as a sentence; ``knows`` says that the cutoff by created time was on."""
    if winner is not None:
        return why.VALUE, _why_joined(winner, at_us, ttl_us, knows=knows)
    if counts.expired and ttl_us is not None:
        newest = next(row.event_us or 0 for row in rows if row.verdict == EXPIRED)
        past = f"{apart(at_us - newest - ttl_us)} past ttl {format_duration(ttl_us)}"
        return why.EXPIRED, f"the newest row was {apart(at_us - newest)} old, {past}"
    if counts.known_later:
        return why.KNOWN_LATER, "every row up to that time was created after it"
    if counts.later:
        first = min(row.event_us or 0 for row in rows if row.verdict == LATER)
        after = f"{apart(first - at_us)} after that time"
        return why.LATER, f"the first row is at {format_instant(first)}, {after}"
    if counts.without_time:
        return why.NO_ROW, "no row of this entity has a time that can be used"
    return why.NO_ROW, "the source has no row of this entity"


def _why_joined(winner: FoundRow, at_us: int, ttl_us: int | None, *, knows: bool) -> str:
    if winner.event_us is None:
        return "rows of a static source hold at all times"
    known = " that was known by then" if knows else ""
    ttl = "" if ttl_us is None else f", within ttl {format_duration(ttl_us)}"
    return f"the newest row{known} was {apart(at_us - winner.event_us)} old{ttl}"


def apart(us: int) -> str:
    """A length of time; what is below a second by its own unit.

    >>> apart(5_400_000_000), apart(250_000), apart(1)
    ('1 h 30 m', '250 ms', '1 us')
    """
    if us >= _SECOND or us == 0:
        return span(us)
    return f"{us} us" if us % _MILLISECOND else f"{us // _MILLISECOND} ms"


def _told(exact: Any, type_name: str) -> str:
    value = to_json(python_value(exact, type_name), type_name)
    return "null" if value is None else repr(value)
