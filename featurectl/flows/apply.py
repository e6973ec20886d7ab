"""Plans, and makes what is applied equal to the files.

The order of effects is what makes an apply safe to kill at any point: the commit, which is all or
nothing, then the manifest, then the rows that nothing has read for the grace time. What is missing
of the last two is made up for by the next apply, also by one that has nothing to change.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from featurectl.errors import StoreError
from featurectl.flows.commit import Committing, commit
from featurectl.flows.drift_notes import drift_notes, record_columns
from featurectl.flows.generation_sweep import sweep_retired
from featurectl.flows.lease import held
from featurectl.flows.publish import check_owner, publish_missing
from featurectl.flows.reuse import Sought
from featurectl.flows.reviewed_plan import reviewed_plan
from featurectl.flows.run_notes import on_takeover
from featurectl.flows.run_record import recorded
from featurectl.flows.source_states import check_against_sources
from featurectl.flows.stale_plan import check_fresh
from featurectl.plan.approval import check_approved
from featurectl.plan.impact import Impact

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.offline.protocol import OfflineEngine, SourceState
    from featurectl.online.protocol import Manifests, Online
    from featurectl.plan.plan import Change, Plan
    from featurectl.plan.refusal import Command
    from featurectl.registry.protocol import Actor, RegistryStore, RunKind

    Weigh = Callable[[Plan, Snapshot, Mapping[str, SourceState]], Plan]

FORMAT = "featurectl.apply/1"


@dataclass(frozen=True)
class ApplyRequest:
    """How a plan is applied.

    ``saved``: a person has approved exactly this plan; else ``allow`` has the classes that are
    approved. ``lock_timeout_s`` is how long to wait for somebody who is applying, or loading a view
    that would be destroyed; None does not wait. ``grace_us`` is how long rows are kept that nothing
    reads any more. ``rolls_back``: readers get the earlier rows at once where they are still there,
    although they are behind. ``data`` tells where the environment's sources are, ``promote_from``
    which other environment's rows may be taken where its sources are there too. ``columns`` are
    those that the sources have now, as far as it is known: they are taken note of.
    """

    grace_us: int
    allow: Collection[str] = ()
    saved: bool = False
    lock_timeout_s: float | None = None
    rolls_back: bool = False
    data: str = ""
    promote_from: str | None = None
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ApplyResult:
    """What an apply has done.

    ``run`` is 0 when there was nothing to do. ``published`` is whether the manifest was stored;
    ``notes`` are for a person. ``retired`` counts, by view, the keys that nothing reads any more
    and that a later run removes after ``grace_us``; ``swept`` those that were removed now, by
    generation. ``reused`` names the rows that views were given which were in the store already,
    ``incomplete`` the views that a run has to load before they are as defined.
    """

    plan: Plan
    run: int
    serial_before: int
    serial: int
    seconds: float
    published: bool
    swept: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    retired: Mapping[str, int] = field(default_factory=dict)
    reused: Mapping[str, str] = field(default_factory=dict)
    incomplete: tuple[str, ...] = ()
    grace_us: int = 0

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
            "retired": dict(self.retired),
            "grace_seconds": self.grace_us / 1e6,
            "swept": dict(self.swept),
            "reused": dict(self.reused),
            "incomplete": list(self.incomplete),
            "notes": list(self.notes),
            "seconds": round(self.seconds, 3),
        }


def make_plan(
    repository: Repository,
    registry: RegistryStore,
    engine: OfflineEngine | None,
    *,
    env: str,
    actor: Actor,
    online: Manifests | None = None,
    weigh: Weigh | None = None,
) -> Plan:
    """What apply would change; nothing is changed or locked.

    Every source's metadata is read, and compared with what the views need of it; with no
    ``engine`` the sources are left alone. What has drifted since the last apply is noted: the
    columns of sources and, with ``online``, the manifest. ``weigh`` adds what the changes cost.

    Raises:
        ManyErrors: a source that can't be read, a column that is missing or does not fit (FC2xx).
    """
    before, snapshot = registry.schemas(env), registry.snapshot(env)
    states = check_against_sources(repository, engine, before) if engine else {}
    plan = reviewed_plan(snapshot, repository, registry)
    columns = {name: state.columns for name, state in states.items()}
    drift = drift_notes(snapshot, repository, registry=registry, online=online, columns=columns)
    plan = replace(
        plan,
        notes=(*plan.notes, *drift),
        changes=tuple(_counted(change, states) for change in plan.changes),
        git=actor.git,
        made_by=actor.who,
        made_at_us=time.time_ns() // 1_000,
    )
    return weigh(plan, snapshot, states) if weigh and plan.has_changes else plan


def apply(  # noqa: PLR0917 - what it works with
    plan: Plan,
    repository: Repository,
    registry: RegistryStore,
    online: Online,
    actor: Actor,
    request: ApplyRequest,
) -> ApplyResult:
    """Make what is applied equal to the repository: all of it or none.

    ``plan`` must be what would be planned now. Where nothing changes no run is recorded, and the
    manifest is published if the store lacks it.

    Raises:
        RefusedError: FC401 to FC404 an approval is missing; nothing was written.
        ConflictError: FC501 the plan is stale, FC502 somebody else is at it; nothing was written.
        StoreError: the registry or the online store fails. What is said tells whether the change
            was made; running apply again does the rest.
    """
    began = time.monotonic()
    snapshot = registry.snapshot(plan.env)
    check_fresh(plan, snapshot, repository, registry)
    command: Command = "rollback" if request.rolls_back else "apply"
    check_approved(plan, request.allow, saved=request.saved, repository=repository, command=command)
    online.ping()
    check_owner(snapshot, online, request.allow)
    if plan.has_changes:
        result = _changed(plan, snapshot, repository, registry, online, actor, request)
    else:
        published = bool(snapshot.serial) and publish_missing(snapshot, online, request.allow)
        result = ApplyResult(plan, 0, snapshot.serial, snapshot.serial, 0, published)
    if result.serial:
        result = _completed(result, registry, online, request)
    return replace(result, seconds=time.monotonic() - began, grace_us=request.grace_us)


def _changed(  # noqa: PLR0917 - what it works with
    plan: Plan,
    snapshot: Snapshot,
    repository: Repository,
    registry: RegistryStore,
    online: Online,
    actor: Actor,
    request: ApplyRequest,
) -> ApplyResult:
    kind: RunKind = "rollback" if request.rolls_back else "apply"
    sought = Sought(request.promote_from, request.data, at_once=request.rolls_back)
    wait_s = request.lock_timeout_s
    with (
        recorded(registry, kind, plan.env, snapshot.serial, actor) as run,
        held(registry, f"apply:{plan.env}", run, actor, wait_s=wait_s) as lease,
    ):
        work = Committing(plan, repository, registry, online, actor, run, lease, wait_s, sought)
        done = commit(work)
    return ApplyResult(
        plan,
        run,
        snapshot.serial,
        done.serial,
        0,
        done.published,
        notes=(*on_takeover(lease), *done.notes),
        retired=done.retired,
        reused=done.reused,
    )


def _completed(
    result: ApplyResult, registry: RegistryStore, online: Online, request: ApplyRequest
) -> ApplyResult:
    """The result with what is left to load, after what nothing reads any more was removed.

    Where that fails it is noted: it is no reason for an apply to fail.
    """
    plan, grace_us = result.plan, request.grace_us
    snapshot = registry.snapshot(plan.env)
    notes = (*result.notes, *record_columns(snapshot, registry, request.columns))
    result = replace(result, incomplete=_incomplete(snapshot, registry), notes=notes)
    try:
        swept = sweep_retired(online, registry, plan.project, plan.env, grace_us=grace_us)
    except StoreError as error:
        note = f"rows that nothing reads could not be removed yet: {error.message}"
        return replace(result, notes=(*result.notes, note))
    return replace(result, swept=swept)


def _incomplete(snapshot: Snapshot, registry: RegistryStore) -> tuple[str, ...]:
    """The views whose rows this environment has to load before they are as defined."""
    bindings = snapshot.bindings
    progress = registry.progress(snapshot.env, [bound.target.id for bound in bindings.values()])
    return tuple(
        view
        for view, bound in sorted(bindings.items())
        if (bound.fill or bound.needs_fill or bound.target.id not in progress)
        and snapshot.owners.get(bound.target.id, snapshot.env) == snapshot.env
    )


def _counted(change: Change, states: Mapping[str, SourceState]) -> Change:
    is_read = change.kind == "source" and change.name in states
    return replace(change, impact=Impact(rows=states[change.name].rows)) if is_read else change
