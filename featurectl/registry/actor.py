"""Who is at work: user, host, process, and the commit of the files at hand."""

from __future__ import annotations

import getpass
import os
import subprocess
from typing import TYPE_CHECKING, Final

from featurectl.registry.process import this_host
from featurectl.registry.protocol import Actor

if TYPE_CHECKING:
    from pathlib import Path

_GIT_SECONDS: Final = 2.0
_SHA_DIGITS: Final = 7
_OID, _NO_COMMIT = "# branch.oid ", "(initial)"


def current_actor(root: Path) -> Actor:
    """This process as runs and leases record it. Never fails; one call of git, some 5 ms.

    ``git`` is the commit of the folder ``root``, with ``+dirty`` where tracked files differ from
    it; empty outside of a repository, before its first commit, and where there is no git.
    """
    return Actor(_user(), this_host(), os.getpid(), _git(root))


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user id without a name
        return f"uid{os.getuid()}" if hasattr(os, "getuid") else "unknown"


def _git(root: Path) -> str:
    # One call for commit and state. Unlike `describe --dirty` it keeps to the request to take no
    # lock, so that somebody's `git add` at the same time does not fail.
    command = [
        *("git", "-C", str(root), "status", "--porcelain=v2", "--branch"),
        *("--no-ahead-behind", "--untracked-files=no"),
    ]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command; only the folder varies
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_GIT_SECONDS,
            check=False,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return ""
    return _commit(done.stdout.splitlines()) if done.returncode == 0 else ""


def _commit(status: list[str]) -> str:
    sha = next((line.rpartition(" ")[2] for line in status if line.startswith(_OID)), _NO_COMMIT)
    if sha == _NO_COMMIT:
        return ""
    is_dirty = any(not line.startswith("#") for line in status)
    return sha[:_SHA_DIGITS] + ("+dirty" if is_dirty else "")
