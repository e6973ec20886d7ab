"""The shape of the code: arrows point down, files are small, and a command loads what it needs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "featurectl"
FILES = sorted(PACKAGE.rglob("*.py"))
HEAVY = {"duckdb", "pyarrow", "redis", "sqlglot", "rich", "numpy", "pandas", "polars", "psycopg"}
MAX_LINES = 300
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
LIGHT = """
import sys
from featurectl.__main__ import main
sys.argv = ["featurectl", *{args!r}]
try:
    main()
except SystemExit:
    pass
print("LOADED", *sorted(sys.modules), file=sys.stderr)
"""


def test_arrows_point_down_only() -> None:
    found = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_has_one_subject_and_a_name_that_says_it(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= MAX_LINES
    assert file.stem not in VAGUE


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_protocol_has_six_members_at_most(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ClassDef) and any("Protocol" in ast.dump(b) for b in node.bases):
            members = [n for n in node.body if isinstance(n, ast.FunctionDef | ast.AnnAssign)]
            assert len(members) <= 6, f"{node.name} has {len(members)} members"


def test_nothing_is_swallowed_silently() -> None:
    silent = re.compile(r"except (Exception|BaseException)?[^:\n]*:\s*\n\s*pass\b")
    assert [str(file) for file in FILES if silent.search(file.read_text())] == []


@pytest.mark.parametrize(
    ("args", "unwanted"),
    [
        (["--version"], HEAVY | {"typer", "yaml", "pydantic", "sqlite3"}),
        (["--help"], HEAVY | {"yaml", "pydantic"}),
        (["plan", "--help"], HEAVY | {"yaml", "pydantic"}),
        (["--repo", "REPO", "plan"], HEAVY),
        (["--repo", "REPO", "status"], HEAVY | {"pydantic"}),
        (["--repo", "REPO", "ls"], HEAVY | {"pydantic"}),
        (["--repo", "REPO", "history"], HEAVY | {"pydantic"}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_a_command_loads_only_what_it_needs(
    args: list[str], unwanted: set[str], tmp_path: Path
) -> None:
    (tmp_path / "featurectl.yaml").write_text("project: demo\n")
    (tmp_path / "features").mkdir()
    words = [str(tmp_path) if arg == "REPO" else arg for arg in args]

    found = subprocess.run(
        [sys.executable, "-c", LIGHT.format(args=words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = set(found.stderr.partition("LOADED ")[2].split())
    assert loaded & unwanted == set()
    assert "featurectl" in loaded
