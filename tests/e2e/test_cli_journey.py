"""The main job from the terminal: each command, what it prints and how it ends."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from command_line import Cli

from featurectl.client.feature_store import FeatureStore

if TYPE_CHECKING:
    from pathlib import Path

VIEW = "features/driver.yaml"


def test_check_counts_what_there_is(fresh: Cli) -> None:
    answer = fresh.ok("check", "--sources")

    assert answer.out.startswith(
        "ok: 1 entity, 1 source, 1 view, 1 service in 1 file, and they fit their sources ("
    )
    assert not (fresh.root / ".featurectl").exists()


def test_check_for_machines(fresh: Cli) -> None:
    assert fresh.ok("check", "--format", "json").document["objects"]["view"] == 1
    assert fresh.ok("check", "--format", "github").out == ""
    fresh.edit(VIEW, "ttl: 24h", "tll: 24h")

    answer = fresh("check", "--format", "json")
    codes = [error["code"] for error in answer.document["errors"]]
    assert (answer.code, answer.document["ok"]) == (1, False)
    assert "FC103" in codes
    answer = fresh("check", "--format", "github")
    assert answer.code == 1
    assert "::error title=FC103,file=" in answer.out


def test_the_schema_is_json(fresh: Cli) -> None:
    assert "feature_views" in json.dumps(fresh.ok("check", "--schema").document)


def test_the_first_plan_shows_everything_and_writes_nothing(fresh: Cli) -> None:
    answer = fresh.ok("plan")

    lines = answer.out.splitlines()
    assert lines[0].startswith("env dev · registry .featurectl/registry.db (new) · online ")
    assert "  + view     driver_stats       3 features · ttl 1d · online" in lines
    assert lines[-2] == "Plan: 4 to create, 0 to update, 0 to rebuild, 0 to destroy."
    assert lines[-1].startswith("Apply with: featurectl apply")
    assert not (fresh.root / ".featurectl").exists()


def test_changes_are_no_error_unless_asked(fresh: Cli) -> None:
    assert fresh("plan").code == 0
    assert fresh("plan", "--exit-code").code == 3
    fresh.ok("apply", "--yes")
    assert fresh("plan", "--exit-code").code == 0


def test_plan_for_machines(fresh: Cli) -> None:
    document = fresh.ok("plan", "--format", "json").document

    assert document["format"] == "featurectl.plan/1"
    assert document["summary"]["create"] == 4
    assert fresh.ok("plan", "--format", "markdown").out.startswith("<!-- featurectl:plan:dev -->")


def test_apply_without_a_terminal_is_refused_until_it_is_told(fresh: Cli) -> None:
    answer = fresh("apply")

    assert answer.code == 4
    assert "error[FC401] apply needs approval" in answer.err
    assert "no terminal to ask" in answer.err
    assert not (fresh.root / ".featurectl/registry.db").exists()


def test_apply_says_what_it_did_and_the_second_time_that_there_is_nothing(fresh: Cli) -> None:
    first = fresh.ok("apply", "--yes")
    second = fresh.ok("apply", "--yes")

    assert "serial 0 -> 1. 4 created, 0 updated, 0 rebuilt, 0 destroyed." in first.out
    assert "Load the online store with: featurectl materialize" in first.out
    assert second.out.startswith("No changes. env dev matches the repo (serial 1, 1 view")


def test_a_saved_plan_is_applied_without_a_question(fresh: Cli) -> None:
    file = str(fresh.root / "plan.json")
    saved = fresh.ok("plan", "--out", file)
    answer = fresh.ok("apply", file)

    assert f"Saved to {file} (serial 0). Apply exactly this with: " in saved.out
    assert "serial 0 -> 1." in answer.out


def test_a_stale_plan_is_a_conflict(fresh: Cli) -> None:
    file = str(fresh.root / "plan.json")
    fresh.ok("plan", "--out", file)
    fresh.ok("apply", "--yes")

    answer = fresh("apply", file)

    assert answer.code == 5
    assert "error[FC501]" in answer.err


def test_a_stale_plan_without_changes_does_not_say_that_there_are_none(cli: Cli) -> None:
    plan = str(cli.root / "plan.json")
    cli.ok("plan", "--out", plan)
    assert cli.ok("apply", plan).out.startswith("No changes.")
    cli.edit(VIEW, "ttl: 24h", "ttl: 2d")

    answer = cli("apply", plan)

    assert (answer.code, answer.out) == (5, "")


def test_who_is_locked_out_is_told_by_whom(cli: Cli) -> None:
    cli.edit(VIEW, "ttl: 24h", "ttl: 2d")
    with FeatureStore(cli.root) as store:
        registry, actor = store.environment.registry, store.environment.actor
        lease = registry.acquire("apply:dev", 1, actor)

        answer = cli("apply", "--yes")

        registry.release(lease)
    assert answer.code == 5
    assert "error[FC502]" in answer.err
    assert f"{actor.by}@{actor.host} pid {actor.pid}" in answer.err
    assert "--lock-timeout" in answer.err
    assert cli("apply", "--yes", "--lock-timeout", "1s").code == 0


def test_of_two_runs_one_leaves_with_a_conflict(cli: Cli) -> None:
    with FeatureStore(cli.root) as store:
        registry, actor = store.environment.registry, store.environment.actor
        lease = registry.acquire("materialize:dev:driver_stats", 1, actor)

        answer = cli("materialize", "--full")

        registry.release(lease)
    assert answer.code == 5
    assert "FC502" in answer.err
    assert " failed=1 " in answer.out


@pytest.mark.parametrize("text", [None, "", "{}", "[1]", '{"format": "featurectl.plan/9"}'])
def test_what_is_no_saved_plan_is_refused(text: str | None, fresh: Cli) -> None:
    file = fresh.root / "plan.json"
    if text is not None:
        file.write_text(text)

    answer = fresh("apply", str(file))

    assert answer.code == 1
    assert "error[FC319]" in answer.err


def test_an_update_shows_old_and_new(cli: Cli) -> None:
    cli.edit(VIEW, "ttl: 24h", "ttl: 2d")
    out = cli.ok("plan").out

    assert "Legend: ~ update" in out
    assert "~ ttl            1d -> 2d" in out
    assert "# 3 unchanged features hidden (--full)" in out
    assert "# conv_rate" in cli.ok("plan", "--full").out


def test_what_takes_away_needs_its_class(cli: Cli) -> None:
    cli.edit(VIEW, "ttl: 24h", "ttl: 1h")

    refused = cli("apply", "--yes")
    allowed = cli("apply", "--yes", "--allow", "narrowing,breaking")

    assert (refused.code, allowed.code) == (4, 0), allowed.err
    assert "--yes --allow narrowing --env dev" in refused.err


def test_apply_for_machines_prints_one_document(cli: Cli) -> None:
    cli.edit(VIEW, "ttl: 24h", "ttl: 2d")

    answer = cli.ok("apply", "--yes", "--format", "json")

    assert answer.document["serial"] == 2
    assert "~ ttl" in answer.err


def test_a_training_set_has_every_row_and_says_why_values_are_null(cli: Cli) -> None:
    out = cli.root / "train.parquet"
    answer = cli.ok(
        "get-historical", "--service", "ranking_v1",
        "--entities", str(cli.root / "entities.csv"), "--out", str(out),
    )  # fmt: skip

    table = pq.read_table(out)
    assert table.num_rows == 5
    assert table.column_names[-2:] == ["conv_rate", "trips_today"]
    words = [line.split()[0] for line in answer.err.splitlines()]
    assert words == ["read", "join", "wrote", "pinned"]
    assert "100.0 % matched" in answer.err
    assert answer.out == ""


def test_a_training_set_to_stdout_is_csv_alone(cli: Cli) -> None:
    entities = str(cli.root / "entities.csv")
    answer = cli.ok(
        "get-historical", "--features", "driver_stats:conv_*", "--entities", entities, "--out", "-"
    )

    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert len(rows) == 5
    assert "conv_rate" in rows[0]
    assert answer.err.startswith("read ")


def test_without_out_the_first_rows_are_shown_and_the_report_can_be_had(cli: Cli) -> None:
    report = cli.root / "report.json"
    answer = cli.ok(
        "get-historical", "--features", "driver_stats", "--at", "now", "--report", str(report)
    )

    assert answer.out.splitlines()[0].split()[0] == "driver_id"
    assert json.loads(report.read_text())["format"] == "featurectl.report/1"


def test_definitions_of_the_files_can_be_tried_before_they_are_applied(fresh: Cli) -> None:
    entities = str(fresh.root / "entities.csv")
    request = ("get-historical", "--features", "driver_*:*rate", "--entities", entities)

    refused = fresh(*request)
    answer = fresh.ok(*request, "--from-files")

    assert (refused.code, "FC313" in refused.err or "FC320" in refused.err) == (1, True)
    assert "acc_rate" in answer.out
    assert not (fresh.root / ".featurectl/registry.db").exists()


def test_materialize_tells_each_view_and_ends_with_a_line_for_grep(cli: Cli) -> None:
    again = cli.ok("materialize", "--full")

    header, view = again.err.splitlines()[:2]
    assert header.split() == ["VIEW", "WINDOW", "ROWS", "KEYS", "LATE", "NULL", "TIME"]
    assert view.split()[0] == "driver_stats"
    words = dict(word.split("=") for word in again.out.split()[1:])
    assert again.out.startswith("Done run=3 ok=1 empty=0 failed=0 rows=")
    assert list(words) == ["run", "ok", "empty", "failed", "rows", "keys", "seconds"]


def test_materialize_for_machines_and_in_silence(cli: Cli) -> None:
    document = cli.ok("materialize", "--full", "--format", "json").document
    quiet = cli.ok("-q", "materialize", "--full")

    assert document["format"] == "featurectl.run/1"
    assert document["views"][0]["status"] == "ok"
    assert quiet.err == ""
    assert quiet.out.startswith("Done run=")


def test_a_failing_view_is_told_and_the_exit_code_says_so(cli: Cli) -> None:
    (cli.root / "data/driver_stats.parquet").unlink()

    answer = cli("-q", "materialize", "--full")

    assert answer.code == 1
    assert "driver_stats  failed: " in answer.err
    assert "FC201" in answer.err
    assert " failed=1 " in answer.out


@pytest.mark.parametrize("alias", ["materialize-incremental"])
def test_feasts_names_work_and_tell_the_new_one_once(alias: str, cli: Cli) -> None:
    answer = cli.ok(alias)

    assert answer.err.count("here it is: featurectl materialize\n") == 1


def test_online_values_are_shown_with_their_status(cli: Cli) -> None:
    request = ("get-online", "--service", "ranking_v1", "driver_id=1001", "driver_id=9999")
    lines = cli.ok(*request, "--meta").out.splitlines()

    assert lines[0].split() == ["driver_id", "conv_rate", "trips_today", "status", "age"]
    assert lines[1].split()[0] == "1001"
    assert "PRESENT" in lines[1]
    assert lines[2].split() == ["9999", "-", "-", "NOT_FOUND", "-"]


def test_online_values_for_machines(cli: Cli) -> None:
    keys = cli.root / "keys.jsonl"
    keys.write_text('{"driver_id": 1001}\n{"driver_id": "1002"}\n')
    document = cli.ok(
        "get-online", "--features", "driver_stats:conv_rate", "--keys", str(keys),
        "--format", "json", "--full-names",
    ).document  # fmt: skip

    assert document["format"] == "featurectl.online/1"
    assert document["rows"][1]["keys"] == {"driver_id": 1002}
    assert document["rows"][0]["status"] == {"driver_stats__conv_rate": "PRESENT"}


def test_what_is_applied_is_listed_and_shown(cli: Cli) -> None:
    listed = cli.ok("ls").out.splitlines()
    views = cli.ok("ls", "views", "--search", "DRIVER").out.splitlines()
    document = cli.ok("ls", "--format", "json").document
    shown = cli.ok("show", "driver_stats").out

    assert [line.split()[:2] for line in listed[1:]] == [
        ["entity", "driver"],
        ["source", "driver_stats_file"],
        ["view", "driver_stats"],
        ["service", "ranking_v1"],
    ]
    assert len(views) == 2
    assert document["objects"][2]["definition"]["ttl"] == "1d"
    assert "used by" in shown
    assert "service ranking_v1" in shown
    assert cli.ok("show", "ranking_v1", "--format", "json").document["objects"][0]["kind"] == (
        "service"
    )


def test_a_list_without_a_match_says_so(cli: Cli) -> None:
    assert cli.ok("ls", "--tag", "no=such").err == "Nothing matches.\n"


def test_before_the_first_apply_there_is_nothing_and_it_says_so(fresh: Cli) -> None:
    assert fresh.ok("ls").err.startswith("Nothing is applied in env dev.")
    assert fresh.ok("history").out == "No runs in env dev.\n"
    assert fresh.ok("status").out.startswith("No view of env dev")
    assert fresh("materialize").code == 1
    assert fresh("show", "x").code == 1


def test_status_is_green_after_a_run_and_breached_when_the_store_is_lost(cli: Cli) -> None:
    green = cli.ok("status", "--exit-code")
    (cli.root / ".featurectl/online.db").unlink()
    lost = cli("status", "--exit-code")

    assert green.out.endswith("\n1 ok.\n")
    assert lost.code == 3
    assert "EMPTY" in lost.out
    assert cli.ok("status", "--format", "json").document["views"][0]["state"] == "empty"


def test_history_lists_the_runs(cli: Cli) -> None:
    document = cli.ok("history", "--format", "json").document
    lines = cli.ok("history", "--limit", "1").out.splitlines()

    assert [run["kind"] for run in document["runs"]] == ["materialize", "apply"]
    assert lines[1].split()[:3] == ["#2", "materialize", "ok"]
    assert len(lines) == 2


@pytest.mark.parametrize("command", ["materialize", "status"])
def test_a_selector_that_matches_nothing_is_an_error(command: str, cli: Cli) -> None:
    answer = cli(command, "driver_stat")

    assert answer.code == 1
    assert 'did you mean "driver_stats"?' in answer.err


def test_the_environment_must_be_configured(cli: Cli) -> None:
    answer = cli("--env", "prdo", "status")

    assert answer.code == 1
    assert "error[FC120]" in answer.err


def test_doctor_finds_all_well_and_then_what_is_not(cli: Cli) -> None:
    well = cli.ok("doctor")
    (cli.root / "data/driver_stats.parquet").write_bytes(b"PAR1 broken")
    (cli.root / ".featurectl/online.db").write_bytes(b"no database" * 100)
    ill = cli("doctor")

    assert "registry    .featurectl/registry.db  (featurectl.yaml:2)" in well.out
    assert "integrity ok" in well.out
    assert "published, serial 1" in well.out
    assert ill.code == 1
    assert "0 of 1 readable" in ill.out
    assert "failed" in ill.out.splitlines()[-1]
    assert "ok    registry" in ill.out


def test_doctor_without_a_repository_still_looks_at_the_rest(tmp_path: Path) -> None:
    answer = Cli(tmp_path)("doctor")

    assert answer.code == 1
    assert "[FC110]" in answer.out
    assert "bytecode" in answer.out
