"""Where rows go: every row in one part, and those that belong together in the same."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from featurectl.errors import RequestError
from featurectl.flows.split import SplitRows, split_rows
from featurectl.flows.split_request import split_request
from featurectl.offline.read_frame import read_frame

PARTS = st.sampled_from(
    ["train=0.8,test=0.2", "a=0.5,b=0.3,c=0.2", "a=0.01,b=0.98,c", "a=0.34,b=0.33,c=0.33"]
)
TIMES = st.lists(st.none() | st.integers(-3, 3) | st.integers(-(2**62), 2**62), max_size=60)
KEYS = st.sampled_from(["JFK", "LGA", "", None])


def rows(times: list[int | None], **columns: list[object]) -> SplitRows:
    keys = {name: pa.chunked_array([pa.array(values)]) for name, values in columns.items()}
    column = pa.chunked_array([pa.array(times, pa.int64())])
    return SplitRows(column, keys, read_frame(pa.table({"t": column, **keys})))


def places(words: str, given_: SplitRows, by: str | None = None, seed: int | None = None):
    return split_rows(split_request(words, by, seed), given_)


def test_by_time_the_first_part_is_the_earliest():
    found = places("train=0.8,test=0.2", rows([10, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
    assert found.places.tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert [(part.rows, part.first_us, part.last_us) for part in found.parts] == [
        (8, 1, 8), (2, 9, 10)
    ]  # fmt: skip


def test_rows_of_one_time_are_in_one_part_even_where_shares_suffer():
    found = places("train=0.5,test=0.5", rows([1, 1, 1, 1, 1, 1, 1, 2]))
    assert found.places.tolist() == [0] * 7 + [1]
    assert [part["share"] for part in found.document()["parts"]] == [0.875, 0.125]


def test_a_part_is_empty_only_where_there_are_too_few_times():
    tiny = places("a=0.01,b=0.98,c=0.01", rows([1, 2, 3]))
    assert tiny.places.tolist() == [0, 1, 2]
    skewed = places("a=0.4,b=0.2,c=0.4", rows([1] * 90 + [2, 3]))
    assert Counter(skewed.places.tolist()) == {0: 90, 1: 1, 2: 1}
    short = places("a=0.4,b=0.2,c=0.4", rows([1, 1]))
    assert sorted(part.rows for part in short.parts) == [0, 0, 2]


def test_a_row_without_a_time_is_in_the_first_part():
    found = places("train=0.5,test=0.5", rows([None, 1, 2, None]))
    assert found.places.tolist() == [0, 0, 1, 0]
    assert found.null_times == 2


def test_a_frame_without_rows_or_times_is_split_too():
    assert places("a=0.5,b", rows([])).places.tolist() == []
    assert places("a=0.5,b", rows([None, None])).places.tolist() == [0, 0]
    assert places("a=0.5,b", rows([], key=[]), "entity").document()["parts"][0]["share"] is None


@settings(max_examples=200, deadline=None)
@given(words=PARTS, times=TIMES)
def test_time_splits_are_in_order_and_as_near_as_times_allow(words, times):
    found = places(words, rows(times))
    by_part = [[t for t, n in zip(times, found.places, strict=True) if n == k and t is not None]
               for k in range(len(found.parts))]  # fmt: skip
    known = [t for t in times if t is not None]
    assert sorted(t for part in by_part for t in part) == sorted(known)
    filled = [part for part in by_part if part]
    assert all(max(a) < min(b) for a, b in pairwise(filled))
    assert len(filled) == len(by_part) or len(set(known)) < len(by_part)
    for bound, number in zip(found.request.bounds, range(1, len(by_part)), strict=True):
        before = sum(map(len, by_part[:number]))
        if len(set(known)) == len(known) > 100:
            assert abs(before - bound * len(known)) <= 1


@settings(max_examples=200, deadline=None)
@given(pairs=st.lists(st.tuples(KEYS, st.none() | st.integers(0, 3))), seed=st.integers(0, 5),
       order=st.randoms(use_true_random=False))  # fmt: skip
def test_an_entity_is_in_one_part_whatever_the_order_of_rows(pairs, seed, order):
    def parted(pairs):
        airports, carriers = ([pair[n] for pair in pairs] for n in (0, 1))
        typed = {
            "airport": pa.array(airports, pa.string()),
            "carrier": pa.array(carriers, pa.int64()),
        }
        found = places("train=0.6,test=0.4", rows([0] * len(pairs), **typed), "entity", seed)
        assert found.shared_entities == 0
        assert found.entities == len({pair for pair in pairs if None not in pair})
        return list(zip(pairs, found.places.tolist(), strict=True))

    first = parted(pairs)
    assert len(dict(first)) == len(set(first))  # one part for each pair
    shuffled = order.sample(pairs, len(pairs))
    assert set(parted(shuffled)) == set(first)
    assert set(parted(pairs[:2])) <= set(first)


def test_shares_by_entity_are_near_to_what_was_asked():
    found = places("a=0.7,b=0.2,c=0.1", rows([0] * 20_000, key=list(range(20_000))), "entity")
    shares = [part["share"] for part in found.document()["parts"]]
    assert shares == pytest.approx([0.7, 0.2, 0.1], abs=0.02)
    assert sum(part.entities for part in found.parts) == found.entities == 20_000


def test_a_seed_gives_another_split_by_entity_and_the_same_one_again():
    given_ = rows([0] * 1000, key=list(range(1000)))
    first, again, other = (
        places("a=0.5,b=0.5", given_, "entity", seed).places.tolist() for seed in (1, 1, 2)
    )
    assert first == again != other


def test_keys_are_compared_as_they_are_typed():
    small = rows([0] * 50, key=pa.array(range(50), pa.int32()))
    large = rows([0] * 50, key=pa.array(range(50), pa.int64()))
    assert (
        places("a=0.5,b", small, "entity").places.tolist()
        == places("a=0.5,b", large, "entity").places.tolist()
    )


@settings(max_examples=100, deadline=None)
@given(words=PARTS, count=st.integers(0, 200), seed=st.integers(-3, 2**65))
def test_random_shares_are_exact_and_repeatable(words, count, seed):
    found = places(words, rows([None] * count), "random", seed)
    ends = [0, *(round(bound * count) for bound in found.request.bounds), count]
    assert [part.rows for part in found.parts] == np.diff(ends).tolist()
    again = places(words, rows([7] * count), "random", seed)
    assert again.places.tolist() == found.places.tolist()


def test_random_rows_are_from_everywhere():
    found = places("a=0.5,b=0.5", rows(list(range(10_000))), "random")
    assert abs(np.flatnonzero(found.places == 0).mean() - 5_000) < 200


def test_entities_in_several_parts_are_counted():
    given_ = rows([1, 2, 3, 4], key=["a", "b", "a", None])
    found = places("train=0.5,test=0.5", given_)
    assert (found.entities, found.shared_entities) == (2, 1)
    assert [part.entities for part in found.parts] == [2, 1]


def test_rows_are_split_by_any_column_of_the_frame():
    column = ["x", "y", None, "x", "y", None] * 20
    frame = pa.table({"t": range(120), "fold": column, "list": [[1]] * 120})
    given_ = SplitRows(pa.chunked_array([pa.array([0] * 120)]), {}, read_frame(frame))
    found = places("a=0.5,b=0.5", given_, "fold", 3)
    assert len(set(zip(column, found.places.tolist(), strict=True))) == 3
    with pytest.raises(RequestError, match='"fodl" to split by') as error:
        places("a=0.5,b=0.5", given_, "fodl")
    assert error.value.caret == 'did you mean "fold"?'
    with pytest.raises(RequestError, match="no rows are split by that"):
        places("a=0.5,b=0.5", given_, "list")
    with pytest.raises(RequestError, match="none of the views has join keys"):
        places("a=0.5,b=0.5", given_, "entity")
