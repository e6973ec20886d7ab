"""Rows of one place are compared as the digest takes them, however they are cut."""

from __future__ import annotations

import math
from decimal import Decimal

import pyarrow as pa
import pytest

from featurectl.flows.row_compare import ColumnDifference, differing_columns


def compared(one: pa.Array, other: pa.Array, *, cut: int = 2) -> list[ColumnDifference]:
    ours, theirs = pa.table({"c": one}), pa.table({"c": other})
    return differing_columns(
        ["c"], ours.to_batches(max_chunksize=cut), theirs.to_batches(max_chunksize=3)
    )


@pytest.mark.parametrize(
    ("one", "other", "rows", "first"),
    [
        (pa.array([1, None, 3]), pa.array([1, 2, None]), 2, 1),
        (pa.array([0.0, math.nan, None]), pa.array([-0.0, math.nan, None]), 1, 0),
        (pa.array(["a", "", None]), pa.array(["a", None, None]), 1, 1),
        (pa.array([[1], [], None]), pa.array([[1], None, None]), 1, 1),
        (pa.array([{"a": 1.0}] * 5), pa.array([{"a": 1.0}] * 4 + [{"a": 2.0}]), 1, 4),
        (pa.array([Decimal("1.0"), None]), pa.array([Decimal("1.5"), None]), 1, 0),
        (pa.array([1, 2]), pa.array(["1", "2"]), 2, 0),
    ],
)
def test_a_difference_is_counted_and_the_first_is_named(
    one: pa.Array, other: pa.Array, rows: int, first: int
) -> None:
    assert compared(one, other) == [ColumnDifference("c", rows, first + 1)]
    assert compared(one, one) == compared(other, other) == []


def test_layouts_of_one_type_do_not_differ() -> None:
    plain = pa.array(["a", None, "b", "a"])

    assert compared(plain, plain.dictionary_encode()) == []
    assert compared(plain.cast(pa.large_string()), plain, cut=1) == []


def test_rows_that_only_one_side_has_are_left_out() -> None:
    assert compared(pa.array([1, 2, 3]), pa.array([1])) == []
    assert compared(pa.array([], pa.int64()), pa.array([1])) == []


def test_a_first_row_is_counted_over_all_batches() -> None:
    ours, theirs = list(range(100)), [*range(90), *range(1, 11)]

    assert compared(pa.array(ours), pa.array(theirs)) == [ColumnDifference("c", 10, 91)]
