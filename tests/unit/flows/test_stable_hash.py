"""Hashes that decide where an entity goes: fixed for ever, whatever is around the value."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pytest

from featurectl.flows.stable_hash import has_hash, mixed, ordinal_hashes, row_hashes

NOON = datetime(2024, 1, 1, 12, tzinfo=timezone.utc)


def hashed(values: pa.Array | list[object], seed: int = 0) -> list[int]:
    array = values if isinstance(values, pa.Array) else pa.array(values)
    return row_hashes([pa.chunked_array([array])], len(array), seed).tolist()


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, 0xD300120A5EA35CAC), ("JFK", 0xEDBBF92D47C9C26A), (1.5, 0xE061C6DEA5BF45E3)],
)
def test_a_hash_is_the_same_for_ever(value, expected):
    assert hashed([value]) == [expected]


def test_mixing_is_splitmix64():
    # The first outputs of the reference implementation from the seed 0 are those of its states.
    states = np.array([0, 0x9E3779B97F4A7C15], np.uint64)
    assert mixed(states).tolist() == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pa.array([5], pa.int32()), pa.array([5], pa.int64())),
        (pa.array([5], pa.uint8()), pa.array([5], pa.int64())),
        (pa.array(["a"]), pa.array(["a"], pa.large_string())),
        (pa.array(["a"]), pa.array(["a"], pa.string_view())),
        (pa.array(["a", "b"]), pa.array(["a", "b"]).dictionary_encode()),
        (pa.array([b"ab"]), pa.array([b"ab"], pa.binary(2))),
        (pa.array([NOON], pa.timestamp("s", "UTC")), pa.array([NOON], pa.timestamp("ns", "UTC"))),
        (pa.array([date(2024, 1, 1)], pa.date32()), pa.array([date(2024, 1, 1)], pa.date64())),
        (pa.array([0.0]), pa.array([-0.0])),
        (pa.array([1.5], pa.float32()), pa.array([1.5], pa.float64())),
        (pa.array([None], pa.null()), pa.array([None], pa.int64())),
        (pa.array([float("nan")]), pa.array([None], pa.float64())),
        (pa.array([Decimal("1.50")]), pa.array([Decimal("1.5")])),
        (pa.array([None], pa.string()), pa.array([None], pa.timestamp("us"))),
    ],
)  # fmt: skip
def test_one_value_has_one_hash_in_each_type_that_holds_it(one, other):
    assert hashed(one) == hashed(other)


def test_chunks_and_other_rows_do_not_matter():
    whole = pa.array(["a", "b", None, "c", "a"])
    pieces = pa.chunked_array([whole[:1], whole[1:3], whole[3:]])
    assert row_hashes([pieces], 5).tolist() == hashed(whole)
    assert hashed(["c", "a"]) == [hashed(whole)[3], hashed(whole)[0]]


def test_the_order_of_columns_the_seed_and_null_matter():
    a, b = pa.chunked_array([pa.array([1, 2])]), pa.chunked_array([pa.array([2, 1])])
    first, second = row_hashes([a, b], 2).tolist(), row_hashes([b, a], 2).tolist()
    assert len({*first, *second}) == 2
    assert first == second[::-1]
    assert hashed([1], 0) != hashed([1], 1)
    assert len(set(hashed(pa.array([0, None], pa.int64())))) == 2
    assert len(set(hashed(["", None, "null"]))) == 3


def test_hashes_are_spread_evenly():
    for hashes in (ordinal_hashes(100_000), np.array(hashed(list(range(100_000))), np.uint64)):
        points = (hashes >> np.uint64(11)) * 2.0**-53
        counts, _ = np.histogram(points, bins=20, range=(0, 1))
        assert abs(counts - 5_000).max() < 400


def test_an_empty_column_has_no_hashes():
    for kind in (pa.int64(), pa.string(), pa.null(), pa.timestamp("us"), pa.float64()):
        assert row_hashes([pa.chunked_array([], kind)], 0).tolist() == []


def test_only_values_with_an_identity_have_a_hash():
    assert not any(map(has_hash, (pa.list_(pa.int8()), pa.duration("us"), pa.time32("s"))))
    assert has_hash(pa.dictionary(pa.int8(), pa.string()))


@pytest.mark.parametrize("seed", [0, 7, -1, 2**64 + 3])
def test_hashes_are_those_of_the_description_in_plain_python(seed):
    numbers, texts = [1, -5, 2**40], ["JFK", "é", ""]
    columns = [pa.chunked_array([pa.array(values)]) for values in (numbers, texts)]
    expected = []
    for number, text in zip(numbers, texts, strict=True):
        digest = blake2b(text.encode(), digest_size=8).digest()
        begun = spread(spread(seed) ^ spread(number))
        expected.append(spread(begun ^ int.from_bytes(digest, "little")))
    assert row_hashes(columns, 3, seed).tolist() == expected


def spread(number: int) -> int:
    word = (1 << 64) - 1
    found = (number + 0x9E3779B97F4A7C15) & word
    found = ((found ^ (found >> 30)) * 0xBF58476D1CE4E5B9) & word
    found = ((found ^ (found >> 27)) * 0x94D049BB133111EB) & word
    return found ^ (found >> 31)
