"""Features that alone tell a label: as a rule they hold what was known only after it.

Every column of the entity frame that is neither key nor time may be the label. What is looked at is
a sample, chosen by a hash of the rows' numbers, so that it is the same each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from featurectl.flows.lint import Lint
from featurectl.flows.stable_hash import ordinal_hashes
from featurectl.flows.take_rows import take_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Codes = npt.NDArray[np.int64]

SAMPLE_ROWS = 20_000
_MOST_LABELS = 20  # each is compared with each feature
_MOST_GROUPS = 256
_CLASSES = 20  # a label of more values is a number, or no label
_LEAST_ROWS = 30
_LEAST_OF_A_CLASS = 10  # fewer are separated by chance, given some features
_ROWS_PER_VALUE = 20  # a value that stands for fewer rows names them
_RIGHT = 0.99
_CORRELATION = 0.999


@dataclass
class SeparationSample:
    """Gathers rows of the result while they go by.

    Args:
        rows: how many there are in all.
        labels: columns of the entity frame that may be the label.
        features: the feature columns, and how a message names them.
    """

    rows: int
    labels: Sequence[str]
    features: Mapping[str, str]
    _pieces: list[pa.RecordBatch] = field(default_factory=list)
    _chosen: npt.NDArray[np.int64] = field(init=False)
    _done: int = 0

    def __post_init__(self) -> None:
        order = np.arange(self.rows)
        if self.rows > SAMPLE_ROWS:
            order = np.argpartition(ordinal_hashes(self.rows), SAMPLE_ROWS)[:SAMPLE_ROWS]
        self._chosen = np.sort(order)

    def add(self, batch: pa.RecordBatch) -> None:
        """Take what was chosen of a batch of the result."""
        end = self._done + batch.num_rows
        first, last = np.searchsorted(self._chosen, [self._done, end])
        here = self._chosen[first:last] - self._done
        self._pieces.append(take_rows(batch.select([*self.labels, *self.features]), here))
        self._done = end

    def finish(self) -> list[Lint]:
        """The features that alone tell a column which may be the label."""
        if not self._pieces or not self.labels:
            return []
        table = pa.Table.from_batches(self._pieces)
        labels = {name: _Label.of(table.column(name)) for name in self.labels}
        some = {name: label for name, label in labels.items() if label}
        found: list[Lint] = []
        for name in self.features if some else ():
            feature = _Feature(table.column(name))
            for column, label in list(some.items())[:_MOST_LABELS]:
                told = label.told_by(feature)
                if told:
                    found.append(self._lint(name, column, told, table.num_rows))
        return found

    def _lint(self, feature: str, label: str, told: str, rows: int) -> Lint:
        return Lint(
            "separating_feature",
            f'{self.features[feature]} alone tells "{label}" ({told}, {rows:,} rows looked at): '
            "is it known before?",
            rows,
            (feature, label, told),
        )


class _Feature:
    """A column of the sample in the forms that it is looked at, each made once."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        self._column = column
        self.empty: Codes = column.is_null().to_numpy().astype(np.int64)
        self.numbers = _numbers(column)

    @cached_property
    def order(self) -> Codes | None:
        """The place of each value among the distinct ones by size, -1 for null."""
        if self.numbers is None:
            return None
        known = ~np.isnan(self.numbers)
        found = np.full(len(known), -1, np.int64)
        found[known] = np.unique(self.numbers[known], return_inverse=True)[1]
        return found

    @cached_property
    def groups(self) -> Codes | None:
        """The values as few groups (numbers: by size), 0 for null; None where they are many."""
        codes = _codes(self._column)
        if codes is None:
            return None
        most = max(2, len(codes) // _ROWS_PER_VALUE)
        if codes.max(initial=-1) < most:
            return codes + 1
        if self.order is None:
            return None
        ranked = np.sort(self.order[self.order >= 0])
        cuts = np.linspace(0, len(ranked) - 1, min(most, _MOST_GROUPS)).astype(int)[1:-1]
        bins: Codes = np.searchsorted(ranked[cuts], self.order) + 1
        return np.where(self.order < 0, 0, bins)


@dataclass(frozen=True)
class _Label:
    """A column as classes (codes from 0 on, -1 for null), or as numbers."""

    classes: Codes | None
    numbers: Floats | None

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> _Label | None:
        """What may be a label; None of what is one for no row, or another for each."""
        codes = None if pa.types.is_temporal(column.type) else _codes(column)
        if codes is None:
            return None
        counts = np.bincount(codes[codes >= 0])
        if len(counts) < 2 or counts.sum() < _LEAST_ROWS:  # noqa: PLR2004 - one class tells nothing
            return None
        if len(counts) <= _CLASSES:
            return cls(codes, None) if counts.min() >= _LEAST_OF_A_CLASS else None
        numbers = _numbers(column)
        return None if numbers is None else cls(None, numbers)

    def told_by(self, feature: _Feature) -> str | None:
        """How well the feature tells it, in words, where it tells nearly all; else None."""
        if self.classes is None:
            return _correlated(self.numbers, feature.numbers)
        known = self.classes >= 0
        classes = self.classes[known]
        if _told(feature.empty[known], classes) >= _RIGHT:
            return "by where it is null"
        if feature.order is not None and classes.max() == 1:
            area = _area(feature.order[known], classes)
            if area is not None and max(area, 1 - area) >= _RIGHT:
                return f"AUC {max(area, 1 - area):.3f}"
        if feature.groups is not None:
            share = _told(feature.groups[known], classes)
            if share >= _RIGHT:
                return f"{100 * share:.1f} % right"
        return None


def _codes(column: pa.ChunkedArray) -> Codes | None:
    try:
        encoded = column.combine_chunks().dictionary_encode()
    except pa.ArrowNotImplementedError:  # such as a list
        return None
    codes: Codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes


def _numbers(column: pa.ChunkedArray) -> Floats | None:
    """As floats, NaN for null; None of what is neither number nor time."""
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date64(kind):
        column = column.cast(pa.int64())
    elif pa.types.is_date32(kind):
        column = column.cast(pa.int32())
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return None
    floats: Floats = column.cast(pa.float64(), safe=False).fill_null(float("nan")).to_numpy()
    return floats


def _told(values: Codes, classes: Codes) -> float:
    """The share of each class that is right when each value says its likeliest class, on average.

    Averaged over the classes, so that a rare one counts as much as a common one.
    """
    width = int(classes.max()) + 1
    pairs = np.bincount(values * width + classes, minlength=(int(values.max()) + 1) * width)
    counts = pairs.reshape(-1, width).astype(float)
    shares = counts / np.maximum(counts.sum(axis=0), 1)
    guess = shares.argmax(axis=1)
    right = np.bincount(guess, weights=shares[np.arange(len(guess)), guess], minlength=width)
    return float(right.mean())


def _area(order: Codes, classes: Codes) -> float | None:
    """The probability that a row of class 1 has the greater value, ties as half (AUC)."""
    known = order >= 0
    places, one = order[known], classes[known] == 1
    width = int(order.max(initial=0)) + 1
    ones, zeros = (np.bincount(places[side], minlength=width) for side in (one, ~one))
    if min(ones.sum(), zeros.sum()) < _LEAST_OF_A_CLASS:
        return None
    below = np.cumsum(zeros) - zeros / 2
    return float((ones * below).sum() / (ones.sum() * zeros.sum()))


def _correlated(label: Floats | None, feature: Floats | None) -> str | None:
    if label is None or feature is None:
        return None
    known = np.isfinite(label) & np.isfinite(feature)
    if known.sum() < _LEAST_ROWS:
        return None
    with np.errstate(all="ignore"):  # beyond what a float holds: no number, and no finding
        x, y = label[known] - label[known].mean(), feature[known] - feature[known].mean()
        size = float((x * y).sum() / np.sqrt((x * x).sum() * (y * y).sum()))
    return f"correlation {size:.4f}" if _CORRELATION < abs(size) <= 1 + 1e-9 else None
