"""How the values of each column of two training sets differ: nulls, moments, quantiles, PSI, KS."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from featurectl.definitions.instant import format_instant
from featurectl.flows.drift_measure import CATEGORIES, bin_counts, ks, psi
from featurectl.offline.protocol import Query
from featurectl.queries import dataset_rows as sql
from featurectl.queries.dataset_rows import NUMBER, OTHER, TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from featurectl.offline.protocol import OfflineEngine
    from featurectl.queries.dataset_rows import Pair

SAMPLED_ROWS = 2_000_000  # of a column in memory at once; beyond, each second, third … row
QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.99)


@dataclass(frozen=True)
class Side:
    """The values of a column in one file.

    Moments and quantiles are of its numbers, microseconds for times; None without any.
    """

    rows: int
    nulls: int
    nans: int = 0
    mean: float | None = None
    std: float | None = None
    least: float | None = None
    most: float | None = None
    quantiles: tuple[float, ...] = ()

    def document(self, kind: str) -> dict[str, Any]:
        """The JSON form; times as ISO 8601, a deviation of times in seconds."""
        found: dict[str, Any] = {"rows": self.rows, "nulls": self.nulls}
        if kind == OTHER:
            return found
        std = self.std if kind == NUMBER or self.std is None else self.std / 1e6
        found |= {"nans": self.nans} if kind == NUMBER else {}
        return {
            **found,
            "mean": shown(self.mean, kind),
            "std": shown(std, NUMBER),
            "min": shown(self.least, kind),
            "max": shown(self.most, kind),
            "quantiles": {
                f"{rank:g}": shown(value, kind)
                for rank, value in zip(QUANTILES, self.quantiles, strict=False)
            },
        }


@dataclass(frozen=True)
class ColumnDrift:
    """A column in both files. ``changed`` counts matched rows whose values differ.

    ``psi`` and ``ks`` are None where a side has no values; ``ks`` of what has no order too.
    """

    name: str
    kind: str
    is_feature: bool
    changed: int
    ours: Side
    theirs: Side
    psi: float | None
    ks: float | None

    def document(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "column": self.name,
            "is_feature": self.is_feature,
            "kind": self.kind,
            "changed": self.changed,
            "a": self.ours.document(self.kind),
            "b": self.theirs.document(self.kind),
            "psi": self.psi,
            "ks": self.ks,
        }


def shown(value: float | None, kind: str) -> Any:
    """A figure as JSON has it."""
    if value is None:
        return None
    if kind == TIME:
        return format_instant(round(value))
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return "NaN" if math.isnan(value) else value


def measure_drift(
    engine: OfflineEngine,
    files: tuple[str, str],
    rows: tuple[int, int],
    columns: Sequence[tuple[Pair, bool, int]],
) -> list[ColumnDrift]:
    """The drift of each column, given with whether it is a feature and how many rows changed.

    One pass over both files for the moments; then a column at a time: at most SAMPLED_ROWS of its
    values, evenly spread over the file, are in memory.
    """
    numeric = [pair for pair, _, _ in columns if pair.kind != OTHER]
    facts = [_facts(engine, file, numeric) for file in files]
    found = []
    for pair, is_feature, changed in columns:
        if pair.kind == OTHER:
            sides, figures = _of_categories(engine, files, rows, pair.name)
        else:
            sides, figures = _of_numbers(engine, files, rows, pair, [f[pair.name] for f in facts])
        found.append(ColumnDrift(pair.name, pair.kind, is_feature, changed, *sides, *figures))
    return found


def _facts(engine: OfflineEngine, file: str, columns: Sequence[Pair]) -> dict[str, dict[str, Any]]:
    if not columns:
        return {}
    query = sql.number_facts(file, [(pair.name, pair.kind) for pair in columns])
    row = engine.fetch(Query(query)).read_all().to_pylist()[0]
    return {
        pair.name: {key: row[f"{key}{at}"] for key in "nxmslh"} for at, pair in enumerate(columns)
    }


def _of_numbers(
    engine: OfflineEngine,
    files: tuple[str, str],
    rows: tuple[int, int],
    pair: Pair,
    facts: Sequence[dict[str, Any]],
) -> tuple[tuple[Side, Side], tuple[float | None, float | None]]:
    values = [_numbers(engine, file, pair, count) for file, count in zip(files, rows, strict=True)]
    ours, theirs = (
        Side(count, each["n"], each["x"], each["m"], each["s"], each["l"], each["h"], _ranks(found))
        for count, each, found in zip(rows, facts, values, strict=True)
    )
    counts = bin_counts(values[0], values[1])
    bins = [
        [*_scaled(each, side.rows - side.nulls - side.nans), side.nulls, side.nans]
        for each, side in zip(counts, (ours, theirs), strict=True)
    ]
    return (ours, theirs), (psi(bins[0], bins[1]), ks(values[0], values[1]))


def _numbers(engine: OfflineEngine, file: str, pair: Pair, rows: int) -> npt.NDArray[np.float64]:
    every = max(1, -(-rows // SAMPLED_ROWS))
    table = engine.fetch(Query(sql.numbers(file, pair.name, pair.kind, every))).read_all()
    found: npt.NDArray[np.float64] = table.column("v").to_numpy()
    return found


def _ranks(values: npt.NDArray[np.float64]) -> tuple[float, ...]:
    if not len(values):
        return ()
    ordered = np.sort(values)
    return tuple(float(ordered[max(0, math.ceil(rank * len(ordered)) - 1)]) for rank in QUANTILES)


def _scaled(counts: Sequence[int], total: int) -> list[float]:
    """Counts of a sample as those of all, so that they stand beside the nulls."""
    sampled = sum(counts)
    return [count * total / sampled if sampled else 0.0 for count in counts]


def _of_categories(
    engine: OfflineEngine, files: tuple[str, str], rows: tuple[int, int], name: str
) -> tuple[tuple[Side, Side], tuple[float | None, float | None]]:
    # Null is among the values of either side, and then a bin of its own.
    top = engine.fetch(Query(sql.categories(files[0], name, CATEGORIES))).read_all()
    values: list[str | None] = list(dict.fromkeys([None, *top.column("v").to_pylist()]))
    counts = []
    for file in files:
        row = engine.fetch(Query(sql.category_counts(file, name, values))).read_all().to_pylist()[0]
        known = [row[f"c{n}"] for n in range(len(values))]
        counts.append([*known, row["n"] - sum(known)])
    sides = (Side(rows[0], counts[0][0]), Side(rows[1], counts[1][0]))
    return sides, (psi(counts[0], counts[1]), None)
