"""The git program: how it is called, and what is asked of it in more than one place."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_OF_ANOTHER_FOLDER: Final = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"),
    *("GIT_PREFIX", "GIT_COMMON_DIR"),
)
_USUAL: Final = ("main", "master")
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*")


def git(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """What a command of git says in the folder ``root``; a failure is a return code.

    Raises:
        OSError: git is not installed.
    """
    return subprocess.run(  # noqa: S603 - a fixed command; what varies are names
        git_command(root, *arguments),
        capture_output=True,
        check=False,
        env=git_environment(),
        stdin=subprocess.DEVNULL,
    )


def git_command(root: Path, *arguments: str) -> list[str]:
    """The words of a command that takes no lock, so that nobody else's fails because of it."""
    return ["git", "--no-optional-locks", "-C", str(root), *arguments]


def git_environment() -> dict[str, str]:
    """Ours without what a hook of git sets: those paths begin at another folder."""
    kept = {name: text for name, text in os.environ.items() if name not in _OF_ANOTHER_FOLDER}
    return {**kept, "LC_ALL": "C"}


def git_root(folder: Path) -> Path | None:
    """The git repository that the folder is in, or would be: found without running git."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)


def default_branch(root: Path) -> str:
    """The branch that others are merged into, as far as this clone knows; ``main`` if it doesn't.

    Never a name that a shell or a pattern would read as something else.
    """
    try:
        remote = _text(git(root, "symbolic-ref", "--short", "refs/remotes/origin/HEAD"))
        listing = _text(git(root, "branch", "--list", "--format=%(refname:short)"))
        current = _text(git(root, "symbolic-ref", "--short", "HEAD"))
    except OSError:
        return _USUAL[0]
    known = listing.split()
    likely = [remote.removeprefix("origin/"), *(name for name in _USUAL if name in known), current]
    return next((name for name in likely if _PLAIN.fullmatch(name)), _USUAL[0])


def _text(found: subprocess.CompletedProcess[bytes]) -> str:
    return os.fsdecode(found.stdout).strip() if found.returncode == 0 else ""
