"""A git repository in a scratch folder, whatever the user's own configuration is."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SETTINGS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    **{
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", "Ada"), ("EMAIL", "ada@example.com"))
    },
}


@dataclass(frozen=True)
class GitRepository:
    """Its working folder, and what is done in it."""

    root: Path

    @classmethod
    def create(cls, root: Path) -> GitRepository:
        """A new one with the branch main and no commit."""
        root.mkdir(parents=True, exist_ok=True)
        found = cls(root)
        found.git("init", "-q", "-b", "main")
        return found

    def git(self, *arguments: str) -> str:
        """What a command of git prints."""
        return subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env={**os.environ, **_SETTINGS},
            capture_output=True,
            check=True,
            text=True,
        ).stdout

    def write(self, file: str, text: str) -> None:
        """Write a file, as it is."""
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a text that stands once in a file."""
        text = (self.root / file).read_text("utf-8")
        assert text.count(old) == 1, text
        self.write(file, text.replace(old, new))

    def commit(self, message: str) -> str:
        """Commit everything; the commit."""
        self.git("add", "--all")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD").strip()
