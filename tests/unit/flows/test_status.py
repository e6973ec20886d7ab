"""How fresh each view is, and what is wrong with it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from loading import Loading, at, source, view

from featurectl.definitions.entity import Entity
from featurectl.errors import StoreError
from featurectl.flows.freshness import freshness_limit, is_lost
from featurectl.flows.publish import publish
from featurectl.flows.status import status
from featurectl.online.keys import manifest_key, version_key
from featurectl.online.protocol import Stamp
from featurectl.registry.protocol import Progress

DRIVER = Entity("driver", join_keys={"id": "int64"})
X = {"x": "float64"}
ROWS = [(1, "10:00", 1.0), (2, "12:00", None)]
HOUR = 3_600_000_000


@pytest.fixture
def loading(tmp_path, online_url):
    loading = Loading(tmp_path, online_url)
    yield loading
    loading.close()


def applied(loading, rows=ROWS, **fields):
    loading.write("stats.parquet", rows, X)
    loading.apply(DRIVER, source(), view(**fields))


def state(loading, now="13:00", **how):
    (found,) = loading.status(now=now, **how).views
    return found


def test_a_view_that_was_never_loaded_is_never(loading):
    applied(loading)
    found = state(loading)
    assert (found.state, found.watermark_us, found.freshness_us) == ("never", None, None)
    assert found.online_keys == 0


def test_freshness_is_the_age_of_the_newest_event_and_not_of_the_run(loading):
    applied(loading, schedule="1h")
    loading.run(end="12:30")
    found = state(loading, "13:00")
    assert (found.state, found.newest_us) == ("ok", at("12:00"))
    assert (found.watermark_us, found.freshness_us) == (at("12:30"), HOUR)
    assert (found.online_keys, found.null_share, found.last.run) == (2, 0.5, 2)


def test_a_view_is_stale_when_new_data_are_late_by_more_than_its_schedule_again(loading):
    applied(loading, schedule="1h")
    loading.run(end="13:00")
    assert state(loading, "14:00").state == "ok"
    found = state(loading, "14:01")
    assert (found.state, found.limit_us) == ("stale", 2 * HOUR)


def test_runs_that_find_nothing_new_do_not_make_a_view_fresh(loading):
    applied(loading, schedule="1h")
    loading.run(end="13:00")
    loading.run(end="15:00")
    assert state(loading, "15:00").state == "stale"


def test_a_backfill_does_not_make_a_view_look_older(loading):
    applied(loading)
    loading.run(end="13:00")
    loading.run(start="09:00", end="11:00")
    assert state(loading).newest_us == at("12:00")


def test_a_view_whose_source_had_no_row_is_stale(loading):
    applied(loading, [], schedule="1h")
    loading.run(end="13:00")
    assert (state(loading).state, state(loading).detail) == ("stale", "no row was loaded yet")


def test_a_static_view_has_no_age(loading):
    loading.write("stats.parquet", [(1, None, 1.0)], X)
    loading.apply(DRIVER, source(event_timestamp="none"), view(schedule="1h"))
    loading.run()
    found = state(loading, now=None)
    assert (found.state, found.freshness_us, found.limit_us) == ("ok", None, None)
    assert (found.watermark_us, found.online_keys) == (None, 1)


def test_a_store_that_was_emptied_is_told(loading):
    applied(loading)
    loading.run(end="13:00")
    loading.online.sweep("demo", loading.generation("stats"))
    found = state(loading)
    assert (found.state, found.online_keys) == ("empty", 0)
    assert "run 2 wrote 2 keys" in found.detail


def test_a_store_that_is_behind_the_registry_is_told(loading):
    applied(loading)
    loading.run(end="11:00")
    generation = loading.generation("stats")
    before = loading.online.stamp("demo", generation)
    loading.run(end="13:00")
    loading.online.mark("demo", generation, before)
    assert state(loading).state == "empty"


def test_a_view_whose_last_run_failed_is_failed_and_says_why(loading):
    applied(loading)
    loading.run(end="13:00")
    (loading.folder / "stats.parquet").unlink()
    loading.run(end="14:00")
    found = state(loading)
    assert (found.state, found.last.part.status) == ("failed", "failed")
    assert "[FC201]" in found.detail


def test_a_failure_explains_why_a_view_is_stale(loading):
    applied(loading, schedule="1h")
    loading.run(end="13:00")
    (loading.folder / "stats.parquet").unlink()
    loading.run(end="15:00")
    found = state(loading, "15:00")
    assert found.state == "stale"
    assert "[FC201]" in found.detail


def test_a_view_that_failed_before_anything_was_loaded_is_failed(loading):
    applied(loading)
    (loading.folder / "stats.parquet").unlink()
    loading.run()
    assert state(loading).state == "failed"


def test_a_skipped_run_is_not_the_last_run(loading):
    applied(loading)
    loading.run(end="13:00")
    loading.run(end="12:00")
    assert state(loading).last.run == 2


def test_views_that_are_not_served_online_are_left_out(loading):
    applied(loading, online=False)
    assert loading.status().views == ()


def test_without_a_store_nothing_is_said_of_its_keys(loading):
    applied(loading)
    loading.run(end="13:00")
    found = state(loading, online=False)
    assert (found.state, found.online_keys) == ("ok", None)


def test_a_store_that_does_not_answer_does_not_hide_the_rest(loading, monkeypatch):
    applied(loading)
    loading.run(end="13:00")

    def refuse(*_args):
        raise StoreError("FC601", "connection refused")

    monkeypatch.setattr(loading.online, "stamp", refuse)
    report = loading.status(now="13:00")
    assert (report.views[0].state, report.views[0].online_keys) == ("ok", None)
    assert report.breached
    assert report.document()["store_error"] == "connection refused"


def test_the_report_is_a_document_and_breached_unless_all_is_ok(loading):
    applied(loading, schedule="1h")
    assert loading.status().breached
    loading.run(end="13:00")
    report = loading.status(now="13:00")
    (found,) = report.document()["views"]
    assert not report.breached
    assert report.counts == {"ok": 1}
    assert found == {
        "view": "stats",
        "watermark": "2024-01-01T13:00:00Z",
        "newest_event": "2024-01-01T12:00:00Z",
        "freshness_seconds": 3600.0,
        "limit_seconds": 7200.0,
        "online_keys": 2,
        "null_share": 0.5,
        "last_run": 2,
        "state": "ok",
        "detail": "",
    }
    assert loading.status(now="15:00").breached


def test_keys_are_counted_once_however_often_they_are_written(loading):
    applied(loading)
    for _ in range(3):
        loading.run(start="00:00", end="13:00")
    loading.write("stats.parquet", [*ROWS, (3, "14:00", 1.0)], X)
    loading.run(end="15:00")
    assert state(loading).online_keys == 3


def test_the_limit_is_the_ttl_where_no_schedule_says_more():
    document = view(ttl="3h").document()
    assert freshness_limit(document) == 3 * HOUR
    assert freshness_limit({**document, "schedule": "30m"}) == HOUR
    assert freshness_limit(view(ttl="none").document()) is None


def test_a_stamp_is_lost_when_it_is_missing_or_of_an_earlier_run():
    progress = Progress(10, 10, "", 5)
    stamp = Stamp(5, 10, 1)
    assert not is_lost(progress, stamp)
    assert not is_lost(progress, replace(stamp, run=6))
    assert not is_lost(None, None)
    assert is_lost(progress, None)
    assert is_lost(progress, replace(stamp, run=4))


def test_status_loads_no_engine_and_no_client():
    heavy = "{'duckdb', 'pyarrow', 'redis', 'numpy', 'pydantic', 'sqlglot', 'rich'}"
    code = f"import sys, featurectl.flows.status; print({heavy} & sys.modules.keys())"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


def test_a_manifest_that_the_store_lacks_is_drift_and_a_breach(loading):
    applied(loading)
    loading.run(end="13:00")
    assert (loading.status(now="13:00").drift, loading.status(now="13:00").breached) == ((), False)
    for key in (manifest_key("demo", "dev"), version_key("demo", "dev")):
        loading.online.delete([key])

    report = loading.status(now="13:00")

    assert [drift.about for drift in report.drift] == ["manifest"]
    assert (report.views[0].state, report.breached) == ("ok", True)
    assert report.document()["drift"][0]["text"] == (
        "the online store has no manifest: every read fails"
    )
    publish(loading.snapshot, loading.online)
    assert not loading.status(now="13:00").breached


def test_columns_that_are_read_and_have_changed_are_drift_and_others_are_not(loading):
    applied(loading)
    loading.run(end="13:00")
    columns = {"id": "int64", "at": "timestamp", "x": "float64"}
    loading.registry.record_schemas("dev", {"stats": columns})

    def drift(**changes):
        now = {"stats": {**columns, **changes}}
        views = sorted(loading.snapshot.documents("view"))
        found = (loading.snapshot, loading.registry, loading.online, at("13:00"), views)
        return [each.text for each in status(*found, columns=now).drift]

    assert drift() == drift(unread="string") == []
    (line,) = drift(x="float32")
    assert line == (
        "source stats: column x is float32, and was float64 when it was applied (feature x of view "
        "stats)"
    )


def test_a_store_that_gives_no_answer_is_no_drift(loading):
    applied(loading)
    assert loading.status(online=False).drift == ()
