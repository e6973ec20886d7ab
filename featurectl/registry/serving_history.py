"""What a registry knows of what readers were answered with, at any time before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.definitions.binding import Binding


@dataclass(frozen=True)
class Bound:
    """A binding of a view, from ``since_us`` until before ``until_us`` (None: to this day).

    ``serial`` is that of the environment when it was bound so.
    """

    binding: Binding
    serial: int
    since_us: int
    until_us: int | None


@dataclass(frozen=True)
class Load:
    """Rows that a run has brought into a generation; its fields are those of a ``ViewRun``."""

    generation: str
    layout: int
    from_us: int | None
    to_us: int | None
    created_bound_us: int | None
    started_us: int
    finished_us: int


class ServingHistory(Protocol):
    """Which rows readers were sent to, and which runs have loaded those.

    Laws: nothing of it is ever deleted. A run that failed for a view, or found no rows, has loaded
    nothing of it.
    """

    def bound(self, env: str, view: str) -> list[Bound]:
        """All that the view was ever bound to under this name, oldest first."""
        ...

    def loads(self, generations: Sequence[str]) -> list[Load]:
        """What runs of any environment have loaded into them, in the order it was recorded."""
        ...
