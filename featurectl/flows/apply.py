"""Plans, and makes what is applied equal to the files.

The order of effects is what makes an apply safe to kill at any point: the commit, which is all or
nothing, then the manifest, then the rows that nothing reads any more. What is missing of the last
two is made up for by the next apply, also by one that has nothing to change.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from featurectl.flows.commit import Committing, commit
from featurectl.flows.generation_sweep import left_over, sweep
from featurectl.flows.lease import held
from featurectl.flows.publish import check_owner, publish_missing
from featurectl.flows.run_notes import on_takeover
from featurectl.flows.run_record import recorded
from featurectl.flows.source_states import check_against_sources
from featurectl.flows.stale_plan import check_fresh
from featurectl.plan.approval import check_approved
from featurectl.plan.diff import diff
from featurectl.plan.plan import Impact

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from featurectl.definitions.repository import Repository
    from featurectl.offline.protocol import OfflineEngine, SourceState
    from featurectl.online.protocol import Online
    from featurectl.plan.plan import Change, Plan
    from featurectl.registry.protocol import Actor, Registry, RegistryStore

FORMAT = "featurectl.apply/1"


@dataclass(frozen=True)
class ApplyResult:
    """What an apply has done.

    ``run`` is 0 when there was nothing to do. ``swept`` counts, by view, the keys that were removed
    from the online store because nothing reads them any more. ``published`` is whether the manifest
    was stored; ``notes`` are for a person.
    """

    plan: Plan
    run: int
    serial_before: int
    serial: int
    seconds: float
    published: bool
    swept: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether what is applied is another now."""
        return self.serial != self.serial_before

    def document(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "format": FORMAT,
            "env": self.plan.env,
            "run": self.run,
            "changed": self.changed,
            "serial_before": self.serial_before,
            "serial": self.serial,
            "summary": self.plan.summary,
            "changes": [change.document() for change in self.plan.changes],
            "published": self.published,
            "swept": dict(self.swept),
            "notes": list(self.notes),
            "seconds": round(self.seconds, 3),
        }


def make_plan(
    repository: Repository,
    registry: Registry,
    engine: OfflineEngine | None,
    *,
    env: str,
    actor: Actor,
) -> Plan:
    """What apply would change; nothing is changed or locked.

    Every source's metadata is read, and compared with what the views need of it; with no
    ``engine`` the sources are left alone.

    Raises:
        ManyErrors: a source that can't be read, a column that is missing or does not fit (FC2xx).
    """
    states = check_against_sources(repository, engine) if engine else {}
    plan = diff(registry.snapshot(env), repository)
    return replace(
        plan,
        changes=tuple(_counted(change, states) for change in plan.changes),
        git=actor.git,
        made_by=actor.who,
        made_at_us=time.time_ns() // 1_000,
    )


def apply(
    plan: Plan,
    repository: Repository,
    registry: RegistryStore,
    online: Online,
    actor: Actor,
    *,
    allow: Collection[str] = (),
    saved: bool = False,
    lock_timeout_s: float | None = None,
) -> ApplyResult:
    """Make what is applied equal to the repository: all of it or none.

    ``plan`` must be what would be planned now. ``saved``: a person has approved exactly this plan;
    else ``allow`` has the classes that are approved. ``lock_timeout_s`` is how long to wait for
    somebody who is applying, or loading a view that would be destroyed; None does not wait.

    Where nothing changes no run is recorded, and the manifest is published if the store lacks it.

    Raises:
        RefusedError: FC401 to FC404 an approval is missing; nothing was written.
        ConflictError: FC501 the plan is stale, FC502 somebody else is at it; nothing was written.
        StoreError: the registry or the online store fails. What is said tells whether the change
            was made; running apply again does the rest.
    """
    began = time.monotonic()
    snapshot = registry.snapshot(plan.env)
    check_fresh(plan, snapshot, repository, registry)
    check_approved(plan, allow, saved=saved, repository=repository)
    online.ping()
    check_owner(snapshot, online, allow)
    left = left_over(registry, snapshot)
    if not plan.has_changes:
        published = bool(snapshot.serial) and publish_missing(snapshot, online)
        result = ApplyResult(plan, 0, snapshot.serial, snapshot.serial, 0, published)
        if left:
            with recorded(registry, "apply", plan.env, snapshot.serial, actor) as run:
                result = replace(result, run=run, swept=sweep(online, snapshot, left))
        return replace(result, seconds=time.monotonic() - began)
    with (
        recorded(registry, "apply", plan.env, snapshot.serial, actor) as run,
        held(registry, f"apply:{plan.env}", run, actor, wait_s=lock_timeout_s) as lease,
    ):
        work = Committing(plan, repository, registry, online, actor, run, lease, lock_timeout_s)
        done = commit(work, left)
    return ApplyResult(
        plan,
        run,
        snapshot.serial,
        done.serial,
        time.monotonic() - began,
        done.published,
        done.swept,
        (*on_takeover(lease), *done.notes),
    )


def _counted(change: Change, states: Mapping[str, SourceState]) -> Change:
    is_read = change.kind == "source" and change.name in states
    return replace(change, impact=Impact(rows=states[change.name].rows)) if is_read else change
