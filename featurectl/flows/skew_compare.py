"""How what was served differs from what was true: the skew of a model, before it is deployed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from featurectl.definitions.arrow_type import arrow_type
from featurectl.flows.column_skew import ColumnSkew, SkewTally
from featurectl.flows.report import ViewReport, ViewTally
from featurectl.flows.side_by_side import side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable

    from featurectl.flows.training_set import Join, TrainingSet

FORMAT = "featurectl.comparison/1"
_WIDE = pa.decimal128(38, 0)  # many great ages are more than 64 bits hold


@dataclass(frozen=True)
class ViewSkew:
    """One use of a view: what became of the rows in the join that takes what was true at their
    times, and in the one that takes what was served; with the mean ages of the values in seconds.
    """  # noqa: D205 - one thought

    true: ViewReport
    served: ViewReport
    true_age_seconds: float | None
    served_age_seconds: float | None

    def document(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "view": self.true.view,
            "as": self.true.label,
            "point_in_time": self.true.document() | {"mean_age_seconds": self.true_age_seconds},
            "as_served": self.served.document() | {"mean_age_seconds": self.served_age_seconds},
        }


@dataclass(frozen=True)
class Comparison:
    """The same rows joined in both ways. ``features`` are in the order asked for."""

    rows: int
    views: tuple[ViewSkew, ...]
    features: tuple[ColumnSkew, ...]

    def document(self) -> dict[str, Any]:
        """The JSON form, ``featurectl.comparison/1``."""
        return {
            "format": FORMAT,
            "compared": ["point_in_time", "as_served"],
            "rows": self.rows,
            "views": [view.document() for view in self.views],
            "features": [feature.document() for feature in self.features],
        }


class _Side:
    """One of the two joins of a use of a view, while its batches go by."""

    def __init__(self, join: Join) -> None:
        self.join = join
        self._tally = ViewTally(join.use.columns)
        self._age_us, self._aged = 0, 0

    def add(self, found: pa.RecordBatch) -> list[pa.Array]:
        """Count a batch; its features."""
        columns = self.join.use.columns.features
        values = [
            found.column(f"f{i}").cast(arrow_type(column.type)) for i, column in enumerate(columns)
        ]
        ages = found.column("a")
        self._tally.add(found.column("s"), ages, values)
        self._age_us += pc.sum(ages.cast(_WIDE)).as_py() or 0
        self._aged += len(ages) - ages.null_count
        return values

    @property
    def age_seconds(self) -> float | None:
        """The mean age of the values."""
        return float(self._age_us) / self._aged / 1e6 if self._aged else None

    def report(self) -> ViewReport:
        """The counts. Rows of the source that can't be used are not counted here."""
        return self._tally.finish(self.join.use.known_at, 0, self.join.use.served)


def compare(found: TrainingSet, watch: Callable[[int], None] | None = None) -> Comparison:
    """Join the rows as they are and as they were served, and compare them feature by feature.

    Streams: nothing is held but counts. ``watch`` is told the number of rows so far.

    Raises:
        RequestError: FC335 a view was never served, or no run has loaded it.
        SourceError: FC206 the engine failed, FC207 a source changed while it was read.
    """
    pairs = [
        (_Side(true), _Side(other)) for true, other in zip(found.joins, found.served(), strict=True)
    ]
    tallies = [
        [SkewTally(use.join.use.columns, column) for column in use.join.use.columns.features]
        for use, _ in pairs
    ]
    streams = [side.join.batches() for pair in pairs for side in pair]
    done = 0
    for rows, *pieces in side_by_side(found.frame.batches(), streams):
        for n, (true, other) in enumerate(pairs):
            both = zip(true.add(pieces[2 * n]), other.add(pieces[2 * n + 1]), strict=True)
            for tally, (value, then) in zip(tallies[n], both, strict=True):
                tally.add(value, then)
        done += rows.num_rows
        if watch:
            watch(done)
    found.check_sources()
    views = tuple(
        ViewSkew(true.report(), other.report(), true.age_seconds, other.age_seconds)
        for true, other in pairs
    )
    features = [tally for each in tallies for tally in each]
    ordered = sorted(features, key=lambda tally: tally.column.position)
    return Comparison(done, views, tuple(tally.finish() for tally in ordered))
