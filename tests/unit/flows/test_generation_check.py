"""What is checked before readers are sent to a new generation, and how it can be overruled."""

from __future__ import annotations

import math
from datetime import date, datetime, timezone
from decimal import Decimal

import pytest
from loading import Loading, at, source, view

from featurectl.definitions.entity import Entity
from featurectl.flows import view_load
from featurectl.queries.latest import Reading
from featurectl.queries.relation import EventRange

DRIVER = Entity("driver", join_keys={"id": "int64"})
COLUMNS = {"x": "float64", "y": "int64", "z": "int64"}
ROWS = [(i, f"{10 + i % 4}:00", i / 2, i, 10 * i) for i in range(1, 41)]
FIRST = {"x": "float64"}


@pytest.fixture
def loading(tmp_path):
    found = begun(tmp_path, f"sqlite:///{tmp_path / 'online.db'}")
    yield found
    found.close()


def begun(folder, url):
    loading = Loading(folder, url)
    loading.write("stats.parquet", ROWS, COLUMNS)
    loading.apply(DRIVER, source(), view(features=FIRST))
    assert not loading.run(end="14:00").failed
    return loading


def rebuild(loading, column="y", **fields):
    """A breaking change: ``x`` has another type, and comes from another column."""
    loading.apply(DRIVER, source(columns={column: "x"}), view(features={"x": "int64"}, **fields))


def refused(summary, code, words):
    error = summary.errors["stats"]
    assert (error.code, summary.exit_code) == (code, 4 if code == "FC405" else 1)
    assert words in error.message
    return error


def test_a_new_generation_that_passes_is_told_of_and_serves(tmp_path, online_url):
    loading = begun(tmp_path, online_url)
    before = loading.generation("stats")
    rebuild(loading)
    summary = loading.run(end="14:00")
    old, new = (name.rpartition(".")[2] for name in (before, loading.generation("stats")))
    assert summary.notes["stats"] == (
        f"check {new}: 40 keys, sample 40 equal offline",
        f"serving {old} -> {new}",
    )
    assert loading.stored("stats", 3) == {3: (3,)}
    loading.close()


def test_a_run_that_adds_to_what_serves_checks_nothing(loading):
    loading.write("stats.parquet", [*ROWS, (1, "15:00", 9.0, 9, 9)], COLUMNS)
    assert "stats" not in loading.run(end="16:00").notes


def test_a_generation_without_rows_is_refused_while_readers_have_some(loading):
    before = loading.generation("stats")
    loading.write("stats.parquet", [], COLUMNS)
    rebuild(loading)
    error = refused(loading.run(end="14:00"), "FC405", "it has no rows, and readers have some")
    assert error.help[0].endswith("featurectl materialize stats --allow empty")
    assert loading.generation("stats") == before
    assert loading.stored("stats", 3) == {3: (1.5,)}
    assert refused(loading.run(end="14:00", full=True), "FC405", "no rows")


def test_who_wants_it_empty_says_so(loading):
    loading.write("stats.parquet", [], COLUMNS)
    rebuild(loading)
    assert not loading.run(end="14:00", allow=("empty",)).failed
    assert loading.stored("stats", 3) == {3: None}


def test_a_generation_without_rows_serves_where_all_that_readers_have_is_expired(loading):
    rebuild(loading, ttl="2h")
    summary = loading.run(now="20:00")
    assert not summary.failed
    assert summary.notes["stats"][0].endswith(": 0 keys, sample 0 equal offline")
    assert loading.snapshot.bindings["stats"].fill is None


def test_a_generation_without_rows_serves_where_readers_have_none(tmp_path):
    loading = Loading(tmp_path, f"sqlite:///{tmp_path / 'online.db'}")
    loading.write("stats.parquet", [], COLUMNS)
    loading.apply(DRIVER, source(), view())
    loading.run(end="14:00")
    rebuild(loading)
    assert not loading.run(end="14:00").failed
    loading.close()


def test_a_store_that_lost_the_rows_is_no_reason_to_keep_them(loading):
    loading.write("stats.parquet", [], COLUMNS)
    rebuild(loading)
    loading.online.sweep("demo", loading.generation("stats"))
    assert not loading.run(end="14:00").failed


