"""Runs that fail, are interrupted, killed, or meet another one: nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from loading import Loading, at, source, view

from featurectl.definitions.entity import Entity
from featurectl.errors import StoreError
from featurectl.flows.lease import held

DRIVER = Entity("driver", join_keys={"id": "int64"})
X = {"x": "float64"}
ROWS = [(1, "10:00", 1.0), (2, "12:00", 2.0)]
SUPPORT = Path(__file__).parents[2] / "support"
MINUTE_US = 60_000_000


@pytest.fixture
def loading(tmp_path, online_url):
    loading = Loading(tmp_path, online_url)
    yield loading
    loading.close()


def applied(loading, *names):
    for name in names:
        loading.write(f"{name}.parquet", ROWS, X)
    loading.apply(DRIVER, *[source(name) for name in names], *[view(name) for name in names])


def watermark(loading, name):
    progress = loading.registry.progress("dev", [loading.generation(name)])
    return next((found.watermark_us for found in progress.values()), None)


def test_a_view_that_fails_does_not_stop_the_others_and_the_summary_says_why(loading):
    applied(loading, "a", "b", "c")
    (loading.folder / "b.parquet").write_bytes(b"no Parquet")
    summary = loading.run(end="14:00")
    assert [part.status for part in summary.views] == ["ok", "failed", "ok"]
    assert (summary.exit_code, summary.errors["b"].code) == (1, "FC202")
    assert "[FC202]" in summary.document()["views"][1]["error"]
    assert loading.stored("c", 2) == {2: (2.0,)}
    assert (watermark(loading, "a"), watermark(loading, "b")) == (at("14:00"), None)
    record = loading.registry.runs()[0]
    assert (record.status, [part.status for part in record.views]) == (
        "failed",
        ["ok", "failed", "ok"],
    )


def test_a_column_that_is_gone_fails_the_view_and_is_named(loading):
    applied(loading, "a")
    loading.write("a.parquet", [(1, "10:00", 1.0)], {"y": "float64"})
    summary = loading.run(end="14:00")
    assert summary.errors["a"].code == "FC205"
    assert '"x"' in summary.errors["a"].message


def test_a_source_that_is_changed_while_it_is_read_fails_the_view(loading, monkeypatch):
    applied(loading, "a")
    deliver = loading.engine.deliver

    def change(query, sink):
        deliver(query, sink)
        loading.write("a.parquet", [*ROWS, *ROWS], X)

    monkeypatch.setattr(loading.engine, "deliver", change)
    assert loading.run(end="14:00").errors["a"].code == "FC207"
    assert watermark(loading, "a") is None
    monkeypatch.undo()
    assert loading.run(end="14:00").failed == ()


def test_the_watermark_moves_only_after_the_rows_are_in_the_store(loading, monkeypatch):
    applied(loading, "a")

    def refuse(*_args):
        raise StoreError("FC603", "the store is full")

    for method in ("put", "mark"):
        monkeypatch.setattr(loading.online, method, refuse)
        assert loading.run(end="14:00").errors["a"].code == "FC603"
        assert watermark(loading, "a") is None
        monkeypatch.undo()
    assert loading.run(end="14:00").failed == ()
    assert watermark(loading, "a") == at("14:00")


def test_a_store_that_does_not_answer_is_told_of_once_and_before_anything_is_begun(
    loading, monkeypatch
):
    applied(loading, "a", "b")

    def refuse():
        raise StoreError("FC601", "connection refused")

    monkeypatch.setattr(loading.online, "ping", refuse)
    with pytest.raises(StoreError, match="refused"):
        loading.run(end="14:00")
    assert [run.kind for run in loading.registry.runs()] == ["apply"]


def test_a_mistake_of_ours_is_raised_after_the_other_views_are_done(loading, monkeypatch):
    applied(loading, "a", "b")
    schema = loading.engine.schema
    monkeypatch.setattr(loading.engine, "schema", lambda s: 1 / (s.name == "b") and schema(s))
    with pytest.raises(ZeroDivisionError):
        loading.run(end="14:00")
    assert watermark(loading, "b") == at("14:00")
    record = loading.registry.runs()[0]
    assert (record.status, record.views[0].error) == (
        "failed",
        "ZeroDivisionError: division by zero",
    )


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_is_passed_on_and_finished_views_keep_what_they_have(loading, error):
    applied(loading, "a", "b", "c")

    def interrupt(event):
        if type(event).__name__ == "Written" and event.view == "b":
            raise error

    with pytest.raises(error):
        loading.run(end="14:00", progress=interrupt)
    assert loading.registry.holders() == []
    record = loading.registry.runs()[0]
    assert (record.status, [part.status for part in record.views]) == ("failed", ["ok", "failed"])
    assert record.views[1].error == "interrupted"
    assert (watermark(loading, "a"), watermark(loading, "b")) == (at("14:00"), None)


def test_a_second_run_of_a_view_is_refused_while_the_first_is_at_work(loading):
    applied(loading, "a", "b")
    with held(loading.registry, "materialize:dev:a", 99, loading.actor):
        summary = loading.run(end="14:00")
        assert [part.status for part in summary.views] == ["failed", "ok"]
        assert (summary.errors["a"].code, summary.exit_code) == ("FC502", 5)
    assert loading.run(end="14:00").exit_code == 0


def test_a_second_run_that_waits_loads_what_the_first_has_left(loading):
    applied(loading, "a")
    first = Loading(loading.folder, url_of(loading))
    entered, go_on = threading.Event(), threading.Event()

    def hold(event):
        if type(event).__name__ == "Written":
            entered.set()
            go_on.wait(20)

    thread = threading.Thread(target=lambda: first.run(end="11:00", progress=hold))
    thread.start()
    entered.wait(20)
    threading.Timer(0.2, go_on.set).start()
    summary = loading.run(end="14:00", lock_timeout_s=20)
    thread.join()
    first.close()
    assert summary.views[0].from_us == at("11:00")
    assert loading.stored("a", 1, 2) == {1: (1.0,), 2: (2.0,)}


def url_of(loading):
    return getattr(loading.online, "_url", None) or f"sqlite:///{loading.online._path}"


def test_the_lease_of_a_run_that_was_killed_is_taken_over_with_a_notice(loading):
    applied(loading, "a")
    code = """
