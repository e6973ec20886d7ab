"""How often, and by how much, two columns of one feature differ, row by row."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from featurectl.definitions.types import parse_type

if TYPE_CHECKING:
    from featurectl.definitions.columns import FeatureColumn, ViewColumns

_NUMBERS = ("int32", "int64", "float32", "float64", "decimal")


@dataclass(frozen=True)
class ColumnSkew:
    """One feature: ``differ`` of ``rows`` do, in value or because one of them is null.

    Args:
        view: the view's name.
        label: the alias under which it was joined, else its name.
        feature: the feature's name.
        output: the name of its column.
        type: its type.
        rows: how many there are.
        differ: those in which the two are not the same; NaN is the same as NaN.
        only_true: those of them that have a value in the first only.
        only_served: those that have one in the second only.
        mean_absolute: of the differences in rows where both have a finite number, those without
            any among them; None where there is no such row, or the feature is no number.
        max_absolute: the greatest of them.
        mean_relative: the same in relation to the first value, where that is not 0.
        max_relative: the greatest of them.
    """

    view: str
    label: str
    feature: str
    output: str
    type: str
    rows: int
    differ: int
    only_true: int
    only_served: int
    mean_absolute: float | None
    max_absolute: float | None
    mean_relative: float | None
    max_relative: float | None

    @property
    def share(self) -> float:
        """The share of rows that differ."""
        return self.differ / self.rows if self.rows else 0.0

    def document(self) -> dict[str, Any]:
        """The JSON form."""
        found = asdict(self)
        return {"as": found.pop("label"), **found, "differ_share": self.share}


class _Differences:
    """Counts, adds up and keeps the greatest of some numbers."""

    def __init__(self) -> None:
        self.count, self.total, self.greatest = 0, 0.0, -math.inf

    def add(self, values: np.ndarray[Any, Any]) -> None:
        values = values[np.isfinite(values)]
        if values.size:
            self.count += values.size
            self.total += float(values.sum())
            self.greatest = max(self.greatest, float(values.max()))

    @property
    def mean(self) -> float | None:
        return self.total / self.count if self.count else None

    @property
    def max(self) -> float | None:
        return self.greatest if self.count else None


class SkewTally:
    """Counts one feature while the batches go by."""

    def __init__(self, use: ViewColumns, column: FeatureColumn) -> None:
        self.use, self.column = use, column
        self._rows = self._differ = self._only_true = self._only_served = 0
        self._absolute, self._relative = _Differences(), _Differences()
        kind = parse_type(column.type)
        self._is_list = kind.element is not None
        self._is_number = not self._is_list and kind.base in _NUMBERS

    def add(self, true: pa.Array, served: pa.Array) -> None:
        """Count a batch of both columns."""
        has_true, has_served = (np.asarray(each.is_valid()) for each in (true, served))
        both = has_true & has_served
        same = both & self._same(true, served)
        self._rows += len(true)
        self._only_true += int((has_true & ~has_served).sum())
        self._only_served += int((has_served & ~has_true).sum())
        self._differ += int(((has_true | has_served) & ~same).sum())
        if self._is_number:
            self._measure(true, served, both, same)

    def finish(self) -> ColumnSkew:
        """The counts of all batches."""
        return ColumnSkew(
            view=self.use.view,
            label=self.use.label,
            feature=self.column.feature,
            output=self.column.output,
            type=self.column.type,
            rows=self._rows,
            differ=self._differ,
            only_true=self._only_true,
            only_served=self._only_served,
            mean_absolute=self._absolute.mean,
            max_absolute=self._absolute.max,
            mean_relative=self._relative.mean,
            max_relative=self._relative.max,
        )

    def _same(self, true: pa.Array, served: pa.Array) -> np.ndarray[Any, Any]:
        if self._is_list:  # which Arrow does not compare
            pairs = zip(true.to_pylist(), served.to_pylist(), strict=True)
            return np.fromiter((repr(a) == repr(b) for a, b in pairs), np.bool_, len(true))
        same = np.asarray(pc.fill_null(pc.equal(true, served), fill_value=False))
        if pa.types.is_floating(true.type):
            nans = [np.asarray(pc.fill_null(pc.is_nan(each), fill_value=False))
                    for each in (true, served)]  # fmt: skip
            same = same | (nans[0] & nans[1])
        return np.asarray(same, np.bool_)

    def _measure(
        self,
        true: pa.Array,
        served: pa.Array,
        both: np.ndarray[Any, Any],
        same: np.ndarray[Any, Any],
    ) -> None:
        first, second = (_doubles(each) for each in (true, served))
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            # Equal numbers differ by 0 even where a double does not hold them.
            size = np.where(same & np.isfinite(first), 0.0, np.abs(second - first))
            self._absolute.add(size[both])
            nonzero = both & (first != 0)
            self._relative.add((size / np.abs(first))[nonzero])


def _doubles(values: pa.Array) -> np.ndarray[Any, Any]:
    """Numbers as float64, NaN for null."""
    doubles = values.cast(pa.float64(), safe=False)
    found: np.ndarray[Any, Any] = pc.fill_null(doubles, float("nan")).to_numpy()
    return found
