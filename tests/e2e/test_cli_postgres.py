"""A repository whose registry is in PostgreSQL: two checkouts, such as those of two CI runners."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from command_line import Cli

if TYPE_CHECKING:
    from pathlib import Path

    from postgres_server import PostgresServer


@pytest.fixture
def runner(
    template: Path, tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> Cli:
    """A checkout that keeps nothing of its own but the online store."""
    monkeypatch.setenv("TEAM_REGISTRY", postgres_url)
    shutil.copytree(template, tmp_path / "first" / "shop")
    cli = Cli(tmp_path / "first" / "shop")
    cli.edit("featurectl.yaml", "registry: .featurectl/registry.db", "registry: ${TEAM_REGISTRY}")
    return cli


@pytest.fixture
def other(runner: Cli, tmp_path: Path) -> Cli:
    """Another checkout of the same commit."""
    shutil.copytree(runner.root, tmp_path / "second" / "shop")
    return Cli(tmp_path / "second" / "shop")


def made(server: PostgresServer) -> list[tuple[object, ...]]:
    return server.run(
        "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'featurectl%'", url=server.database
    )


def test_a_repository_goes_all_the_way(runner: Cli, postgres_server: PostgresServer) -> None:
    plan = runner.ok("plan")
    assert "(new)" in plan.out
    runner.ok("ls")
    runner.ok("status")
    assert made(postgres_server) == []

    assert "serial 0 -> 1" in runner.ok("apply", "--yes").out
    assert ("featurectl_shop",) in made(postgres_server)
    runner.ok("materialize")
    runner.ok("status", "--exit-code")

    runs = runner.ok("history", "--format", "json").document["runs"]
    assert [(run["kind"], run["status"], run["serial"]) for run in runs] == [
        ("materialize", "ok", 1),
        ("apply", "ok", 1),
    ]
    values = runner.ok("get-online", "--service", "ranking_v1", "driver_id=1001").out
    assert "conv_rate" in values
    runner.edit("features/driver.yaml", "ttl: 24h", "ttl: 2d")
    runner.ok("apply", "--yes")
    assert len(made(postgres_server)) == 3  # the registry, and a copy from before each apply
    assert not list(runner.root.rglob("registry.db"))


def test_another_checkout_sees_what_was_applied(runner: Cli, other: Cli) -> None:
    runner.ok("apply", "--yes")

    assert other("plan", "--exit-code").code == 0
    assert [run["kind"] for run in other.ok("history", "--format", "json").document["runs"]] == [
        "apply"
    ]


def test_a_plan_is_stale_when_the_other_checkout_was_faster(runner: Cli, other: Cli) -> None:
    runner.ok("apply", "--yes")
    other.edit("features/driver.yaml", "ttl: 24h", "ttl: 3d")
    other.ok("plan", "--out", str(other.root / "plan.json"))
    runner.edit("features/driver.yaml", "ttl: 24h", "ttl: 2d")
    runner.ok("apply", "--yes")

    refused = other("apply", str(other.root / "plan.json"))

    assert refused.code == 5
    assert "FC501" in refused.err


def test_doctor_tells_about_the_server(runner: Cli) -> None:
    runner.ok("apply", "--yes")

    told = runner.ok("doctor").out

    (line,) = (line for line in told.splitlines() if line.lstrip("ok ").startswith("registry"))
    assert ", featurectl_shop  dev at serial 1, schema 2, PostgreSQL " in line


def test_a_server_that_is_away_is_one_error(runner: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM_REGISTRY", "postgresql://ana:s3cret@127.0.0.1:1/flights")

    for command in (["plan"], ["apply", "--yes"], ["status"], ["ls"], ["history"], ["materialize"]):
        answer = runner(*command)
        assert answer.code == 1
        assert answer.err.count("FC611") == 1
        assert "s3cret" not in answer.out + answer.err


def test_a_registry_in_a_file_loads_nothing_of_postgres(fresh: Cli) -> None:
    code = (
        "import sys; from featurectl.cli.run import run;"
        f" run(['--repo', {str(fresh.root)!r}, 'ls']);"
        " print(*(name for name in sys.modules if 'psycopg' in name or 'postgres' in name))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )

    assert loaded.stdout.splitlines()[-1] == ""
