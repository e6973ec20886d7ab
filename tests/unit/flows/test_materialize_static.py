"""A static source is loaded whole when its files have changed."""

from __future__ import annotations

import os

import pytest
from loading import Loading, source, view

from featurectl.definitions.entity import Entity
from featurectl.errors import StoreError

DRIVER = Entity("driver", join_keys={"id": "int64"})
X = {"x": "float64"}


@pytest.fixture
def loading(tmp_path, online_url):
    loading = Loading(tmp_path, online_url)
    yield loading
    loading.close()


def write(loading, *values):
    """A table of ids from 1 with these values; each time a different file."""
    loading.write("stats.parquet", [(i, None, x) for i, x in enumerate(values, 1)], X)
    path = loading.folder / "stats.parquet"
    write.count += 1
    os.utime(path, (write.count, write.count))


write.count = 0


def applied(loading, *values):
    write(loading, *values)
    loading.apply(DRIVER, source(event_timestamp="none"), view())


def only(summary):
    (part,) = summary.views
    return part


def test_the_first_run_loads_all_of_it_in_place(loading):
    applied(loading, 1.0, 2.0)
    before = loading.generation("stats")
    part = only(loading.run())
    assert loading.rows("stats", 1, 2, 3) == {1: (None, (1.0,)), 2: (None, (2.0,)), 3: None}
    assert (part.rows, part.keys, part.from_us, part.to_us) == (2, 2, None, None)
    assert loading.generation("stats") == before


def test_files_that_have_not_changed_are_not_read_again(loading):
    applied(loading, 1.0)
    loading.run()
    summary = loading.run()
    assert (only(summary).status, only(summary).rows) == ("empty", 0)
    assert summary.notes["stats"] == ("the files are those that run 2 has loaded",)


def test_files_that_have_changed_are_loaded_and_an_entity_that_left_them_is_gone(loading):
    applied(loading, 1.0, 2.0)
    loading.run()
    before = loading.generation("stats")
    write(loading, 1.5)
    loading.run()
    assert loading.stored("stats", 1, 2) == {1: (1.5,), 2: None}
    assert loading.generation("stats") != before
    assert loading.online.count("demo", before) == 0
    assert loading.online.stamp("demo", before) is None


def test_the_manifest_sends_readers_to_the_new_rows(loading):
    applied(loading, 1.0)
    loading.run()
    write(loading, 1.5)
    loading.run()
    manifest = loading.online.read("demo", "dev")
    assert manifest.views["stats"].generation.id == loading.generation("stats")
    assert manifest.revision == loading.snapshot.revision


def test_a_file_that_became_empty_empties_the_view_where_that_is_wanted(loading):
    applied(loading, 1.0)
    loading.run()
    write(loading)
    assert loading.run().errors["stats"].code == "FC405"
    assert loading.stored("stats", 1) == {1: (1.0,)}
    assert only(loading.run(allow=("empty",))).status == "empty"
    assert loading.stored("stats", 1) == {1: None}
    assert generations_in(loading) == [loading.generation("stats")]


def test_a_feature_that_lost_values_is_told_and_one_that_lost_all_is_refused(loading):
    applied(loading, 1.0, 2.0)
    loading.run()
    write(loading, 1.0, None)
    assert loading.run().notes["stats"] == ("more nulls than before: x 0% -> 50%",)
    write(loading, None, None)
    assert loading.run().errors["stats"].code == "FC405"


def test_keys_that_occur_twice_are_resolved_by_content_and_counted(loading):
    applied(loading)
    loading.write("stats.parquet", [(1, None, 1.0), (1, None, 2.0)], X)
    summary = loading.run()
    assert loading.stored("stats", 1) == {1: (2.0,)}
    assert summary.notes["stats"] == ("1 entity has several newest rows: content decided",)


def test_a_store_that_was_emptied_is_filled_though_the_files_have_not_changed(loading):
    applied(loading, 1.0)
    loading.run()
    loading.online.sweep("demo", loading.generation("stats"))
    summary = loading.run()
    assert loading.stored("stats", 1) == {1: (1.0,)}
    assert "the store does not have what run 2 has loaded" in summary.notes["stats"][0]


def test_full_loads_it_again(loading):
    applied(loading, 1.0)
    loading.run()
    assert only(loading.run(full=True)).rows == 1


def test_a_load_that_fails_leaves_readers_where_they_are_and_its_rows_are_removed(loading):
    applied(loading, 1.0, 2.0)
    loading.run()
    write(loading, 1.5)
    put, loading.online.put = loading.online.put, refuse
    failed = loading.run()
    loading.online.put = put
    assert [part.status for part in failed.failed] == ["failed"]
    assert loading.stored("stats", 1, 2) == {1: (1.0,), 2: (2.0,)}
    write(loading, 1.7)
    loading.run()
    assert loading.stored("stats", 1, 2) == {1: (1.7,), 2: None}
    assert generations_in(loading) == [loading.generation("stats")]


def test_a_first_load_that_fails_leaves_no_entity_behind_that_then_left_the_file(loading):
    applied(loading, 1.0, 2.0)
    mark, loading.online.mark = loading.online.mark, refuse_second(loading.online.mark)
    assert loading.run().failed
    loading.online.mark = mark
    write(loading, 1.5)
    loading.run()
    assert loading.stored("stats", 1, 2) == {1: (1.5,), 2: None}
    assert generations_in(loading) == [loading.generation("stats")]


def refuse(*_args):
    raise StoreError("FC603", "the store is full")


def refuse_second(act):
    """Lets the first call through, as where the store fails in the middle of a run."""
    calls = []

    def acting(*args):
        calls.append(args)
        return act(*args) if len(calls) == 1 else refuse()

    return acting


def generations_in(loading):
    """The generations that runs have written and that are still stamped in the store."""
    written = {part.generation for run in loading.registry.runs() for part in run.views}
    return [name for name in sorted(written) if loading.online.stamp("demo", name)]
