"""What differs from what was applied is told by plan, status and doctor, and set right by apply."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from featurectl.client.feature_store import FeatureStore
from featurectl.online.keys import manifest_key, version_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command_line import Cli

VIEW = "features/driver.yaml"
FILE = "data/driver_stats.parquet"
AN_HOUR = 3_600


@pytest.fixture
def at_work(fresh: Cli, online_url: str, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The new repository, applied and loaded; with either kind of store."""
    monkeypatch.setenv("FEATURECTL_ONLINE", online_url)
    fresh.ok("apply", "--yes")
    fresh.ok("materialize")
    return fresh


def edit_file(cli: Cli, change: Callable[[pa.Table], pa.Table]) -> None:
    """Write the source anew, as if some time ago."""
    path = cli.root / FILE
    pq.write_table(change(pq.read_table(path)), path)
    written = path.stat().st_mtime - AN_HOUR
    os.utime(path, (written, written))


def cast(column: str, kind: pa.DataType) -> Callable[[pa.Table], pa.Table]:
    def change(table: pa.Table) -> pa.Table:
        at = table.column_names.index(column)
        return table.set_column(at, column, table[column].cast(kind))

    return change


def drift(cli: Cli) -> list[dict[str, Any]]:
    """What ``status`` says has drifted."""
    found = cli.ok("status", "--format", "json").document["drift"]
    breached = cli("status", "--exit-code").code == 3
    assert breached or not found
    return list(found)


def notes(cli: Cli) -> list[str]:
    """What ``plan`` notes; the text and the comment say the same."""
    found = list(cli.ok("plan", "--format", "json").document["notes"])
    text = cli.ok("plan").out.replace(f" --repo {cli.root}", "").splitlines()
    comment = cli.ok("plan", "--format", "markdown").out
    assert [line.removeprefix("note: ") for line in text if line.startswith("note: ")] == found
    assert all(note.split(";")[0].split("(")[0] in comment for note in found)
    return found


def edited(cli: Cli, change: Callable[[dict[str, Any]], None]) -> None:
    """Edit the manifest in the store, as somebody with access to it could."""
    with FeatureStore(cli.root) as store:
        online, project = store.environment.online, store.config.project
        key = manifest_key(project, "dev")
        (text,) = online.get([key])
        assert text is not None
        document = json.loads(text)
        change(document)
        _overwrite(online, key, json.dumps(document).encode())


def lose_manifest(cli: Cli, env: str = "dev") -> None:
    """Delete what readers of the environment are told."""
    with FeatureStore(cli.root) as store:
        project = store.config.project
        store.environment.online.delete([manifest_key(project, env), version_key(project, env)])


def _overwrite(online: Any, key: bytes, text: bytes) -> None:
    if hasattr(online, "_client"):
        online._client.set(key, text)
    else:
        with online._write() as db:
            db.execute("update rows set value = ? where key = ?", (text, key))


def test_what_is_as_it_was_applied_is_no_drift(at_work: Cli) -> None:
    assert (drift(at_work), notes(at_work)) == ([], [])
    assert "manifest     published, serial 1" in at_work.ok("doctor").out
    assert at_work.ok("apply", "--yes").out.startswith("No changes.")


def test_a_store_without_the_manifest_gets_it_again(at_work: Cli) -> None:
    lose_manifest(at_work)

    (told,) = drift(at_work)
    (noted,) = notes(at_work)
    assert noted == f"{told['text']}; {told['help']}"
    assert told["text"] == "the online store has no manifest: every read fails"
    assert at_work("doctor").code == 1
    assert "Published again" in at_work.ok("apply", "--yes").out
    assert (drift(at_work), notes(at_work)) == ([], [])


def test_a_registry_restored_from_an_older_copy_is_told_of(at_work: Cli, tmp_path: Path) -> None:
    registry, copy = at_work.root / ".featurectl/registry.db", tmp_path / "copy.db"
    shutil.copy(registry, copy)
    at_work.edit(VIEW, "ttl: 24h", "ttl: 2d")
    at_work.ok("apply", "--yes")
    for left in registry.parent.glob("registry.db*"):
        left.unlink()
    shutil.copy(copy, registry)

    (told,) = drift(at_work)
    assert told["text"] == (
        "the online store has the manifest of serial 2, but the registry is at serial 1: it was "
        "restored from an older copy"
    )
    assert notes(at_work) == [f"{told['text']}; {told['help']}"]
    assert "restored from an older copy" in at_work.ok("doctor").out


def test_a_manifest_that_lags_behind_is_published_again(at_work: Cli) -> None:
    edited(at_work, lambda manifest: manifest.update(revision=0, serial=0))

    (told,) = drift(at_work)
    assert "the manifest of serial 0, and serial 1 is applied" in told["text"]
    at_work.ok("apply", "--yes")
    assert drift(at_work) == []


def test_an_edited_manifest_is_told_of_and_published_again(at_work: Cli) -> None:
    edited(at_work, lambda manifest: manifest["views"][0].update(ttl_us=1))

    (told,) = drift(at_work)
    assert "not what was published at serial 1: view driver_stats differs" in told["text"]
    assert len(notes(at_work)) == 1
    at_work.ok("apply", "--yes")
    assert (drift(at_work), notes(at_work)) == ([], [])


