"""The measures of drift, against their formulas written out plainly."""

from __future__ import annotations

import math
from bisect import bisect_right

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from featurectl.flows.drift_measure import bin_counts, ks, psi

NUMBERS = st.lists(
    st.one_of(st.integers(-3, 3).map(float), st.floats(allow_nan=False)), max_size=30
)


def plain_ks(ours: list[float], theirs: list[float]) -> float:
    ours, theirs = sorted(ours), sorted(theirs)
    return max(
        abs(bisect_right(ours, x) / len(ours) - bisect_right(theirs, x) / len(theirs))
        for x in [*ours, *theirs]
    )


@given(ours=NUMBERS, theirs=NUMBERS)
def test_ks_is_the_greatest_distance_of_the_distributions(
    ours: list[float], theirs: list[float]
) -> None:
    found = ks(np.array(ours, float), np.array(theirs, float))

    assert found == (pytest.approx(plain_ks(ours, theirs)) if ours and theirs else None)


@given(ours=NUMBERS, theirs=NUMBERS)
def test_every_number_is_in_one_bin_and_equal_numbers_in_the_same(
    ours: list[float], theirs: list[float]
) -> None:
    counts = bin_counts(np.array(ours, float), np.array(theirs, float))

    assert [sum(each) for each in counts] == [len(ours), len(theirs)]
    assert len(counts[0]) == len(counts[1]) <= 10


def test_tenths_hold_a_tenth_each() -> None:
    numbers = np.arange(1000, dtype=float)

    assert bin_counts(numbers, numbers[:500])[0] == [100] * 10
    assert bin_counts(numbers, numbers[:500])[1] == [100] * 5 + [0] * 5


@given(counts=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=9))
def test_psi_is_never_negative_symmetric_and_zero_for_equal_shares(
    counts: list[tuple[int, int]],
) -> None:
    ours, theirs = [a for a, _ in counts], [b for _, b in counts]
    found = psi(ours, theirs)

    if not sum(ours) or not sum(theirs):
        assert found is None
        return
    assert found is not None
    assert found >= -1e-12
    assert psi(theirs, ours) == pytest.approx(found)
    assert psi(ours, [3 * count for count in ours]) == pytest.approx(0.0)


def test_psi_is_the_sum_of_its_definition() -> None:
    expected = (0.3 - 0.2) * math.log(0.3 / 0.2) + (0.7 - 0.8) * math.log(0.7 / 0.8)

    assert psi([20, 80], [30, 70]) == pytest.approx(expected)
    assert psi([1, 0], [0, 1]) == pytest.approx(2 * (1 - 1e-4) * math.log(1e4))
