"""The form of the join that is cheaper for the data."""

from __future__ import annotations

import pytest

from featurectl.queries.strategy import ASOF, HASH, SAMPLE_ROWS, choose, rows_to_count


@pytest.mark.parametrize(("most", "rows"), [(0, 0), (8, 0), (9, SAMPLE_ROWS), (65, None)])
def test_pairs_are_counted_where_an_entity_may_have_many(most, rows):
    assert rows_to_count(most) == rows


def test_few_labels_of_each_entity_are_joined_by_hash():
    assert choose(8).name == HASH


@pytest.mark.parametrize(("pairs", "form"), [(6_000, HASH), (6_001, ASOF), (0, HASH)])
def test_many_pairs_for_each_row_are_joined_by_asof(pairs, form):
    assert choose(20, (pairs, 1_000)).name == form


def test_source_without_rows_is_joined_by_hash():
    assert choose(1_000, (0, 0)).name == HASH
