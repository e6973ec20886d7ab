"""The hook that pre-commit finds in this repository, run as pre-commit runs it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
[HOOK] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))


def run_hook(git_root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The entry and its arguments at the root of git, with what git sets for a hook."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [*shlex.split(HOOK["entry"]), *arguments],
        cwd=git_root,
        env={**os.environ, "PATH": path, "GIT_DIR": ".git", "GIT_INDEX_FILE": ".git/index"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def shop(template: Path, tmp_path: Path) -> Path:
    """A feature repository that is a git repository too."""
    shutil.copytree(template, tmp_path / "mono" / "shop")
    return tmp_path / "mono" / "shop"


def test_the_hook_is_a_python_program_without_file_names() -> None:
    assert (HOOK["id"], HOOK["language"]) == ("featurectl-check", "python")
    assert HOOK["pass_filenames"] is False


@pytest.mark.parametrize(
    ("file", "is_ours"),
    [
        ("featurectl.yaml", True),
        ("stores/shop/features/driver.yml", True),
        ("features/derived.py", True),
        ("README.md", False),
        ("features/notes.yaml.txt", False),
    ],
)
def test_it_runs_when_a_definition_may_have_changed(file: str, *, is_ours: bool) -> None:
    assert bool(re.search(HOOK["files"], file)) is is_ours


def test_it_passes_what_is_right_and_stops_what_is_not(shop: Path) -> None:
    assert run_hook(shop).returncode == 0
    view = shop / "features" / "driver.yaml"
    view.write_text(view.read_text().replace("ttl:", "tll:"))

    done = run_hook(shop)

    assert done.returncode == 1
    assert 'unknown key "tll"' in done.stderr
    assert "features/driver.yaml:15:5" in done.stderr


def test_a_repository_in_a_folder_is_named_by_an_argument(shop: Path) -> None:
    assert run_hook(shop.parent).returncode == 1
    assert run_hook(shop.parent, "--repo", "shop").returncode == 0
