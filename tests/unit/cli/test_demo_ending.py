"""What the demonstration proposes at its end can be typed as it stands."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from featurectl.cli.commands.demo import _ending
from featurectl.cli.paint import strip


def ending(environment: Path, monkeypatch: pytest.MonkeyPatch, path: Path) -> str:
    monkeypatch.setattr(sys, "prefix", str(environment))
    monkeypatch.setenv("PATH", str(path))
    return "\n".join(_ending(Path("flights"), None, 10.2, keep=False))


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A virtual environment, in a folder whose name has a space."""
    folder = tmp_path / "my tools"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/activate").touch()
    (folder / "bin/featurectl").touch(0o755)
    return folder


def test_the_demo_ends_with_what_to_try_next(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = strip(ending(environment, monkeypatch, environment / "bin")).splitlines()

    assert lines[1] == "That was all of it, in 10.2 s. Next:"
    assert lines[2].startswith("  featurectl demo --keep")


def test_what_is_kept_can_be_removed_without_the_password_on_the_screen() -> None:
    url = "redis://:secret@host:6379/9"
    text = "\n".join(_ending(Path("/tmp/x/flights"), url, 10.2, keep=True))  # noqa: S108 - a text

    assert "cd /tmp/x/flights" in text
    assert "--scan --pattern 'flights[:@]*'" in text
    assert "secret" not in text


def test_where_featurectl_is_not_on_the_path_it_says_how_to_get_it_there(
    environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = ending(environment, monkeypatch, tmp_path)
    assert f"\n  . '{environment}/bin/activate'  featurectl on your PATH\n" in text


def test_where_it_is_on_the_path_nothing_is_said_of_that(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "activate" not in ending(environment, monkeypatch, environment / "bin")