def test_a_feature_that_has_lost_all_its_values_is_refused(loading):
    loading.write("stats.parquet", [(*row[:4], None) for row in ROWS], COLUMNS)
    rebuild(loading, "z")
    error = refused(loading.run(end="14:00"), "FC405", "x is null in every row, and has values now")
    assert error.notes[0] == "of 40 rows that are served now: 0% null in x"
    assert error.help[0].endswith("featurectl materialize stats --allow nulls")
    assert loading.stored("stats", 3) == {3: (1.5,)}
    assert not loading.run(end="14:00", allow=("nulls",)).failed
    assert loading.stored("stats", 3) == {3: (None,)}


def test_a_feature_that_never_had_a_value_is_not_asked_for_one(loading):
    loading.apply(DRIVER, source(), view(features={"x": "float64", "z": "int64"}))
    loading.write("stats.parquet", [(*row[:4], None) for row in ROWS], COLUMNS)
    loading.run(end="14:00")
    both = {"x": "int64", "z": "int64"}
    loading.apply(DRIVER, source(columns={"y": "x"}), view(features=both))
    assert not loading.run(end="14:00").failed
    assert loading.stored("stats", 3) == {3: (3, None)}


def test_a_feature_that_was_not_there_before_may_be_null_throughout(loading):
    loading.write("stats.parquet", [(*row[:4], None) for row in ROWS], COLUMNS)
    both = {"x": "int64", "z": "int64"}
    loading.apply(DRIVER, source(columns={"y": "x"}), view(features=both))
    assert not loading.run(end="14:00").failed


def test_more_nulls_than_before_are_told(loading):
    some = [(*row[:3], None if row[0] % 4 else row[3], row[4]) for row in ROWS]
    loading.write("stats.parquet", some, COLUMNS)
    rebuild(loading)
    assert "more nulls than before: x 0% -> 75%" in loading.run(end="14:00").notes["stats"]


def test_other_join_keys_do_not_hide_that_a_feature_has_lost_its_values(loading):
    loading.write("stats.parquet", [(*row[:4], None) for row in ROWS], COLUMNS)
    driver = Entity("driver", join_keys={"y": "int64"})
    loading.apply(driver, source(columns={"z": "x"}), view(features={"x": "int64"}))
    refused(loading.run(end="14:00"), "FC405", "x is null in every row")


def test_a_value_that_is_not_the_one_the_join_gives_is_refused(loading, monkeypatch):
    """The loading query, as if it were wrong: it never sees the rows after 12:00."""
    rebuild(loading)
    right = view_load.latest

    def wrong(sourced, features, reading):
        assert isinstance(reading, Reading)
        return right(sourced, features, Reading(EventRange(None, at("12:00"))))

    loading.write("stats.parquet", [*ROWS, (4, "13:30", 0.0, 77, 0)], COLUMNS)
    monkeypatch.setattr(view_load, "latest", wrong)
    error = refused(
        loading.run(end="14:00"), "FC604", "1 of 30 sampled entities are not as offline"
    )
    assert error.notes[:2] == (
        f"id=4 event time: {at('10:00')} online, {at('13:30')} offline",
        "id=4 x: 4 online, 77 offline",
    )
    assert loading.stored("stats", 4) == {4: (2.0,)}
    monkeypatch.undo()
    assert not loading.run(end="14:00").failed
    assert loading.stored("stats", 4) == {4: (77,)}


def test_a_source_that_is_changed_while_it_is_checked_is_told_as_that(loading, monkeypatch):
    rebuild(loading)
    fetch = loading.engine.fetch

    def change(query):
        if query.tables:
            loading.write("stats.parquet", [(1, "10:00", 5.0, 5, 5)], COLUMNS)
        return fetch(query)

    monkeypatch.setattr(loading.engine, "fetch", change)
    assert loading.run(end="14:00").errors["stats"].code == "FC207"


