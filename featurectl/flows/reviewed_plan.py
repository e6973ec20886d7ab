"""The plan for some files, in which a reviewed line counts once.

A line expects one change. When it was applied the line is ignored: otherwise it would let through
every later change of that class, also one that puts back what a rollback has undone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from featurectl.plan.acknowledged import is_of, place_of, spent
from featurectl.plan.diff import diff

if TYPE_CHECKING:
    from featurectl.definitions.acknowledgement import Acknowledgement
    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.plan.plan import Plan
    from featurectl.registry.protocol import Registry

_ALL = 1_000_000  # commits


def reviewed_plan(snapshot: Snapshot, repository: Repository, registry: Registry) -> Plan:
    """The difference between the snapshot and the files, and what to know of the lines in them.

    Where the files have lines, the whole history of the environment is read.
    """
    used = _used(repository, registry, snapshot.env)
    left = tuple(line for line in repository.acknowledgements if str(line) not in used)
    plan = diff(snapshot, replace(repository, acknowledgements=left) if used else repository)
    notes = (
        spent(line, place_of(repository, line), used[str(line)], snapshot.env)
        for line in repository.acknowledgements
        if str(line) in used
    )
    return replace(plan, notes=(*plan.notes, *notes))


def _used(repository: Repository, registry: Registry, env: str) -> dict[str, int]:
    """The runs that applied what lines expect, by the line."""
    lines: tuple[Acknowledgement, ...] = repository.acknowledgements
    commits = registry.history(env, limit=_ALL) if lines else []
    return {
        str(line): commit.run
        for commit in reversed(commits)
        for change in commit.plan.get("changes", ())
        for line in lines
        if is_of(line, change)
    }
