"""Why a feature had its value at a moment: the row that was chosen, and why each other lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from featurectl.definitions.duration import format_duration
from featurectl.definitions.instant import format_optional
from featurectl.definitions.value import to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

CHOSEN = "chosen"
# Why a row lost: by its verdict (queries/candidates.py), or to the one that was chosen.
OLDER, CREATED_EARLIER, CONTENT, SAME = "older", "created_earlier", "content", "same"

# What became of the value; the first is the only one with a chosen row whose value is not null.
VALUE, NULL, EXPIRED, KNOWN_LATER, LATER = "value", "null", "expired", "known_later", "later"
NO_ROW, NULL_KEY, NULL_TIME = "no_row", "null_key", "null_time"


@dataclass(frozen=True)
class Candidate:
    """A row of the entity.

    ``row`` counts from 1 within the file, the header of a CSV file aside. ``created_us`` is None
    where the row has no created time. ``values`` are the features that were read: those asked
    for, or all of the view where rows of equal times had to be told apart. ``why`` is one of the
    words above, ``reason`` the same as a sentence, and ``decided_by`` the feature whose values
    decided between it and the chosen one.
    """

    file: str
    row: int
    event_us: int | None
    created_us: int | None
    values: Mapping[str, Any]
    why: str
    reason: str
    decided_by: str | None = None


@dataclass(frozen=True)
class Counts:
    """How many usable rows the entity has, by what they are at the moment, and what is not usable.

    ``matching`` are all that could have been chosen. ``without_time`` are rows of the entity whose
    time is null or infinite, ``without_key`` rows of the source with a null join key.
    """

    rows: int = 0
    later: int = 0
    known_later: int = 0
    expired: int = 0
    matching: int = 0
    without_time: int = 0
    without_key: int = 0


@dataclass(frozen=True)
class Explanation:
    """The value, the row that it came from, and the rows that lost.

    Args:
        view: the view's name.
        features: the features asked for, with their types.
        keys: the entity's join keys; None where one is null.
        key_types: their types.
        at_us: the moment, in microseconds; None where it is null.
        ttl_us: the view's time to live; None where its values never expire.
        known_at: ``on``, ``off``, or ``no created time`` where the cutoff has no effect.
        outcome: one of the words above.
        reason: why the value is what it is, as one sentence.
        candidates: rows near the moment, newest first.
        counts: of all rows of the entity.
        types: the types of the features that were read.
        source: the source's name.
        hints: what may help where there is no row.
        is_static: whether the rows hold at all times.
        changed: of a row of a training set, the features for which the file has another value than
            the sources give now, with the file's value.
    """

    view: str
    features: Mapping[str, str]
    keys: Mapping[str, Any]
    key_types: Mapping[str, str]
    at_us: int | None
    ttl_us: int | None
    known_at: str
    outcome: str
    reason: str
    source: str
    types: Mapping[str, str]
    candidates: tuple[Candidate, ...] = ()
    counts: Counts = field(default_factory=Counts)
    hints: tuple[str, ...] = ()
    is_static: bool = False
    changed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def chosen(self) -> Candidate | None:
        """The row that won, if any did."""
        return next((row for row in self.candidates if row.why == CHOSEN), None)

    @property
    def values(self) -> dict[str, Any]:
        """The values of the features asked for."""
        chosen = self.chosen
        return {name: None if chosen is None else chosen.values[name] for name in self.features}

    @property
    def age_us(self) -> int | None:
        """How old the chosen row was; None without one, and in a static view."""
        chosen = self.chosen
        if chosen is None or chosen.event_us is None or self.at_us is None:
            return None
        return self.at_us - chosen.event_us

    @property
    def created_later_us(self) -> int | None:
        """By how much the chosen row was created after the moment; None where it was not."""
        chosen = self.chosen
        if chosen is None or chosen.created_us is None or self.at_us is None or self.is_static:
            return None
        return max(chosen.created_us - self.at_us, 0) or None

    @property
    def not_shown(self) -> dict[str, int]:
        """How many rows of the entity are no candidates: ``later`` and ``earlier`` ones."""
        later = sum(row.why == LATER for row in self.candidates)
        shown = len(self.candidates) - later
        earlier = self.counts.rows - self.counts.later
        return {"later": self.counts.later - later, "earlier": earlier - shown}

    def document(self) -> dict[str, Any]:
        """The JSON form, ``featurectl.explain/1``."""
        counts = vars(self.counts)
        later, age = self.created_later_us, self.age_us
        chosen = self.chosen
        return {
            "format": "featurectl.explain/1",
            "view": self.view,
            "keys": {
                name: {"type": kind, "value": to_json(self.keys[name], kind)}
                for name, kind in self.key_types.items()
            },
            "at": format_optional(self.at_us),
            "features": {
                name: {"type": kind, "value": to_json(self.values[name], kind)}
                for name, kind in self.features.items()
            },
            "outcome": self.outcome,
            "reason": self.reason,
            "ttl": "none" if self.ttl_us is None else format_duration(self.ttl_us),
            "known_at": self.known_at,
            "age_seconds": None if age is None else age / 1_000_000,
            "created_later_seconds": None if later is None else later / 1_000_000,
            "chosen": None if chosen is None else self._candidate(chosen),
            "candidates": [self._candidate(row) for row in self.candidates],
            "counts": dict(counts),
            "not_shown": self.not_shown,
            "source": self.source,
            "hints": list(self.hints),
            "changed": {
                name: to_json(value, self.features[name]) for name, value in self.changed.items()
            },
        }

    def _candidate(self, row: Candidate) -> dict[str, Any]:
        return {
            "file": row.file,
            "row": row.row,
            "event_timestamp": format_optional(row.event_us),
            "created_timestamp": format_optional(row.created_us),
            "features": {
                name: to_json(row.values[name], kind) for name, kind in self.types.items()
            },
            "why": row.why,
            "reason": row.reason,
            "decided_by": row.decided_by,
        }
