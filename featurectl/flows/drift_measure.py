"""How far two samples of one column are apart: the population stability index, and KS.

PSI: with ``p`` and ``q`` the shares of the two samples in each bin,

    PSI = sum((q - p) * ln(q / p))

the symmetric Kullback-Leibler divergence (Jeffreys, 1946), as credit scoring uses it (Siddiqi,
Credit Risk Scorecards, 2006): below 0.1 little has moved, from 0.25 on much has. Bins of numbers
are the tenths of the first sample (fewer where values repeat), those of other values the 20 most
frequent in the first sample and all others; null and NaN have a bin each. A share of nothing
counts as 1 in 10,000, so that the logarithm is finite.

KS: the greatest distance of the two empirical distribution functions,

    D = max |F_a(x) - F_b(x)|

(Kolmogorov, 1933; Smirnov, 1948), over values that are neither null nor NaN: 0 is equal, 1 is
apart.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]

BINS: Final = 10
CATEGORIES: Final = 20
LITTLE, MUCH = 0.1, 0.25  # PSI below and from which it is called so
_LEAST_SHARE = 1e-4


def psi(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """The index of the counts of two samples in the same bins; None where a sample is empty.

    >>> psi([50, 50], [50, 50]), round(psi([50, 50], [80, 20]), 4)
    (0.0, 0.4159)
    """
    if not sum(ours) or not sum(theirs):
        return None
    p, q = _shares(ours), _shares(theirs)
    return math.fsum((b - a) * math.log(b / a) for a, b in zip(p, q, strict=True))


def bin_counts(ours: Numbers, theirs: Numbers) -> tuple[list[int], list[int]]:
    """The counts of two samples of numbers, without null and NaN, between the tenths of the first.

    A value that equals a bound belongs to the bin below it.
    """
    bounds = _bounds(ours if len(ours) else theirs)
    return _counted(ours, bounds), _counted(theirs, bounds)


def ks(ours: Numbers, theirs: Numbers) -> float | None:
    """The statistic of two samples of numbers, without null and NaN; None where one is empty.

    >>> ks(np.array([1.0, 2.0]), np.array([1.0, 2.0])), ks(np.array([1.0]), np.array([2.0]))
    (0.0, 1.0)
    """
    if not len(ours) or not len(theirs):
        return None
    ours, theirs = np.sort(ours), np.sort(theirs)
    if np.array_equal(ours, theirs):
        return 0.0
    places = np.concatenate([ours, theirs])
    below = np.searchsorted(ours, places, side="right") / len(ours)
    other = np.searchsorted(theirs, places, side="right") / len(theirs)
    return float(np.abs(below - other).max())


def _shares(counts: Sequence[float]) -> list[float]:
    total = sum(counts)
    return [max(count / total, _LEAST_SHARE) for count in counts]


def _bounds(numbers: Numbers) -> Numbers:
    if not len(numbers):
        return np.zeros(0)
    ranks = np.ceil(np.arange(1, BINS) / BINS * len(numbers)).astype(np.int64) - 1
    found: Numbers = np.unique(np.sort(numbers)[ranks])
    return found


def _counted(numbers: Numbers, bounds: Numbers) -> list[int]:
    places = np.searchsorted(bounds, numbers, side="left")
    return [int(count) for count in np.bincount(places, minlength=len(bounds) + 1)]
