"""What `plan` says that a change costs, and what the run that follows says that it did."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest
    from command_line import Cli

VIEW = "features/driver.yaml"


def cost(cli: Cli, *options: str) -> dict[str, Any]:
    """The impact of the change of the one view, as a machine reads it."""
    changes = cli.ok("plan", "--format", "json", *options).document["changes"]
    (found,) = (change["impact"] for change in changes if change["kind"] == "view")
    return dict(found)


def did(cli: Cli) -> tuple[int, int]:
    """The rows and keys of a run of everything."""
    (part,) = cli.ok("materialize", "--format", "json").document["views"]
    return part["rows"], part["keys"]


def backfill(cli: Cli, *options: str) -> list[str]:
    """The lines of the block, without those around it."""
    lines = cli.ok("plan", *options).out.splitlines()
    start = lines.index("Backfill") + 1
    return lines[start : lines.index("", start)]


def test_the_first_plan_says_what_the_first_run_does(fresh: Cli) -> None:
    said = cost(fresh)
    (line,) = backfill(fresh)
    fresh.ok("apply", "--yes")

    assert (said["rows"], said["keys"]) == did(fresh)
    assert f"{said['rows']:,} rows ->" in line
    assert re.search(r"~[\d.]+ k?B  \? s$", line)
    assert (said["seconds"], said["extra_bytes"]) == (None, 0)


def test_a_longer_ttl_costs_a_longer_window(cli: Cli) -> None:
    cli.edit(VIEW, "ttl: 24h", "ttl: 48h")
    said = cost(cli)
    (line,) = backfill(cli)
    cli.ok("apply", "--yes")

    assert (said["rows"], said["keys"]) == did(cli)
    assert line.endswith("(1 d more)")
    assert said["seconds"] is not None
    assert "seconds" in said["estimated"]


def test_apply_shows_what_it_will_cost(cli: Cli) -> None:
    cli.edit(VIEW, "ttl: 24h", "ttl: 48h")

    assert "\nBackfill\n" in cli.ok("apply", "--yes").out


def test_without_sources_the_figures_are_open(cli: Cli) -> None:
    cli.edit(VIEW, "ttl: 24h", "ttl: 48h")

    (line,) = backfill(cli, "--no-sources")

    assert re.search(r"\? rows -> +\? keys +\? B +\? s", line)


def test_a_plan_without_changes_says_nothing_of_costs(cli: Cli) -> None:
    assert len(cli.ok("plan").out.splitlines()) == 1


def test_a_plan_without_changes_does_not_even_load_what_weighs(cli: Cli) -> None:
    words = ["featurectl", "--repo", str(cli.root), "plan", "--no-sources"]
    code = f"import sys; sys.argv = {words!r}\nfrom featurectl.__main__ import main; main()\n"
    code += "print(*sys.modules, file=sys.stderr)"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.startswith("No changes.")
    loaded = set(found.stderr.split())
    assert loaded & {"featurectl.flows.impact", "pyarrow", "duckdb", "sqlglot", "numpy"} == set()
    assert "featurectl.plan.diff" in loaded


def test_a_store_that_is_away_is_a_note(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.edit(VIEW, "ttl: 24h", "ttl: 48h")
    monkeypatch.setenv("FEATURECTL_ONLINE", "redis://localhost:1/0")

    answer = cli.ok("plan")

    notes = [line for line in answer.out.splitlines() if line.startswith("note: ")]
    assert len(notes) == 1
    assert "can't reach the online store redis://localhost:1/0" in notes[0]
    assert "rows ->" in answer.out
