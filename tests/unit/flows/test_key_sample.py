"""A sample of keys that is spread over all that were added, however many."""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
import pytest

from featurectl.flows.key_sample import SIZE, KeySample


def batch(first, last):
    numbers = pa.array(range(first, last), pa.int64())
    return pa.record_batch({"k0": numbers, "k1": numbers, "e": numbers, "f0": numbers})


def sampled(*sizes):
    sample, first = KeySample(), 0
    for size in sizes:
        sample.add(batch(first, first + size))
        first += size
    found = sample.keys()
    assert found.schema.names == ["k0", "k1", "e"]
    return found.column("k0").to_pylist()


def test_nothing_was_added():
    sample = KeySample()
    assert sample.keys() is None
    sample.add(batch(0, 0))
    assert sample.keys() is None


@pytest.mark.parametrize("sizes", [[1], [SIZE], [400, 0, 600]])
def test_few_keys_are_all_of_it(sizes):
    assert sampled(*sizes) == list(range(sum(sizes)))


@pytest.mark.parametrize(
    "sizes",
    [[SIZE + 1], [2 * SIZE], [100_000], [5_000] * 20, [1] * 7_001, [2_500, 1, 70_000, 13]],
)
def test_many_keys_are_thinned_evenly(sizes):
    found = sampled(*sizes)
    gaps = [b - a for a, b in pairwise(found)]
    assert len(found) == len(set(found)) == SIZE
    assert found[0] == 0
    assert max(gaps) <= 2 * min(gaps)
    assert found[-1] >= sum(sizes) - 1 - max(gaps)