def test_a_fill_that_readers_wait_for_is_checked_in_each_of_its_runs(loading, monkeypatch):
    rebuild(loading)
    (waiting,) = loading.run(end="11:00").notes["stats"]
    assert waiting.startswith("readers stay on the old generation")
    get = loading.online.get
    filled = loading.snapshot.bindings["stats"].target.id.encode()
    monkeypatch.setattr(
        loading.online,
        "get",
        lambda keys: [None if filled + b":" in k else v for k, v in zip(keys, get(keys))],  # noqa: B905
    )
    refused(loading.run(end="12:00"), "FC604", "10 of 10 sampled entities")
    monkeypatch.undo()
    check, _ = loading.run(end="14:00").notes["stats"]
    assert check.endswith(": 40 keys, sample 20 equal offline")


def test_late_rows_that_lost_to_newer_ones_do_not_hold_a_fill_up(tmp_path):
    loading = Loading(tmp_path, f"sqlite:///{tmp_path / 'online.db'}")
    rows = [(1, "10:30", "10:30", 1), (2, "13:00", "13:00", 2)]
    for name in ("stats", "other"):
        loading.write(f"{name}.parquet", rows, {"x": "int64"}, created=True)
    stats = view(features={"x": "int64"})
    loading.apply(DRIVER, source(created_timestamp="known"), stats)
    loading.run(end="14:00")
    loading.apply(DRIVER, source(created_timestamp="known", path="other.parquet"), stats)
    loading.run(end="11:00", now="11:00")
    late = (1, "10:00", "12:00", 0)
    loading.write("other.parquet", [*rows, late], {"x": "int64"}, created=True)
    assert not loading.run(end="14:00").failed
    assert loading.stored("stats", 1, 2) == {1: (1,), 2: (2,)}
    assert loading.snapshot.bindings["stats"].fill is None
    loading.close()


TYPES = {
    "bool": [True, None],
    "int32": [-(2**31), 7],
    "int64": [2**63 - 1, None],
    "float32": [0.1, math.nan],
    "float64": [-0.0, math.inf],
    "string": ["", "\x00é\U0001f600"],
    "bytes": [b"\xff\x00", None],
    "date": [date(1969, 12, 31), None],
    "timestamp": [datetime(1969, 12, 31, 23, 59, 59, 999_999, timezone.utc), None],
    "decimal(38,9)": [Decimal("-1.000000001"), None],
    "decimal(5,2)": [Decimal("1.10"), Decimal("-1.10")],
    "list<float64>": [[math.nan, -0.0, None], []],
    "list<string>": [["", None], None],
}


@pytest.mark.parametrize("times", [{}, {"event_timestamp": "none"}], ids=["timed", "static"])
def test_values_of_every_type_are_equal_to_the_offline_ones(tmp_path, times):
    names = {f"f{i}": kind for i, kind in enumerate(TYPES)}
    rows = [(key, "10:00", *(values[key] for values in TYPES.values())) for key in (0, 1)]
    loading = Loading(tmp_path, f"sqlite:///{tmp_path / 'online.db'}")
    for name in ("stats", "other"):
        loading.write(f"{name}.parquet", rows, names)
    loading.apply(DRIVER, source(**times), view(features=names))
    loading.run(end="14:00")
    loading.apply(DRIVER, source(path="other.parquet", **times), view(features=names))
    (check, _) = loading.run(end="14:00").notes["stats"]
    assert check.endswith(": 2 keys, sample 2 equal offline")
    loading.close()


def test_keys_of_several_parts_and_of_none_are_found_again(tmp_path):
    loading = Loading(tmp_path, f"sqlite:///{tmp_path / 'online.db'}")
    loading.write("stats.parquet", ROWS, COLUMNS)
    pair = Entity("pair", join_keys={"z": "int64", "id": "int64"})

    def views(kind):
        return [
            view(name, source="stats", entities=entities, features={"x": kind})
            for name, entities in (("one", ["pair"]), ("none", []))
        ]

    loading.apply(pair, source(), *views("float64"))
    loading.run(end="14:00")
    loading.apply(pair, source(columns={"y": "x"}), *views("int64"))
    notes = loading.run(end="14:00").notes
    assert notes["one"][0].endswith(": 40 keys, sample 40 equal offline")
    assert notes["none"][1].endswith(": 1 key, sample 1 equal offline")
    loading.close()
