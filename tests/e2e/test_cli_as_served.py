"""A model that was trained on what was true, and served what a weekly load had brought."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from story import Quality, materialize_every, quality, write_project

if TYPE_CHECKING:
    from pathlib import Path

    from command_line import Cli

DIFFER = 640  # payments whose category had changed since the last load
ROWS = ("get-historical", "--features", "category_risk:risk_score", "--entities")


@pytest.fixture(scope="module")
def weekly(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    cli = write_project(tmp_path_factory.mktemp("story") / "weekly")
    materialize_every(cli, 7)
    return cli


def joined(cli: Cli, name: str, *options: str) -> Quality:
    out = cli.root / name
    cli.ok(*ROWS, str(cli.root / "payments.parquet"), *options, "--out", str(out))
    return quality(out)


def test_the_skew_of_a_weekly_load_is_seen_before_the_model_is_deployed(weekly: Cli) -> None:
    true = joined(weekly, "true.parquet")
    served = joined(weekly, "served.parquet", "--as-served")

    assert true == Quality(flagged=700, right=420, missed=490)
    assert served == Quality(flagged=700, right=260, missed=650)
    assert (round(true.precision, 2), round(served.precision, 2)) == (0.60, 0.37)
    assert served.false_alarms / true.false_alarms - 1 == pytest.approx(0.57, abs=0.005)


def test_the_comparison_says_how_often_and_by_how_much(weekly: Cli) -> None:
    payments = str(weekly.root / "payments.parquet")
    answer = weekly.ok(*ROWS, payments, "--compare", "as-served", "--format", "json")

    document = answer.document
    (feature,), (view,) = document["features"], document["views"]
    assert (document["format"], document["rows"]) == ("featurectl.comparison/1", 5_600)
    assert (feature["differ"], feature["only_true"], feature["only_served"]) == (DIFFER, 0, 0)
    assert feature["max_absolute"] == 0.5
    assert view["as_served"]["as_served"]["not_loaded"] == 0
    assert view["point_in_time"]["mean_age_seconds"] == pytest.approx(43_200, abs=1)
    assert view["as_served"]["mean_age_seconds"] == pytest.approx(3.5 * 86_400, abs=1)


def test_a_load_a_day_takes_the_skew_away(tmp_path: Path) -> None:
    cli = write_project(tmp_path / "daily")
    materialize_every(cli, 1)
    payments = str(cli.root / "payments.parquet")
    answer = cli.ok(*ROWS, payments, "--compare", "as-served", "--format", "json")

    assert answer.document["features"][0]["differ"] == 0
    assert joined(cli, "served.parquet", "--as-served") == joined(cli, "true.parquet")


def test_the_screens_say_what_was_served(weekly: Cli) -> None:
    payments = str(weekly.root / "payments.parquet")
    report = str(weekly.root / "comparison.json")
    compared = weekly.ok(*ROWS, payments, "--compare", "as-served", "--report", report)
    shown = weekly.ok(*ROWS, payments, "--as-served", "--report", "-")
    written = json.loads((weekly.root / "comparison.json").read_text("utf-8"))
    assert written["format"] == "featurectl.comparison/1"
    assert "category_risk:risk_score  11.4 %" in compared.out
    assert "100.0 % matched, as served" in shown.err
    assert shown.document["views"][0]["as_served"]["not_loaded"] == 0


def test_what_was_never_loaded_can_not_be_told(tmp_path: Path) -> None:
    cli = write_project(tmp_path / "new")
    cli.ok("apply", "--yes")
    answer = cli(*ROWS, str(cli.root / "payments.parquet"), "--as-served")

    assert answer.code == 1
    assert "FC335" in answer.err


@pytest.mark.parametrize(
    "wrong",
    [
        ("--compare", "as-served", "--out", "x.parquet"),
        ("--compare", "as-served", "--as-served"),
        ("--compare", "as-served", "--format", "csv"),
        ("--format", "json"),
    ],
)
def test_a_comparison_gives_no_rows(weekly: Cli, wrong: tuple[str, ...]) -> None:
    answer = weekly(*ROWS, str(weekly.root / "payments.parquet"), *wrong)

    assert answer.code == 2
