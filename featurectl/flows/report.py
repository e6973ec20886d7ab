"""What became of the entity rows in each view: why a value is there, or null."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc

from featurectl.flows.served_report import ServedReport, served_report
from featurectl.queries.winner import CREATED_LATER, EXPIRED, MATCHED, TIED

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from featurectl.definitions.columns import ViewColumns
    from featurectl.flows.leakage import Proof
    from featurectl.flows.lint import Lint
    from featurectl.flows.split import Split

FORMAT = "featurectl.report/1"
_STATES = 1024


@dataclass(frozen=True)
class ViewReport:
    """One use of a view: ``matched``, ``expired`` and ``no_row`` add up to all rows.

    Args:
        view: the view's name.
        label: the alias under which it was joined, else its name.
        known_at: whether values count from their created time on: ``on``, ``off``, or ``no created
            time`` where it was asked for and has no effect.
        matched: rows that have a value (which may be null).
        expired: rows whose newest value was older than the TTL.
        no_row: rows for which there was nothing.
        created_later: matched rows whose value was created after the row's own time.
        ties: matched rows whose value was chosen by content among rows of equal times.
        ignored: rows of the source that can't be used: no or infinite time, no key.
        oldest_age_seconds: age of the oldest value joined; None in a static view.
        newest_age_seconds: age of the newest one.
        nulls: null values of each feature, over all rows.
        same_time: matched rows whose value has exactly the row's own time.
        keys: the join keys, and the columns of the entity frame that carry them.
        served: of a join as served, what became of the rows beyond that.
    """

    view: str
    label: str
    known_at: str
    matched: int
    expired: int
    no_row: int
    created_later: int
    ties: int
    ignored: int
    oldest_age_seconds: float | None
    newest_age_seconds: float | None
    nulls: dict[str, int]
    same_time: int = 0
    keys: Mapping[str, str] = field(default_factory=dict)
    served: ServedReport | None = None

    def document(self) -> dict[str, Any]:
        """The JSON form."""
        served = {"as_served": self.served.document()} if self.served else {}
        found = {
            "view": self.view,
            "as": self.label,
            "join_keys": dict(self.keys),
            "known_at": self.known_at,
            "matched": self.matched,
            "expired": self.expired,
            "no_row": self.no_row,
            "created_later": self.created_later,
            "ties": self.ties,
            "ignored": self.ignored,
            "oldest_age_seconds": self.oldest_age_seconds,
            "newest_age_seconds": self.newest_age_seconds,
            "features": {name: {"nulls": count} for name, count in self.nulls.items()},
        }
        return found | served


@dataclass(frozen=True)
class Report:
    """All views of one training set.

    Args:
        rows: how many rows it has.
        null_event_timestamps: rows without a time, whose features are null.
        views: one for each use of a view.
        lints: what is suspicious about its rows.
        proof: what was proven of it, where that was asked for.
        split: how it was split, where it was.
    """

    rows: int
    null_event_timestamps: int
    views: tuple[ViewReport, ...]
    lints: tuple[Lint, ...] = ()
    proof: Proof | None = None
    split: Split | None = None

    def document(self) -> dict[str, Any]:
        """The JSON form, ``featurectl.report/1``."""
        found: dict[str, Any] = {
            "format": FORMAT,
            "rows": self.rows,
            "null_event_timestamps": self.null_event_timestamps,
            "views": [view.document() for view in self.views],
            "lints": [lint.document() for lint in self.lints],
        }
        if self.proof:
            found["proof"] = self.proof.document()
        if self.split:
            found["split"] = self.split.document()
        return found


@dataclass
class ViewTally:
    """Counts one use of a view while the batches of the result go by."""

    columns: ViewColumns
    _states: np.ndarray[Any, Any] = field(default_factory=lambda: np.zeros(_STATES, dtype=np.int64))
    _nulls: Counter[str] = field(default_factory=Counter)
    _ages: tuple[int, int] | None = None
    _same_time: int = 0

    def add(self, states: pa.Array, ages: pa.Array, features: list[pa.Array]) -> None:
        """Count a batch: its states (see queries/point_in_time.py), ages and feature columns."""
        filled = states.fill_null(0).to_numpy(zero_copy_only=False)
        self._states += np.bincount(filled, minlength=_STATES)
        for column, values in zip(self.columns.features, features, strict=True):
            self._nulls[column.feature] += values.null_count
        self._same_time += pc.sum(pc.equal(ages, 0)).as_py() or 0
        span = pc.min_max(ages)
        if span["min"].is_valid:
            seen = self._ages or (span["min"].as_py(), span["max"].as_py())
            self._ages = (min(seen[0], span["min"].as_py()), max(seen[1], span["max"].as_py()))

    def finish(
        self, known_at: str, ignored: int, served: tuple[str, ...] | None = None
    ) -> ViewReport:
        """The counts of all batches, and what is known of the view otherwise.

        ``served`` are the notes on a join as served.
        """
        matched, expired = self._with(MATCHED), self._with(EXPIRED)
        newest, oldest = self._ages or (None, None)
        return ViewReport(
            view=self.columns.view,
            label=self.columns.label,
            known_at=known_at,
            matched=matched,
            expired=expired,
            no_row=int(self._states.sum()) - matched - expired,
            created_later=self._with(CREATED_LATER),
            ties=self._with(TIED),
            ignored=ignored,
            oldest_age_seconds=None if oldest is None else oldest / 1_000_000,
            newest_age_seconds=None if newest is None else newest / 1_000_000,
            nulls={column.feature: self._nulls[column.feature] for column in self.columns.features},
            same_time=self._same_time,
            keys={key.join_key: key.column for key in self.columns.keys},
            served=None if served is None else served_report(self._with, served),
        )

    def _with(self, bit: int) -> int:
        return int(sum(count for state, count in enumerate(self._states) if state & bit))
