"""What a materialization did, as a value, and what it tells while it is at work."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from featurectl.definitions.instant import format_optional

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.errors import FeaturectlError
    from featurectl.registry.protocol import ViewRun

FORMAT = "featurectl.run/1"

EMPTY, NULLS = "empty", "nulls"
FINDINGS = (EMPTY, NULLS)  # of the check of a new generation, which a person may allow


@dataclass(frozen=True)
class Started:
    """A view's rows are about to be read: those from ``from_us`` (None: the beginning)."""

    view: str
    from_us: int | None
    to_us: int | None


@dataclass(frozen=True)
class Written:
    """``keys`` entities are in the store so far, the newest of ``rows`` rows."""

    view: str
    keys: int
    rows: int


@dataclass(frozen=True)
class Finished:
    """A view is done: ok, empty, failed or skipped."""

    part: ViewRun
    notes: tuple[str, ...] = ()


Event = Started | Written | Finished


def silent(_event: Event) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class RunSummary:
    """What a run did to each view, in the order of their names.

    ``run`` is 0 of a dry run, whose parts say what would be read. ``notes`` are by view: what a
    person should know, one line each; ``errors`` by view, why it failed.
    """

    run: int
    views: tuple[ViewRun, ...]
    seconds: float
    dry_run: bool = False
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    errors: Mapping[str, FeaturectlError] = field(default_factory=dict)

    @property
    def failed(self) -> tuple[ViewRun, ...]:
        """The views that failed."""
        return tuple(part for part in self.views if part.status == "failed")

    @property
    def counts(self) -> dict[str, int]:
        """How many views are ok, empty, failed, skipped."""
        words = ("ok", "empty", "failed", "skipped")
        return {word: sum(part.status == word for part in self.views) for word in words}

    @property
    def rows(self) -> int:
        """Rows read, of all views."""
        return sum(part.rows for part in self.views)

    @property
    def keys(self) -> int:
        """Keys written, of all views."""
        return sum(part.keys for part in self.views)

    @property
    def exit_code(self) -> int:
        """0 when nothing failed, else what all that failed have in common, else 1.

        5: they met somebody else at work; 4: they need an approval.
        """
        if not self.failed:
            return 0
        errors = [self.errors.get(part.view) for part in self.failed]
        codes = {error.exit_code if error else 1 for error in errors}
        return codes.pop() if len(codes) == 1 else 1

    def document(self) -> dict[str, Any]:
        """The JSON form, ``featurectl.run/1``."""
        return {
            "format": FORMAT,
            "run": self.run,
            "dry_run": self.dry_run,
            "seconds": round(self.seconds, 3),
            "views": [self._view(part) for part in self.views],
        }

    def _view(self, part: ViewRun) -> dict[str, Any]:
        return {
            "view": part.view,
            "from": format_optional(part.from_us),
            "to": format_optional(part.to_us),
            "rows": part.rows,
            "keys": part.keys,
            "late": part.late,
            "null_share": null_share(part),
            "seconds": round((part.finished_us - part.started_us) / 1e6, 3),
            "status": part.status,
            "error": part.error or None,
            "notes": list(self.notes.get(part.view, ())),
        }


def null_share(part: ViewRun) -> float | None:
    """The share of null values among those written; None where none were."""
    return part.nulls / part.values if part.values else None
