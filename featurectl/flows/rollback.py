"""Going back to what was applied before: an earlier serial is planned and applied as if written.

What is destroyed by that, or breaks, needs the same approvals as in any plan. Rows that an earlier
definition had made are served again where the grace time has not passed; no source is read.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from featurectl.errors import RequestError, listed
from featurectl.plan.diff import diff
from featurectl.plan.retrace import with_names_since

if TYPE_CHECKING:
    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.plan.plan import Change, Plan
    from featurectl.registry.protocol import Actor, CommitRecord, Registry

_NAMED = 5  # runs that a message lists


@dataclass(frozen=True)
class Rollback:
    """The plan back to ``repository``, which was applied at ``serial``.

    ``undone`` are the commits since then, newest first.
    """

    plan: Plan
    repository: Repository
    serial: int
    undone: tuple[CommitRecord, ...]


def plan_rollback(registry: Registry, env: str, actor: Actor, run: int | None = None) -> Rollback:
    """The way back to what ``run`` had applied, or to before the last change of what is applied.

    Nothing is changed. Sources are not read: what was applied fitted them then.

    Raises:
        RequestError: FC320 nothing is applied, FC321 the run has applied nothing.
    """
    snapshot = registry.snapshot(env)
    if not snapshot.serial:
        raise RequestError("FC320", f"nothing is applied in env {env}: there is no way back")
    commits = registry.history(env, limit=snapshot.serial)
    serial = snapshot.serial - 1 if run is None else _serial_of(run, commits, env)
    undone = tuple(commit for commit in commits if commit.serial > serial)
    earlier = registry.snapshot(env, serial).repository
    earlier = with_names_since(earlier, [commit.plan for commit in reversed(undone)])
    return Rollback(_plan(snapshot, earlier, serial, actor), earlier, serial, undone)


def _serial_of(run: int, commits: list[CommitRecord], env: str) -> int:
    for commit in commits:
        if commit.run == run:
            return commit.serial
    known = [f"#{commit.run}" for commit in commits]
    raise RequestError(
        "FC321",
        f"run #{run} has not changed what is applied in env {env}",
        notes=[f"runs that have: {listed(known, _NAMED)}"],
        help=["see all runs: featurectl history"],
    )


def _plan(snapshot: Snapshot, earlier: Repository, serial: int, actor: Actor) -> Plan:
    plan = diff(snapshot, earlier)
    return replace(
        plan,
        changes=tuple(_reasoned(change, serial) for change in plan.changes),
        git=actor.git,
        made_by=actor.who,
        made_at_us=time.time_ns() // 1_000,
    )


def _reasoned(change: Change, serial: int) -> Change:
    gone = change.action == "destroy"
    return replace(change, reason=f"was not applied at serial {serial}") if gone else change
