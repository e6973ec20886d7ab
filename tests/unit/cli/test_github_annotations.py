from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from featurectl.cli.screens.github import (
    Annotation,
    error_annotations,
    git_path,
    plan_annotations,
    workflow_commands,
)
from featurectl.errors import DefinitionError, Location
from featurectl.plan.impact import Impact
from featurectl.plan.plan import Change, FieldChange, Plan

ERROR = DefinitionError(
    "FC103",
    "100% wrong: x",
    location=Location("features/a,b.yaml", 12, 3),
    caret='did you mean "y"?',
    help=["write y"],
)
FARE = FieldChange(
    "features.fare.type", "float64", "int64", "breaking", file="features/trips.yaml", line=14
)
TTL = FieldChange("ttl", "2d", "1d", "narrowing", file="features/trips.yaml", line=9)
TRIPS = Change("view", "trips", "rebuild", "breaking", (TTL, FARE), ("eta_v1",), line=5, file="f")
GONE = Change("view", "old", "destroy", "destroy", reason="no longer in the files")
NEW = Change("view", "new", "create", "additive", file="features/new.yaml", line=2)


def plan(*changes: Change, **fields: object) -> Plan:
    return Plan("p", "prod", "l", 41, "d", changes, **fields)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A feature repository two folders below the root of a git repository."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "stores" / "shop").mkdir(parents=True)
    return tmp_path / "stores" / "shop"


def commands(*changes: Change, root: Path | None = None) -> list[str]:
    return workflow_commands(plan_annotations(plan(*changes), root or Path.cwd()))


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of git and of GitHub."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)


def test_an_annotation_names_the_file_from_the_root_of_git(root: Path) -> None:
    [line] = workflow_commands(error_annotations([ERROR], root))

    assert line == (
        "::error title=FC103,file=stores/shop/features/a%2Cb.yaml,line=12,col=3"
        '::100%25 wrong: x%0Adid you mean "y"?%0Awrite y'
    )


def test_a_repository_at_the_root_of_git_has_paths_as_they_are(root: Path) -> None:
    assert git_path(root.parents[1]) == ""


def test_a_worktree_is_a_root_too(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: elsewhere")
    assert git_path(tmp_path / "shop") == "shop/"


def test_outside_of_git_the_workspace_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", "/work-nowhere")
    assert git_path(Path("/work-nowhere/repo")) == "repo/"


def test_an_error_without_a_place_is_an_annotation_too() -> None:
    found = error_annotations([DefinitionError("FC110", "no repo")], Path())
    assert workflow_commands(found) == ["::error title=FC110::no repo"]


def test_what_merging_refuses_is_an_error_at_its_severest_field(root: Path) -> None:
    [error, _] = commands(TRIPS, root=root)

    assert error.startswith(
        "::error title=breaking%3A view trips,file=stores/shop/features/trips.yaml,line=14::"
    )
    assert "used by eta_v1" in error
    assert "{view: trips, change: breaking, reason: …}" in error


def test_what_is_acknowledged_is_a_warning_with_its_reason() -> None:
    found = commands(replace(GONE, acknowledged="replaced by scores_v2"))

    assert found[0] == (
        "::warning title=destroy%3A view old::"
        "no longer in the files%0Aacknowledged: replaced by scores_v2"
    )


def test_what_is_protected_is_an_error_although_it_is_acknowledged() -> None:
    [error, _] = commands(replace(GONE, acknowledged="yes", is_protected=True))
    assert error.startswith("::error title=destroy%3A view old::")


def test_all_else_is_a_notice_after_the_summary() -> None:
    assert commands(NEW) == [
        "::notice title=featurectl plan%2C env prod::1 additive",
        "::notice title=additive%3A view new,file=features/new.yaml,line=2::new view",
    ]


def test_the_summary_counts_classes_and_what_is_not_acknowledged() -> None:
    summary = commands(NEW, TRIPS, GONE)[-2]

    assert summary == (
        "::notice title=featurectl plan%2C env prod::1 destroy, 1 breaking, 1 additive"
        "%0ANot yet acknowledged, and so refused on merge: 2"
    )


def test_what_it_costs_is_told() -> None:
    load = Impact(rows=1_000, keys=10, seconds=6, loads=True, estimated=("seconds",))
    data = Impact(keys=20, bytes=1_000, estimated=("bytes",), serving="old.a1")

    found = commands(replace(NEW, impact=load), replace(GONE, impact=data))

    assert "%0Aonline data: 20 keys, ~1.0 kB%0A" in found[0]
    assert "%0ATo load: 1,000 rows, ~6 s%0A" in found[1]
    assert found[2].endswith("::new view%0Ato load: 1,000 rows, ~6 s")


def test_a_selection_says_that_it_is_one() -> None:
    only = replace(plan(), only=("driver_stats",))
    [line] = workflow_commands(plan_annotations(only, Path.cwd()))
    assert line.endswith("::No changes. (only driver_stats)")


def test_no_change_is_one_notice() -> None:
    assert commands() == ["::notice title=featurectl plan%2C env prod::No changes."]


def test_notes_of_a_plan_are_told() -> None:
    found = workflow_commands(plan_annotations(plan(notes=("the store drifted",)), Path.cwd()))
    assert found[0].endswith("No changes.%0Athe store drifted")


def test_of_more_than_ten_the_tenth_counts_the_rest_which_are_lines_of_the_log() -> None:
    found = [Annotation("error", f"t{n}", "a\n::error::b", "f.yaml", n, 1) for n in range(1, 14)]

    lines = workflow_commands(found)

    shown = [line for line in lines if line.startswith("::")]
    assert len(shown) == 10
    assert shown[-1] == "::error title=featurectl::and 4 errors more: see the log of this step"
    assert lines[10] == "error: f.yaml:10: t10: a; ::error::b"


def test_ten_are_all_shown() -> None:
    lines = workflow_commands([Annotation("warning", "t", str(n)) for n in range(10)])
    assert [line.rpartition("::")[2] for line in lines] == list("0123456789")


def test_errors_come_first_whatever_the_order() -> None:
    lines = workflow_commands([Annotation("notice", "t", "n"), Annotation("error", "t", "e")])
    assert [line[2:5] for line in lines] == ["err", "not"]


def test_text_of_definitions_never_becomes_a_command_of_its_own() -> None:
    odd = "x::y\r\n::add-mask::z%0A\x1b[31m"
    change = Change("view", "v", "update", "metadata", (FieldChange("owner", "", odd),), line=1)

    lines = commands(replace(change, file="a\n::error::b,c.yaml"))

    assert all(re.fullmatch(r"::(notice) [^\r\n]*", line) for line in lines)
    assert len(lines) == 2


def test_text_that_a_reader_would_not_see_as_it_is_is_escaped() -> None:
    (command,) = workflow_commands([Annotation("warning", "a\u202e", "acknowledged: \u202ex\ny")])

    assert command == "::warning title=a\\u202e::acknowledged: \\u202ex%0Ay"
