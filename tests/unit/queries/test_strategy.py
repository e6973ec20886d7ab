"""The form of the join that is cheaper for the data."""

from __future__ import annotations

import pytest

from featurectl.queries.strategy import (
    ASOF,
    BUCKET,
    HASH,
    SAMPLE_ROWS,
    Pairs,
    bucket_width,
    choose,
    rows_to_count,
)


@pytest.mark.parametrize(("most", "rows"), [(0, 0), (8, 0), (9, SAMPLE_ROWS), (65, None)])
def test_pairs_are_counted_where_an_entity_may_have_many(most, rows):
    assert rows_to_count(most) == rows


def test_few_labels_of_each_entity_are_joined_by_hash():
    assert choose(8).name == HASH


@pytest.mark.parametrize(
    ("pairs", "form"),
    [
        (Pairs(6_000, 10, 1_000, 5), HASH),
        (Pairs(6_001, 6_000, 1_000, 5), BUCKET),
        (Pairs(6_001, 6_001, 1_000, 5), ASOF),
        (Pairs(0, 0, 0, 5), HASH),
    ],
)
def test_form_follows_the_pairs_for_each_row(pairs, form):
    assert choose(20, pairs).name == form


def test_buckets_are_of_the_width_that_was_counted():
    assert choose(20, Pairs(6_001, 10, 1_000, 5)).width_us == 5


def test_when_a_row_was_known_is_not_asked_of_buckets():
    assert choose(20, Pairs(6_001, 10, 1_000, 5), known_at=True).name == ASOF


@pytest.mark.parametrize(
    ("most", "first", "last", "width"),
    [(10, 0, 99, 10), (10, 5, 5, 1), (0, 0, 7, 8), (5_000, 0, 10_240, 11), (3, -9, 9, 7)],
)
def test_bucket_has_about_one_label_of_each_entity(most, first, last, width):
    assert bucket_width(most, first, last) == width
