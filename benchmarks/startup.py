"""Start-up of the command line, as a ratio to a bare interpreter."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from measure import Figure, processes, run

if TYPE_CHECKING:
    from context import Context

COMMANDS = (
    ("--version",),
    ("--help",),
    ("status",),
    ("ls",),
    ("plan",),
    ("get-online", "--service", "all", "user_id=1"),
)


def figures(context: Context) -> list[Figure]:
    """Each command beside ``python -c pass``, on a repository of size S with embedded stores."""
    folder = context.repository("S")
    binary = str(Path(sys.executable).with_name("featurectl"))
    run([binary, "--repo", str(folder), "apply", "--yes"])
    run([binary, "--repo", str(folder), "materialize", "--quiet"])
    commands = [[sys.executable, "-c", "pass"]]
    commands += [[binary, *words] for words in COMMANDS]
    bare, *ours = processes(commands, rounds=9, cwd=folder)
    return [
        Figure(
            f"start-up: {' '.join(words[:1])}",
            f"{seconds * 1e3:.0f} ms",
            f"python {bare * 1e3:.0f} ms",
            seconds / bare,
        )
        for words, seconds in zip(COMMANDS, ours, strict=True)
    ]
