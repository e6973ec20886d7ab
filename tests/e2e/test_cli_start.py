"""How quickly the program starts, and what it does not import on the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Cli

import featurectl
from featurectl.cli.run import run
from featurectl.cli.tree import COMMANDS

ROOT = Path(featurectl.__file__).parents[1]
HEAVY = ("duckdb", "pyarrow", "redis", "rich", "sqlglot", "numpy", "pydantic", "yaml", "pandas")
RECORD = """
import json, sys
from featurectl.__main__ import main
sys.argv = ["featurectl", *sys.argv[1:]]
code = main()
names = {name.partition(".")[0] for name in sys.modules}
sys.stderr.write("\\n" + json.dumps([code, sorted(names)]))
"""


def imported(*arguments: str, folder: Path = ROOT) -> set[str]:
    """The packages that are loaded when the command has been run."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", RECORD, *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    code, names = json.loads(done.stderr.splitlines()[-1])
    assert code == 0, done.stderr
    return set(names)


def test_the_version_is_told_before_typer_is_imported() -> None:
    loaded = imported("--version")

    assert not loaded & {"typer", "typing", *HEAVY}


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_help_imports_nothing_heavy(command: str | None) -> None:
    loaded = imported(*([command] if command else []), "--help")

    assert sorted(loaded & set(HEAVY)) == []


LOOKS = ("status", "ls", "history", "show driver_stats")


@pytest.mark.parametrize("command", [look for look in LOOKS if not look.startswith("show")])
def test_looking_at_a_new_repository_imports_nothing_heavy_and_writes_nothing(
    command: str, tmp_path: Path
) -> None:
    (tmp_path / "featurectl.yaml").write_text("project: demo\n")

    loaded = imported(command, folder=tmp_path)

    assert sorted(loaded & set(HEAVY) - {"yaml"}) == []
    assert not (tmp_path / ".featurectl").exists()


@pytest.fixture(scope="module")
def loaded_repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the embedded stores, applied and materialized."""
    folder = tmp_path_factory.mktemp("loaded") / "shop"
    assert run(["init", str(folder), "--template", "minimal"]) == 0
    Cli(folder).ok("apply", "--yes")
    Cli(folder).ok("materialize")
    return folder


@pytest.mark.parametrize("command", LOOKS)
def test_looking_at_what_is_applied_and_loaded_imports_nothing_heavy(
    command: str, loaded_repo: Path
) -> None:
    loaded = imported(*command.split(), folder=loaded_repo)

    assert sorted(loaded & set(HEAVY) - {"yaml"}) == []


def test_reading_the_embedded_store_needs_no_engine_and_no_redis(loaded_repo: Path) -> None:
    read = ("get-online", "--service", "ranking_v1", "driver_id=1001")

    loaded = imported(*read, folder=loaded_repo)

    assert not loaded & {"duckdb", "pyarrow", "redis", "rich", "sqlglot", "numpy"}
