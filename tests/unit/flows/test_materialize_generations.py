"""A new generation is filled beside the one that serves, checked, and then it serves."""

from __future__ import annotations

import pytest
from loading import Loading, at, source, view

from featurectl.definitions.entity import Entity
from featurectl.flows.lookup import lookup
from featurectl.flows.serving import ManifestCache, Request
from featurectl.online.keys import manifest_key, version_key

DRIVER = Entity("driver", join_keys={"id": "int64"})
FEATURES = {"x": "float64", "n": "int64"}
COLUMNS = {**FEATURES, "m": "int64"}
ROWS = [(1, "10:00", 0.5, 7, 70), (2, "12:00", 1.5, 8, 80)]


@pytest.fixture
def loading(tmp_path, online_url):
    loading = Loading(tmp_path, online_url)
    loading.write("stats.parquet", ROWS, COLUMNS)
    loading.apply(DRIVER, source(), view())
    yield loading
    loading.close()


def only(summary):
    (part,) = summary.views
    return part


def rebuild(loading):
    """A breaking change: the feature has another type, and rows of another meaning."""
    loading.apply(DRIVER, source(columns={"n": "x"}), view(features={"x": "int64"}))


def test_readers_stay_on_the_old_generation_until_the_new_one_is_filled(loading):
    loading.run(end="14:00")
    old = loading.generation("stats")
    rebuild(loading)
    assert loading.generation("stats") == old
    assert loading.stored("stats", 1) == {1: (0.5,)}
    assert loading.online.read("demo", "dev").views["stats"].features == {"x": "float64"}


def test_the_next_run_fills_the_new_generation_from_the_beginning_and_flips(loading):
    loading.run(end="14:00")
    old = loading.generation("stats")
    rebuild(loading)
    part = only(loading.run(end="14:00"))
    assert loading.stored("stats", 1, 2) == {1: (7,), 2: (8,)}
    assert (part.from_us, part.keys, part.generation) == (None, 2, loading.generation("stats"))
    assert loading.online.read("demo", "dev").views["stats"].features == {"x": "int64"}
    assert loading.snapshot.bindings["stats"].fill is None
    assert loading.online.count("demo", old) == 0


def test_an_explicit_range_fills_the_new_generation_whole(loading):
    loading.run(end="14:00")
    rebuild(loading)
    loading.run(start="12:00", end="14:00")
    assert loading.stored("stats", 1, 2) == {1: (7,), 2: (8,)}


def test_readers_are_not_sent_back_in_time(loading):
    loading.run(end="14:00")
    old = loading.generation("stats")
    rebuild(loading)
    summary = loading.run(end="11:00")
    assert loading.generation("stats") == old
    (note,) = summary.notes["stats"]
    assert note.startswith(
        "readers stay on the old generation, which is loaded up to 2024-01-01T14"
    )
    assert only(loading.run(end="14:00")).from_us == at("11:00")
    assert loading.stored("stats", 1, 2) == {1: (7,), 2: (8,)}


def test_a_new_generation_that_is_not_as_it_was_filled_is_not_served(loading, monkeypatch):
    loading.run(end="14:00")
    rebuild(loading)
    get = loading.online.get

    def damaged(keys):
        return [row and row[:-1] + b"?" if b"@" not in key else row
                for key, row in zip(keys, get(keys), strict=True)]  # fmt: skip

    monkeypatch.setattr(loading.online, "get", damaged)
    failed = loading.run(end="14:00")
    monkeypatch.undo()
    assert failed.errors["stats"].code == "FC604"
    assert "2 of 2 sampled entities are not as offline" in failed.errors["stats"].message
    assert loading.stored("stats", 1) == {1: (0.5,)}
    assert loading.run(end="14:00").failed == ()
    assert loading.stored("stats", 1) == {1: (7,)}


def test_a_breaking_change_of_what_was_never_loaded_is_filled_like_any_other(loading):
    rebuild(loading)
    loading.run(end="14:00")
    assert loading.stored("stats", 1, 2) == {1: (7,), 2: (8,)}


def test_an_added_feature_reaches_entities_without_new_rows(loading):
    loading.run(end="14:00")
    loading.apply(DRIVER, source(), view(features=FEATURES))
    assert loading.snapshot.bindings["stats"].needs_fill
    part = only(loading.run(end="14:00"))
    assert part.from_us is None
    assert loading.stored("stats", 1, 2) == {1: (0.5, 7), 2: (1.5, 8)}
    assert not loading.snapshot.bindings["stats"].needs_fill
    assert only(loading.run(end="15:00")).from_us == at("14:00")


def test_an_old_range_does_not_count_as_the_fill_of_an_added_feature(loading):
    loading.run(end="14:00")
    loading.apply(DRIVER, source(), view(features=FEATURES))
    loading.run(start="10:00", end="11:00")
    assert loading.snapshot.bindings["stats"].needs_fill
    loading.run(end="14:00")
    assert not loading.snapshot.bindings["stats"].needs_fill


def test_a_longer_ttl_loads_the_rows_that_it_lets_live(loading):
    loading.write("old.parquet", [(1, "09:00", 1.0, 1)], FEATURES)
    narrow = view("old", ttl="1h", on_stale="serve")
    loading.apply(DRIVER, source(), view(), source("old"), narrow)
    loading.run(end="12:00")
    assert loading.stored("old", 1) == {1: None}
    loading.apply(DRIVER, source(), view(), source("old"), view("old", ttl="4h", on_stale="serve"))
    loading.run(end="12:00")
    assert loading.stored("old", 1) == {1: (1.0,)}


def test_a_view_that_was_changed_while_it_was_loaded_is_loaded_again(loading):
    loading.run(end="11:00")
    rebuild(loading)
    changes = []

    def change_once(event):
        if type(event).__name__ == "Written" and not changes:
            changes.append(event)
            loading.apply(DRIVER, source(columns={"m": "x"}), view(features={"x": "int64"}))

    summary = loading.run(end="14:00", progress=change_once)
    assert (summary.errors["stats"].code, summary.exit_code) == ("FC504", 5)
    assert loading.stored("stats", 1) == {1: (0.5,)}
    assert loading.run(end="14:00").failed == ()
    assert loading.stored("stats", 1) == {1: (70,)}


def test_readers_learn_of_an_added_feature_before_rows_have_it(loading):
    """An apply was killed before it told them: the run that loads the feature does."""
    loading.run(end="14:00")
    publish, loading.online.publish = loading.online.publish, lambda _manifest: False
    loading.apply(DRIVER, source(), view(features=FEATURES))
    loading.online.publish = publish
    cache = ManifestCache(loading.online, "demo", "dev")
    told = []

    def read(event):
        if type(event).__name__ == "Written":
            found = lookup(cache, Request(("stats:x",)), [{"id": 1}, {"id": 2}])
            told.append([row["x"] for row in found.to_dicts()])

    assert not loading.run(end="14:00", progress=read).failed
    assert told == [[0.5, 1.5]]


def test_a_store_that_was_emptied_serves_nothing_before_it_is_filled_again(loading):
    """A read without a manifest is an error, which is better than a value that is not found."""
    loading.run(end="14:00")
    keys = [version_key("demo", "dev"), manifest_key("demo", "dev")]
    loading.online.sweep("demo", loading.generation("stats"))
    loading.online.delete(keys)
    held = []
    loading.run(end="14:00", progress=lambda _event: held.append(loading.online.get(keys)))
    assert held
    assert all(found == [None, None] for found in held[:-1])
    assert loading.online.read("demo", "dev") is not None
