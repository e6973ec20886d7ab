"""A finding about an entity frame, or about what was joined to it: suspicious, not wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Lint:
    """One finding.

    Args:
        code: what kind of finding, in words: ``dates_as_times``.
        message: one line for a person, without a full stop.
        count: how many rows (or entities) it is about.
        sample: a few of them: numbers of rows from 1 on, or what the message speaks of.
    """

    code: str
    message: str
    count: int
    sample: tuple[Any, ...] = ()

    def document(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "code": self.code,
            "message": self.message,
            "count": self.count,
            "sample": list(self.sample),
        }
