"""Whether a plan still is what would be planned now."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from featurectl.definitions.duration import span
from featurectl.errors import ConflictError, RequestError, listed
from featurectl.plan.diff import diff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.plan.plan import Plan
    from featurectl.registry.protocol import CommitRecord, Registry

_TOLD = 3  # commits that a message lists
_NAMED = 5  # changed objects that it lists of each


def check_fresh(plan: Plan, snapshot: Snapshot, repository: Repository, registry: Registry) -> None:
    """Raise unless the plan is the difference between the snapshot and the repository.

    The commit in git that it was made from is not compared: a squash merge changes it.

    Raises:
        RequestError: FC319 it was made for another project or environment.
        ConflictError: FC501 the registry or the definitions have moved since, with who moved it.
    """
    if (plan.project, plan.env) != (snapshot.project, snapshot.env):
        raise RequestError(
            "FC319",
            f"the plan is for env {plan.env} of project {plan.project}, "
            f"not for env {snapshot.env} of {snapshot.project}",
        )
    if plan.lineage not in ("", snapshot.lineage):  # "": made before there was a registry
        raise _stale(plan, "it was made for another registry", ["the registry was made anew since"])
    if plan.serial != snapshot.serial:
        moved = f"it was made at serial {plan.serial}, the registry is at {snapshot.serial}"
        raise _stale(plan, moved, _since(plan, registry))
    now = diff(snapshot, repository)
    if plan.definitions != now.definitions:
        raise _stale(plan, "the definitions in the files have changed since it was made")
    if plan.changes != now.changes:
        raise _stale(plan, "what would change now is not what it says")


def _stale(plan: Plan, why: str, notes: Sequence[str] = ()) -> ConflictError:
    return ConflictError(
        "FC501",
        f"the plan is stale: {why}",
        notes=notes,
        help=[f"plan again: featurectl plan --env {plan.env} --out plan.json"],
    )


def _since(plan: Plan, registry: Registry) -> list[str]:
    """Who has moved the registry since the plan was made, newest first."""
    commits = registry.history(plan.env, limit=_TOLD)
    found = [_told(commit) for commit in commits if commit.serial > plan.serial]
    return found or ["the registry is older than the plan: it was restored from a copy"]


def _told(commit: CommitRecord) -> str:
    names = [f"{change['kind']} {change['name']}" for change in commit.plan.get("changes", ())]
    ago = span(time.time_ns() // 1_000 - commit.at_us)
    return f"run #{commit.run} by {commit.actor.who}, {ago} ago, changed {listed(names, _NAMED)}"
