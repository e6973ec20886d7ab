"""Two columns of one feature, held beside each other."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest

from featurectl.definitions.arrow_type import arrow_type
from featurectl.definitions.columns import FeatureColumn, ViewColumns
from featurectl.flows.column_skew import SkewTally

NAN, INF = float("nan"), float("inf")


def skew(kind, true, served, *, batches=1):
    column = FeatureColumn("x", "stats__x", kind)
    tally = SkewTally(ViewColumns("stats", "stats", (), (column,)), column)
    size = -(-len(true) // batches)
    for start in range(0, len(true), size):
        both = (each[start : start + size] for each in (true, served))
        tally.add(*(pa.array(values, arrow_type(kind)) for values in both))
    return tally.finish()


@pytest.mark.parametrize("batches", [1, 3])
def test_values_and_nulls_that_differ_are_counted_in_any_batches(batches):
    found = skew("float64", [1.0, 2.0, None, 4.0, None], [1.0, 3.0, 5.0, None, None],
                 batches=batches)  # fmt: skip

    assert (found.rows, found.differ, found.only_true, found.only_served) == (5, 3, 1, 1)
    assert (found.mean_absolute, found.max_absolute) == (0.5, 1.0)
    assert (found.mean_relative, found.max_relative) == (0.25, 0.5)
    assert found.share == 0.6


def test_nan_is_the_same_as_nan_and_differs_from_a_number_by_no_amount():
    found = skew("float64", [NAN, NAN, 1.0], [NAN, 1.0, 1.5])

    assert (found.differ, found.max_absolute) == (2, 0.5)


def test_infinities_are_left_out_of_what_is_measured():
    found = skew("float64", [INF, INF, 2.0], [INF, 1.0, 1.0])

    assert (found.differ, found.mean_absolute, found.max_relative) == (2, 1.0, 0.5)


def test_a_first_value_of_0_has_no_relative_difference():
    found = skew("int64", [0, 10], [5, 5])

    assert (found.mean_absolute, found.mean_relative) == (5.0, 0.5)


def test_integers_that_no_double_holds_are_told_apart():
    found = skew("int64", [2**53, 2**53], [2**53 + 1, 2**53])

    assert found.differ == 1


def test_decimals_are_numbers():
    found = skew("decimal(10,2)", [Decimal("1.10")], [Decimal("1.00")])

    assert found.max_absolute == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("kind", "true", "served"),
    [
        ("string", ["a", "b"], ["a", "c"]),
        ("bool", [True, True], [True, False]),
        ("bytes", [b"a", b"a"], [b"a", b""]),
        ("list<float64>", [[1.0, NAN], [1.0]], [[1.0, NAN], [2.0]]),
        ("list<string>", [[], ["a"]], [[], [None]]),
    ],
)
def test_what_is_no_number_is_only_counted(kind, true, served):
    found = skew(kind, true, served)

    assert (found.differ, found.mean_absolute, found.max_relative) == (1, None, None)


def test_nulls_on_both_sides_are_the_same():
    found = skew("float64", [None], [None])

    assert (found.differ, found.share, found.mean_absolute) == (0, 0.0, None)
