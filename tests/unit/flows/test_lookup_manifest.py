"""Online read while what is served changes: no reader breaks, and none reads by an old manifest."""

from __future__ import annotations

from dataclasses import replace

import pytest
from served_project import NOON, Project, view

from featurectl.definitions.binding import Layout
from featurectl.errors import RequestError, StoreError
from featurectl.online.keys import row_key
from featurectl.online.protocol import Rows
from featurectl.wiring.stores import open_online

DRIVER = [{"driver": 1}]


class Counted:
    """A real store that counts the round trips, and lets a test act between them."""

    def __init__(self, store):
        self._store = store
        self.gets = []
        self.before_get = []

    def __getattr__(self, name):
        return getattr(self._store, name)

    def get(self, keys):
        if self.before_get:
            self.before_get.pop(0)()
        self.gets.append(list(keys))
        return self._store.get(keys)


@pytest.fixture
def project(online_url):
    store = open_online(online_url)
    project = Project(Counted(store))
    project.publish(view("fv", {"conv": "float64"}))
    project.load("fv", ([1], [0.1], NOON))
    yield project
    store.close()


def test_a_read_is_one_round_trip_however_many_views_and_entities(project):
    project.publish(view("g", {"rate": "float64"}, keys={}))
    project.read("fv", "g", keys=DRIVER)
    project.store.gets.clear()

    project.read("fv", "g", keys=[{"driver": n} for n in range(50)] * 2)

    (keys,) = project.store.gets
    assert len(keys) == 1 + 50 + 1  # the version, each driver once, the one row of g


def test_a_change_of_the_manifest_is_seen_by_the_next_read(project):
    assert project.read("fv:conv", keys=DRIVER).to_dicts() == [{"conv": 0.1}]

    project.publish(view("fv", {"conv": "float64"}, generation="p2d7"))
    project.load("fv", ([1], [0.7], NOON))

    assert project.read("fv:conv", keys=DRIVER).to_dicts() == [{"conv": 0.7}]


def test_what_was_applied_since_is_found_by_name(project):
    project.read("fv:conv", keys=DRIVER)

    project.publish(view("fw", {"new": "int64"}))
    project.load("fw", ([1], [5], NOON))

    assert project.read("fw:new", keys=DRIVER).to_dicts() == [{"new": 5}]


def test_what_was_destroyed_since_is_an_error(project):
    project.publish(view("fw", {"new": "int64"}))
    project.read("fw:new", keys=DRIVER)

    views = {"fv": project.manifest.views["fv"]}
    project.manifest = replace(project.manifest, views=views)
    project.publish()

    with pytest.raises(RequestError, match=r'no view "fw".*FC301'):
        project.read("fw:new", keys=DRIVER)


def test_a_manifest_that_moves_again_during_the_read_is_followed(project):
    project.read("fv:conv", keys=DRIVER)

    def flip(generation, value):
        def act():
            project.publish(view("fv", {"conv": "float64"}, generation=generation))
            project.load("fv", ([1], [value], NOON))

        return act

    project.store.before_get += [flip("g2", 0.2), flip("g3", 0.3)]

    assert project.read("fv:conv", keys=DRIVER).to_dicts() == [{"conv": 0.3}]


def test_a_manifest_that_never_rests_does_not_keep_a_read_from_its_answer(project):
    project.read("fv:conv", keys=DRIVER)
    project.store.before_get += [project.publish] * 50

    assert project.read("fv:conv", keys=DRIVER).to_dicts() == [{"conv": 0.1}]
    assert len(project.store.before_get) == 50 - 9


def test_without_a_manifest_a_read_is_an_error_and_not_not_found(online_url):
    store = open_online(online_url)

    with pytest.raises(StoreError, match=r'nothing of project "demo" in env "prod".*FC605'):
        Project(store).read("fv:conv", keys=DRIVER)
    store.close()


def test_a_store_that_was_emptied_is_an_error_until_it_is_published_again(project):
    project.read("fv:conv", keys=DRIVER)
    _empty(project.store)

    for _ in range(2):
        with pytest.raises(StoreError, match="FC605"):
            project.read("fv:conv", keys=DRIVER)
    project.publish()

    assert project.read("fv:conv", keys=DRIVER).status == [{"conv": "NOT_FOUND"}]


ONE = Layout(1, (("conv", "float64"),))
TWO = Layout(2, (("conv", "float64"), ("tips", "float64")))


def test_a_feature_added_after_a_row_was_written_reads_as_its_default_else_null(project):
    features = {"conv": "float64", "tips": "float64", "city": "string"}
    layouts = [ONE, Layout(2, tuple(features.items()))]
    project.publish(view("fv", features, layouts=layouts, defaults={"tips": 0.5}))
    project.load("fv", ([2], [0.2, None, "x"], NOON))

    found = project.read("fv", keys=[{"driver": 1}, {"driver": 2}])

    assert found.to_dicts() == [
        {"conv": 0.1, "tips": 0.5, "city": None},
        {"conv": 0.2, "tips": None, "city": "x"},
    ]
    assert found.status == [
        {"conv": "PRESENT", "tips": "PRESENT", "city": "NULL"},
        {"conv": "PRESENT", "tips": "NULL", "city": "PRESENT"},
    ]


