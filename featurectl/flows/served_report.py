"""What became of the rows of a training set in what was served, beyond the states of any join."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from featurectl.queries.as_served import DEFAULTED, NOT_LOADED, NOT_SERVED, REFUSED, STALE, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class ServedReport:
    """Counts of rows, for one use of a view.

    Args:
        not_loaded: without a value, though the source had a row by its event time: no run had
            loaded it. They are among those that the report calls ``no_row``.
        stale: whose value was past its TTL and served all the same (``on_stale: serve``).
        defaulted: which got the default instead (``on_stale: default``).
        refused: whose read failed then (``on_stale: fail``); here they are null.
        not_served: at whose time the view, or a feature asked for, was not applied; null.
        unknown: for which something that was served can't be told any more; null.
        notes: why it can't, a line each.
    """

    not_loaded: int
    stale: int
    defaulted: int
    refused: int
    not_served: int
    unknown: int
    notes: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "not_loaded": self.not_loaded,
            "stale": self.stale,
            "defaulted": self.defaulted,
            "refused": self.refused,
            "not_served": self.not_served,
            "unknown": self.unknown,
            "notes": list(self.notes),
        }


def served_report(having: Callable[[int], int], notes: tuple[str, ...]) -> ServedReport:
    """The counts, where ``having`` gives how many rows have a bit in their state."""
    return ServedReport(
        not_loaded=having(NOT_LOADED),
        stale=having(STALE),
        defaulted=having(DEFAULTED),
        refused=having(REFUSED),
        not_served=having(NOT_SERVED),
        unknown=having(UNKNOWN),
        notes=notes,
    )
