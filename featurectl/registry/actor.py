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
    # --exclude '*' keeps tags out, so that it is the sha; the environment keeps git from writing.
    command = [
        *("git", "-C", str(root), "describe", "--always", "--abbrev=7"),
        *("--dirty=+dirty", "--exclude", "*"),
    ]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command; only the folder varies
            command,
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
            check=False,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