def test_a_feature_that_was_removed_or_renamed_leaves_old_rows_readable(project):
    project.publish(view("fv", {"conv": "float64", "tips": "float64"}, layouts=[TWO]))
    project.load("fv", ([1], [0.1, 7.0], NOON + 1))

    renamed = Layout(2, (("", "float64"), ("gratuity", "float64")))
    newest = Layout(3, (("gratuity", "float64"),))
    project.publish(view("fv", {"gratuity": "float64"}, layouts=[renamed, newest]))

    assert project.read("fv", keys=DRIVER).to_dicts() == [{"gratuity": 7.0}]


@pytest.mark.parametrize(
    ("old", "new", "stored", "reads"),
    [
        ("int32", "float64", 5, 5.0),
        ("int32", "int64", -5, -5),
        ("list<int32>", "list<float64>", [1, None], [1.0, None]),
        ("int32", "float64", None, None),
    ],
)
def test_a_row_from_before_a_type_was_widened_reads_as_the_wider_type(
    project, old, new, stored, reads
):
    narrow, wide = Layout(1, (("v", old),)), Layout(2, (("v", new),))
    project.publish(view("fw", {"v": new}, layouts=[narrow, wide]))
    project.load("fw", ([1], [stored], NOON), layout=narrow)

    (found,) = project.read("fw:v", keys=DRIVER).to_dicts()

    assert found == {"v": reads}
    assert type(found["v"]) is type(reads)


def test_a_reader_is_answered_though_its_view_moves_on_again_and_again(project, monkeypatch):
    """Before each of its reads the rows that it is about to ask for are swept for newer ones."""
    get, names = project.store.get, iter(["p2d7", "q3e8", "r4f9", "s5g0", "t6h1"])

    def move_on(keys):
        name = next(names, None) if len(keys) > 1 else None
        if name:
            monkeypatch.setattr(project.store, "get", get)
            before = project.manifest.views["fv"].generation
            project.publish(view("fv", {"conv": "float64"}, generation=name))
            project.load("fv", ([1], [0.7], NOON))
            project.store.sweep("demo", before.id)
            monkeypatch.setattr(project.store, "get", move_on)
        return get(keys)

    monkeypatch.setattr(project.store, "get", move_on)
    assert project.read("fv:conv", keys=DRIVER).to_dicts() == [{"conv": 0.7}]
    assert next(names, None) is None


def test_a_row_of_a_layout_that_the_reader_does_not_know_makes_it_read_the_manifest(project):
    project.read("fv:conv", keys=DRIVER)
    old = project.manifest
    newer = view("fv", {"conv": "float64", "tips": "float64"}, layouts=[ONE, TWO])
    project.publish(newer)
    project.load("fv", ([1], [0.9, 1.0], NOON + 1))

    # A reader whose version matches, but whose layouts do not: as a write between its two reads.
    project.cache.reload().manifest.views["fv"] = old.views["fv"]

    assert project.read("fv:conv", keys=DRIVER).to_dicts() == [{"conv": 0.9}]


def test_a_layout_that_no_manifest_has_is_an_error_of_the_store(project):
    strange = Layout(9, (("conv", "float64"),))
    project.load("fv", ([1], [0.1], NOON + 1), layout=strange)

    with pytest.raises(StoreError, match=r'row of view "fv" .* layout 9.*FC604'):
        project.read("fv:conv", keys=DRIVER)


@pytest.mark.parametrize("cut", [-1, 3, 12, 21])
def test_a_damaged_row_is_an_error_of_the_store(project, cut):
    generation = project.manifest.views["fv"].generation
    key = row_key("demo", generation.id, generation.join_keys, (1,))
    (row,) = project.store.get([key])
    project.store.delete([key])
    _set(project.store, key, row[:cut])

    with pytest.raises(StoreError, match=r'row of view "fv" .* can\'t be read.*FC604'):
        project.read("fv:conv", keys=DRIVER)


def _set(store, key, value):
    if hasattr(store, "_client"):
        store._client.set(key, value)
    else:
        with store._write() as db:
            db.execute("insert into rows values (?, ?, 0, 0, null)", (key, value))


def _empty(store):
    if hasattr(store, "_client"):
        store._client.flushdb()
    else:
        with store._write() as db:
            db.execute("delete from rows")


def test_rows_can_be_put_and_read_while_the_manifest_is_old(project):
    # A reader's manifest may be older than the writer's as long as the generation is the same.
    project.read("fv:conv", keys=DRIVER)
    generation = project.manifest.views["fv"].generation
    key = row_key("demo", generation.id, generation.join_keys, (1,))
    (row,) = project.store.get([key])

    project.store.put(Rows([key], [row]))

    assert project.read("fv:conv", keys=DRIVER).to_dicts() == [{"conv": 0.1}]


def test_a_reader_with_an_old_manifest_learns_of_new_join_keys(project):
    project.read("fv:conv", keys=DRIVER)
    renamed = view("fv", {"conv": "float64"}, keys={"driver_id": "int64"}, generation="p2d7")
    project.publish(renamed)
    project.load("fv", ([1], [0.2], NOON), view=renamed)

    assert project.read("fv:conv", keys=[{"driver_id": 1}]).to_dicts() == [{"conv": 0.2}]
    with pytest.raises(RequestError, match="driver_id"):
        project.read("fv:conv", keys=DRIVER)