def test_a_manifest_that_can_t_be_read_is_replaced_where_that_is_allowed(at_work: Cli) -> None:
    edited(at_work, lambda manifest: manifest.update(format="another"))

    (noted,) = notes(at_work)
    assert noted.startswith("what readers of the online store see is not known: the manifest in")
    assert at_work("status", "--exit-code").code == 3
    assert "FC604" in at_work("apply", "--yes").err
    assert "Published again" in at_work.ok("apply", "--yes", "--allow", "breaking").out
    assert (drift(at_work), notes(at_work)) == ([], [])


def test_a_type_that_still_fits_is_told_of_until_apply_takes_note(at_work: Cli) -> None:
    edit_file(at_work, cast("trips_today", pa.int32()))

    text = (
        "source driver_stats_file: column trips_today is int32, and was int64 when it was applied "
        "(feature trips_today of view driver_stats)"
    )
    assert notes(at_work) == [f"{text}; it still fits: apply takes note of it"]
    assert [told["text"] for told in drift(at_work)] == [text]
    assert f"warn  columns      {text}" in at_work.ok("doctor").out
    applied = at_work.ok("apply", "--yes")
    assert "took note of the columns of driver_stats_file as they are now" in applied.err
    assert "took note" not in at_work.ok("apply", "--yes").err
    assert (drift(at_work), notes(at_work)) == ([], [])


def test_a_column_that_is_gone_is_an_error_that_tells_what_it_was(at_work: Cli) -> None:
    edit_file(at_work, lambda table: table.drop_columns(["acc_rate"]))
    refused = at_work("plan")

    assert refused.code == 1
    assert "error[FC205]" in refused.err
    assert "note: it was float64 when it was applied" in refused.err
    at_work("materialize", "--full")
    (told,) = drift(at_work)
    assert "column acc_rate is gone, which was float64 when it was applied" in told["text"]
    at_work("apply", "--yes")
    assert len(drift(at_work)) == 1


def test_columns_that_nothing_reads_are_noted_and_no_breach(at_work: Cli) -> None:
    edit_file(at_work, lambda table: table.append_column("size", pa.nulls(len(table), "int32")))
    (noted,) = notes(at_work)
    assert noted == "source driver_stats_file: columns that nothing reads: size new"
    assert drift(at_work) == []
    at_work.ok("apply", "--yes")

    edit_file(at_work, lambda table: table.drop_columns(["size"]))
    assert notes(at_work) == ["source driver_stats_file: columns that nothing reads: size gone"]


def test_a_source_of_other_files_is_a_change_and_no_drift(at_work: Cli) -> None:
    shutil.copy(at_work.root / FILE, at_work.root / "data/other.parquet")
    edit_file(at_work, cast("trips_today", pa.int32()))
    at_work.ok("apply", "--yes")
    at_work.edit(VIEW, "data/driver_stats.parquet", "data/other.parquet")

    assert notes(at_work) == []
    at_work.ok("apply", "--yes", "--allow", "breaking")
    assert (drift(at_work), notes(at_work)) == ([], [])
    at_work.ok("rollback", "--yes", "--allow", "breaking")
    assert drift(at_work) == []
    at_work.edit(VIEW, "data/other.parquet", "data/driver_stats.parquet")
    assert notes(at_work) == []


def test_a_run_notes_that_a_column_has_another_type(at_work: Cli) -> None:
    edit_file(at_work, cast("trips_today", pa.int32()))

    told = at_work.ok("materialize", "--full").err

    assert "note: source driver_stats_file: column trips_today is int32, and was int64" in told
    at_work.ok("apply", "--yes")
    assert "column trips_today" not in at_work.ok("materialize", "--full").err


def test_a_plan_that_reads_no_source_still_asks_the_store(at_work: Cli) -> None:
    edit_file(at_work, cast("trips_today", pa.int32()))

    assert at_work.ok("plan", "--no-sources", "--format", "json").document["notes"] == []


def test_changes_and_drift_are_told_together(at_work: Cli) -> None:
    edited(at_work, lambda manifest: manifest["views"][0].update(ttl_us=1))
    at_work.edit(VIEW, "ttl: 24h", "ttl: 2d")

    lines = at_work.ok("plan").out.splitlines()

    assert lines[-2].startswith("Plan: 0 to create, 1 to update")
    assert lines[-4].startswith("note: the manifest in the online store is not what was published")


def test_a_store_that_does_not_answer_hides_nothing_of_a_plan(
    fresh: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEATURECTL_ONLINE", "redis://127.0.0.1:1/0")

    document = fresh.ok("plan", "--format", "json").document

    assert document["summary"]["create"] == 4
    (note,) = document["notes"]
    assert note.startswith("what readers of the online store see is not known: ")


def test_a_plan_does_not_create_a_store(fresh: Cli) -> None:
    fresh.ok("plan")

    assert not (fresh.root / ".featurectl").exists()


def test_what_sets_it_right_names_the_environment_that_it_is_about(at_work: Cli) -> None:
    at_work.edit("featurectl.yaml", "project:", "envs: {prod: {}}\nproject:")
    at_work.ok("--env", "prod", "apply", "--yes")
    lose_manifest(at_work, "prod")

    flags = f"--repo {at_work.root} --env prod"
    for command in ("status", "plan", "doctor"):
        told = at_work("--env", "prod", command).out
        assert f"featurectl apply {flags} publishes it" in told, command
        assert f"and featurectl materialize {flags} loads" in told, command
