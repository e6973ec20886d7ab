"""A repository that a test writes, and what loading it gives or says."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from featurectl.errors import FeaturectlError, ManyErrors
from featurectl.repo.config import Config, load_config
from featurectl.repo.load import load_repository

if TYPE_CHECKING:
    from pathlib import Path

    from featurectl.definitions.repository import Repository


class Disk:
    """Files in a folder of the test's own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("featurectl.yaml", "project: shop\n")
        (root / "features").mkdir()

    def write(self, file: str, text: str | bytes) -> Path:
        """Write a file; the text's common indentation and first line break are not part of it."""
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        data = text if isinstance(text, bytes) else dedent(text.removeprefix("\n")).encode()
        path.write_bytes(data)
        return path

    def config(self, *, environ: dict[str, str] | None = None, **options: str) -> Config:
        return load_config(self.root, environ=environ or {}, **options)

    def load(self) -> Repository:
        return load_repository(self.config())

    def errors(self) -> list[FeaturectlError]:
        """What loading says is wrong, in order."""
        try:
            self.load()
        except ManyErrors as many:
            return list(many.errors)
        except FeaturectlError as error:
            return [error]
        return []

    def screen(self) -> str:
        """What the user sees when loading fails; empty when it does not."""
        return "\n\n".join(error.render() for error in self.errors())

    def config_screen(self, **options) -> str:
        try:
            self.config(**options)
        except FeaturectlError as error:
            return error.render()
        return ""


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path.resolve())


@pytest.fixture
def shown():
    """What a screen is compared with: the text without its indentation."""
    return lambda text: dedent(text.removeprefix("\n")).rstrip()
