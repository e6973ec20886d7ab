"""Who is at work, as runs and leases record it."""

from __future__ import annotations

import getpass
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from featurectl.registry.actor import current_actor
from featurectl.registry.process import this_host

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_git_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever repository or settings the tests run in, git finds only what they make."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with one commit."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "features.yaml").write_text("a")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def git(folder: Path, *args: str) -> str:
    identity = ("-c", "user.name=ana", "-c", "user.email=ana@example.com")
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *args], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_user_host_and_process_are_those_of_this_one(tmp_path: Path) -> None:
    actor = current_actor(tmp_path)

    assert (actor.by, actor.host, actor.pid) == (getpass.getuser(), this_host(), os.getpid())
    assert actor.git == ""


def test_git_is_the_commit_of_the_folder(checkout: Path) -> None:
    (checkout / "deep").mkdir()
    sha = git(checkout, "rev-parse", "--short=7", "HEAD")

    assert current_actor(checkout).git == current_actor(checkout / "deep").git == sha


def test_a_tag_does_not_hide_the_commit(checkout: Path) -> None:
    git(checkout, "tag", "v1")
    git(checkout, "tag", "-a", "v2", "-m", "second")

    assert current_actor(checkout).git == git(checkout, "rev-parse", "--short=7", "HEAD")


def test_changed_files_are_told(checkout: Path) -> None:
    sha = git(checkout, "rev-parse", "--short=7", "HEAD")
    (checkout / "features.yaml").write_text("b")

    assert current_actor(checkout).git == f"{sha}+dirty"


def test_a_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")

    assert current_actor(tmp_path).git == ""


def test_where_there_is_no_git_there_is_no_commit(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(checkout))

    assert current_actor(checkout).git == ""


def test_a_git_that_hangs_is_left_behind(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\nexec sleep 30\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    monkeypatch.setattr("featurectl.registry.actor._GIT_SECONDS", 0.1)

    assert current_actor(checkout).git == ""


def test_git_is_asked_to_write_nothing(checkout: Path) -> None:
    os.utime(checkout / "features.yaml", (1, 1))
    before = (checkout / ".git" / "index").read_bytes()

    current_actor(checkout)

    assert (checkout / ".git" / "index").read_bytes() == before


def test_a_user_id_without_a_name_is_a_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(getpass, "getuser", nobody)

    assert current_actor(tmp_path).by == f"uid{os.getuid()}"
