"""A small repository as `init` makes it, before and after its first run; each test has a copy."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from command_line import Cli

from featurectl.cli.run import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new repository, nothing applied."""
    folder = tmp_path_factory.mktemp("template") / "shop"
    assert run(["init", str(folder), "--template", "minimal"]) == 0
    return folder


@pytest.fixture(scope="session")
def loaded(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, applied and materialized."""
    folder = tmp_path_factory.mktemp("loaded") / "shop"
    shutil.copytree(template, folder)
    Cli(folder).ok("apply", "--yes")
    Cli(folder).ok("materialize")
    return folder


@pytest.fixture
def fresh(template: Path, tmp_path: Path) -> Cli:
    """A command line in a copy of the new repository."""
    shutil.copytree(template, tmp_path / "shop")
    return Cli(tmp_path / "shop")


@pytest.fixture
def cli(loaded: Path, tmp_path: Path) -> Cli:
    """A command line in a copy of the loaded one."""
    shutil.copytree(loaded, tmp_path / "shop")
    return Cli(tmp_path / "shop")
