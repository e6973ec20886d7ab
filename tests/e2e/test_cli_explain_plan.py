"""``get-historical --explain-plan`` shows how, and joins nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

if TYPE_CHECKING:
    from command_line import Cli

GET = ("get-historical", "--features", "driver_stats:conv_rate")
LABELS = "driver_id,event_timestamp\n1001,2024-05-01T12:00:00Z\n"


@pytest.fixture
def get(cli: Cli) -> tuple[str, ...]:
    """The command up to its options, with a frame of entity rows."""
    (cli.root / "labels.csv").write_text(LABELS)
    return (*GET, "--entities", str(cli.root / "labels.csv"), "--explain-plan")


def test_a_plan_is_sql_on_stdout(cli: Cli, get: tuple[str, ...]) -> None:
    answer = cli.ok(*get)
    assert "-- driver_stats" in answer.out
    assert "hash: no entity has more than 1 label\n" in answer.out
    assert len(duckdb.extract_statements(answer.out)) >= 3
    assert answer.err == ""


def test_a_plan_reads_no_feature_and_writes_nothing(cli: Cli, get: tuple[str, ...]) -> None:
    before = {path for path in cli.root.rglob("*") if ".featurectl" not in path.parts}
    cli.ok(*get)
    assert {path for path in cli.root.rglob("*") if ".featurectl" not in path.parts} == before


@pytest.mark.parametrize("option", ["--out", "--report"])
def test_a_plan_has_no_rows_to_write(cli: Cli, get: tuple[str, ...], option: str) -> None:
    answer = cli(*get, option, str(cli.root / "train.csv"))
    assert answer.code == 2
    assert f"leave out {option}" in answer.err
