"""A store that was emptied, restored or failed over is filled again, and the run says so."""

from __future__ import annotations

import pytest
from loading import Loading, at, source, view

from featurectl.client.online_client import OnlineClient
from featurectl.definitions.entity import Entity
from featurectl.errors import StoreError

DRIVER = Entity("driver", join_keys={"id": "int64"})
X = {"x": "float64"}
ROWS = [(1, "08:00", 1.0), (2, "10:00", 2.0), (3, "12:00", 3.0)]


@pytest.fixture
def loading(tmp_path, online_url):
    loading = Loading(tmp_path, online_url)
    loading.write("stats.parquet", ROWS, X)
    loading.apply(DRIVER, source(), view())
    yield loading
    loading.close()


def empty(loading):
    """What is left of a store whose server or file was lost: nothing."""
    if client := getattr(loading.online, "_client", None):
        client.flushdb()
        return
    loading.online.close()
    for path in loading.folder.glob("online.db*"):
        path.unlink()


def read(loading, *ids):
    client = OnlineClient.over(loading.online, "demo", "dev")
    found = client.get_online_features(features=["stats:x"], keys=[{"id": key} for key in ids])
    return [row["x"] for row in found.to_dicts()]


def test_a_store_that_was_emptied_is_filled_as_by_a_first_run_and_the_run_says_so(loading):
    loading.run(end="11:00")
    empty(loading)
    summary = loading.run(end="12:00")
    assert loading.stored("stats", 1, 2, 3) == {1: (1.0,), 2: (2.0,), 3: (3.0,)}
    assert summary.views[0].from_us is None
    (note,) = summary.notes["stats"]
    assert note.startswith("the store does not have what run 2 has loaded")
    assert summary.run == loading.online.stamp("demo", loading.generation("stats")).run
    assert "stats" not in loading.run(end="13:00").notes


def test_a_store_that_lost_its_manifest_has_it_back_after_a_run(loading):
    loading.run(end="12:00")
    empty(loading)
    with pytest.raises(StoreError) as error:
        read(loading, 1)
    assert error.value.code == "FC605"
    loading.run(end="12:00")
    assert read(loading, 1, 3) == [1.0, 3.0]


def test_an_explicit_range_of_an_emptied_store_fills_the_rest_too(loading):
    loading.run(end="12:00")
    empty(loading)
    loading.run(start="10:00", end="12:00")
    assert loading.stored("stats", 1, 2, 3) == {1: (1.0,), 2: (2.0,), 3: (3.0,)}


def test_what_an_old_range_leaves_out_of_an_emptied_store_the_next_run_loads(loading):
    loading.run(end="12:00")
    empty(loading)
    loading.run(start="07:00", end="09:00")
    assert loading.stored("stats", 1, 3) == {1: (1.0,), 3: None}
    assert loading.run().views[0].from_us == at("09:00")
    assert loading.stored("stats", 2, 3) == {2: (2.0,), 3: (3.0,)}


def test_a_store_that_was_restored_from_before_the_last_run_is_filled_again(loading):
    loading.run(end="11:00")
    generation = loading.generation("stats")
    before = loading.online.stamp("demo", generation)
    loading.run(end="12:00")
    loading.online.delete([key for key, row in loading.online.sample("demo", generation, 9)
                           if row[12:20] == at("12:00").to_bytes(8, "little")])  # fmt: skip
    loading.online.mark("demo", generation, before)
    assert loading.stored("stats", 3) == {3: None}
    loading.run(end="12:00")
    assert loading.stored("stats", 1, 3) == {1: (1.0,), 3: (3.0,)}
    assert loading.online.stamp("demo", generation).keys == 3


def test_a_backfill_that_was_lost_is_noticed_too(loading):
    loading.run(start="10:00", end="12:00")
    generation = loading.generation("stats")
    before = loading.online.stamp("demo", generation)
    loading.run(start="08:00", end="09:00")
    loading.online.mark("demo", generation, before)
    assert "run 3" in loading.run(end="12:00").notes["stats"][0]


def test_an_interrupted_run_does_not_pass_for_a_loss(loading, monkeypatch):
    loading.run(end="10:00")
    monkeypatch.setattr(loading.registry, "advance", interrupt)
    with pytest.raises(KeyboardInterrupt):
        loading.run(end="12:00")
    monkeypatch.undo()
    summary = loading.run(end="12:00")
    assert summary.notes == {}
    assert summary.views[0].from_us == at("10:00")


def interrupt(*_args, **_kwargs):
    raise KeyboardInterrupt