import sys, time
from pathlib import Path
from loading import Loading
loading = Loading(Path(sys.argv[1]), sys.argv[2])
run = loading.registry.begin("materialize", "dev", 1, loading.actor)
loading.registry.acquire("materialize:dev:a", run, loading.actor)
print("held", flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code, loading.folder, url_of(loading)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f"{SUPPORT}:{SUPPORT.parents[1]}"},
    ) as holder:
        holder.stdout.readline()
        assert loading.run(end="14:00").errors["a"].code == "FC502"
        holder.send_signal(signal.SIGKILL)
    summary = loading.run(end="14:00")
    assert summary.failed == ()
    assert f"pid {holder.pid}, which has died" in summary.notes["a"][0]
    assert "died" in [run.status for run in loading.registry.runs()]


def test_a_run_killed_at_any_point_loses_nothing_and_is_finished_by_the_next(loading):
    kills, entities = 15, 14_000
    rows = [(i, i % 40 * MINUTE_US, float(i)) for i in range(entities)]
    rows += [(i, (40 + i % 40) * MINUTE_US, -float(i)) for i in range(0, entities, 2)]
    loading.write("stats.parquet", rows, X)
    loading.write("table.parquet", [(i, None, float(i)) for i in range(1_000)], X)
    static = source("table", event_timestamp="none")
    loading.apply(DRIVER, source(), view(), static, view("table"))
    watermarks = killed_runs(loading, kills)
    assert len(watermarks) == kills
    assert watermarks == sorted(watermarks, key=lambda us: us or 0)
    assert len(set(watermarks)) > 1, "no run has finished"

    stored = loading.rows("stats", *range(entities))
    reached = newest_of(rows, watermarks[-1])
    assert all(stored[key] and stored[key][0] >= event for key, (event, _) in reached.items())

    summary = loading.run(end=90 * MINUTE_US)
    assert summary.failed == ()
    newest = newest_of(rows, 90 * MINUTE_US)
    assert loading.rows("stats", *range(entities)) == newest
    table = loading.stored("table", *range(1_000))
    assert table == {i: (float(i),) for i in range(1_000)}
    keys = {found.view: found.online_keys for found in loading.status().views}
    assert keys == {"stats": entities, "table": 1_000}
    assert rows_in(loading) == entities + 1_000, "a run that was killed has left rows behind"


def killed_runs(loading, kills):
    ran = subprocess.run(
        [sys.executable, SUPPORT / "killed_runs.py", loading.folder, url_of(loading), "demo",
         str(kills)],
        env={**os.environ, "PYTHONPATH": f"{SUPPORT}:{SUPPORT.parents[1]}"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Traceback" not in ran.stderr, ran.stderr
    return json.loads(ran.stdout)


def newest_of(rows, end_us):
    """Each entity's newest row by brute force."""
    found = {}
    for key, event, value in rows:
        if event <= (end_us or 0) and event >= found.get(key, (event,))[0]:
            found[key] = (event, (value,))
    return found


def rows_in(loading):
    """How many rows the store has, of whatever generation."""
    if client := getattr(loading.online, "_client", None):
        return len(list(client.scan_iter("demo:*")))
    with loading.online._read() as db:
        return db.execute("select count(*) from rows where event_us is not null").fetchone()[0]


def test_time_goes_by_only_while_rows_are_read(loading):
    applied(loading, "a")
    before = time.time_ns() // 1_000
    part = loading.run(end="14:00").views[0]
    assert before <= part.started_us <= part.finished_us <= time.time_ns() // 1_000
