"""What every online store owes to generations: sets of rows under one prefix."""

from __future__ import annotations

import time

import pytest
from online_rows import key, opened, put, row

from featurectl.online.keys import row_key
from featurectl.online.protocol import Stamp


@pytest.fixture
def store(online_url):
    with opened(online_url) as store:
        yield store


def fill(store, project, generation, entities):
    put(store, *((key(entity, generation, project), row(1, 10)) for entity in entities))


def test_a_generation_that_was_never_written_has_no_stamp_and_no_rows(store):
    assert store.stamp("demo", "fv.k3f9") is None
    assert store.count("demo", "fv.k3f9") == 0
    assert store.sample("demo", "fv.k3f9", 5) == []
    assert store.sweep("demo", "fv.k3f9") == 0


@pytest.mark.parametrize("stamp", [Stamp(7, 1_700_000_000_000_000, 12), Stamp(1, None, 0)])
def test_a_stamp_reads_back_as_it_was_marked(store, stamp):
    store.mark("demo", "fv.k3f9", Stamp(1, 5, 1))

    store.mark("demo", "fv.k3f9", stamp)

    assert store.stamp("demo", "fv.k3f9") == stamp


def test_a_stamp_is_no_row(store):
    store.mark("demo", "fv.k3f9", Stamp(1, 5, 1))

    assert store.count("demo", "fv.k3f9") == 0
    assert store.sample("demo", "fv.k3f9", 5) == []


def test_rows_are_counted(store):
    fill(store, "demo", "fv.k3f9", [f"u{i}" for i in range(2_500)])

    assert store.count("demo", "fv.k3f9") == 2_500


def test_a_sample_holds_rows_as_they_are_stored(store):
    fill(store, "demo", "fv.k3f9", [f"u{i}" for i in range(50)])

    found = store.sample("demo", "fv.k3f9", 10)

    assert len(dict(found)) == 10
    assert store.get([k for k, _ in found]) == [v for _, v in found]


def test_a_sample_of_more_rows_than_there_are_is_all_of_them(store):
    fill(store, "demo", "fv.k3f9", ["a", "b"])

    assert sorted(store.sample("demo", "fv.k3f9", 10)) == [
        (key("a"), row(1, 10)),
        (key("b"), row(1, 10)),
    ]


def test_expired_rows_are_neither_counted_nor_sampled(store):
    put(store, (key("a"), row(1, 10)), expires_at_ms=time.time_ns() // 1_000_000 + 50)
    time.sleep(0.1)

    assert store.count("demo", "fv.k3f9") == 0
    assert store.sample("demo", "fv.k3f9", 5) == []


def test_sweeping_removes_every_row_and_the_stamp(store):
    fill(store, "demo", "fv.k3f9", [f"u{i}" for i in range(2_500)])
    store.mark("demo", "fv.k3f9", Stamp(1, 5, 2_500))

    assert store.sweep("demo", "fv.k3f9") == 2_500
    assert store.count("demo", "fv.k3f9") == 0
    assert store.stamp("demo", "fv.k3f9") is None


# Names that resemble demo and fv.k3f9: longer, shorter, and such as a glob would match.
OTHERS = [
    ("mydemo", "fv.k3f9"),
    ("demo2", "fv.k3f9"),
    ("dem", "fv.k3f9"),
    ("demo", "fv.k3f9a"),
    ("demo", "fv.k3f"),
    ("demo", "fv.k3f9:a"),
    ("demo", "myfv.k3f9"),
    ("demo", "fv"),
    ("demo:fv.k3f9", "x"),
    ("demo@dev", "fv.k3f9"),
]


def test_nothing_of_a_project_or_view_whose_name_resembles_it_is_touched(store):
    fill(store, "demo", "fv.k3f9", ["a", "b"])
    for project, generation in OTHERS:
        fill(store, project, generation, ["a", "fv.k3f9", "demo:fv.k3f9:a"])
        store.mark(project, generation, Stamp(2, 6, 3))

    assert store.count("demo", "fv.k3f9") == 2
    assert len(store.sample("demo", "fv.k3f9", 100)) == 2
    store.mark("demo", "fv.k3f9", Stamp(1, 5, 2))
    assert store.sweep("demo", "fv.k3f9") == 2

    for project, generation in OTHERS:
        assert store.count(project, generation) == 3, (project, generation)
        assert store.stamp(project, generation) == Stamp(2, 6, 3), (project, generation)


@pytest.mark.parametrize("generation", ["f*", "f?", "[fg]v", "f\\v", "f^v"])
def test_a_name_is_no_pattern(store, generation):
    fill(store, "demo", generation, ["a"])
    fill(store, "demo", "fv", ["a"])

    assert store.count("demo", generation) == 1
    assert store.sweep("demo", generation) == 1
    assert store.count("demo", "fv") == 1


def test_rows_of_any_entity_belong_to_their_generation(store):
    entities = ["", "-", ":", ",", "\0", "\n", "Zoë", "\U0010ffff", "@", "*"]
    keys = [row_key("demo", "fv.k3f9", [("id", "string")], (entity,)) for entity in entities]
    put(store, *((at, row(1, 10)) for at in keys))

    assert store.count("demo", "fv.k3f9") == len(entities)
    assert {at for at, _ in store.sample("demo", "fv.k3f9", 99)} == set(keys)
