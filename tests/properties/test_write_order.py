"""The order in which rows are written, and how they are split into batches, does not matter."""

from __future__ import annotations

from contextlib import contextmanager

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from featurectl.online.codec import HEADER
from featurectl.online.keys import row_key
from featurectl.online.protocol import Rows
from featurectl.wiring.stores import open_online

INT64 = st.integers(-(2**63), 2**63 - 1)
# Few and close times make ties; the others have halves that differ in their order.
TIMES = st.sampled_from([-2, -1, 0, 1, 2, 2**31, 2**32, 2**32 + 1, 2**53 + 1, -(2**32)]) | INT64


@st.composite
def writes(draw):
    """Rows of few entities, (entity, event, created), and the same in another order, both split."""
    rows = draw(st.lists(st.tuples(st.integers(0, 3), TIMES, TIMES), min_size=1, max_size=12))
    return split(draw, rows), split(draw, draw(st.permutations(rows)))


def split(draw, rows):
    """Batches, in which no entity comes twice."""
    batches = [{}]
    for entity, *times in rows:
        if entity in batches[-1] or draw(st.booleans()):
            batches.append({})
        batches[-1][entity] = times
    return batches


@contextmanager
def opened(url):
    store = open_online(url)
    try:
        yield store
    finally:
        store.close()


def write(store, batches, generation):
    """Write the batches; answer what is held of each entity in the end."""
    keys = [row_key("demo", generation, [("id", "int64")], (entity,)) for entity in range(4)]
    for batch in batches:
        values = [HEADER.pack(1, 2, 1, *times) for times in batch.values()]
        store.put(Rows([keys[entity] for entity in batch], values))
    return store.get(keys)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(writes())
def test_any_order_and_split_of_writes_ends_equal_and_with_the_newest(online_url, both):
    one, other = both
    with opened(online_url) as store:
        store.sweep("demo", "fv.one")
        store.sweep("demo", "fv.other")

        held = write(store, one, "fv.one")

        assert held == write(store, other, "fv.other")
    newest = {}
    for batch in one:
        for entity, times in batch.items():
            newest[entity] = max(tuple(times), newest.get(entity, tuple(times)))
    assert held == [
        HEADER.pack(1, 2, 1, *newest[entity]) if entity in newest else None for entity in range(4)
    ]
