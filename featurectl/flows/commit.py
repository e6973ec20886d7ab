"""One change of what is applied: the commit, the manifest, and the rows that are not read any more.

The caller holds the environment's lease, and has recorded the run.
"""

from __future__ import annotations

import contextlib
import secrets
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurectl.errors import ConflictError, StoreError
from featurectl.flows.generation_sweep import DROPPED, sweep
from featurectl.flows.lease import held
from featurectl.flows.publish import publish
from featurectl.flows.stale_plan import check_fresh
from featurectl.plan.bindings import dropped, generations, rebind
from featurectl.plan.documents import documents
from featurectl.registry.protocol import Commit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.definitions.binding import Binding
    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.lease import Held
    from featurectl.online.protocol import Online
    from featurectl.plan.plan import Plan
    from featurectl.registry.protocol import Actor, RegistryStore

_ATTEMPTS = 5  # runs that flip a view in the moment between looking and committing
_ALPHABET = string.ascii_lowercase + string.digits


@dataclass(frozen=True)
class Committing:
    """What a change is made with. ``lease`` is the environment's."""

    plan: Plan
    repository: Repository
    registry: RegistryStore
    online: Online
    actor: Actor
    run: int
    lease: Held
    wait_s: float | None


@dataclass(frozen=True)
class Committed:
    """The new serial, whether the manifest was stored, and the keys removed by view."""

    serial: int
    published: bool
    swept: Mapping[str, int]
    notes: tuple[str, ...] = ()


def commit(work: Committing, left: Mapping[str, tuple[str, ...]]) -> Committed:
    """Make the change; ``left`` are generations of an earlier one whose rows are to go too.

    Raises:
        ConflictError: FC501 the plan is stale now, FC502 a view that loses rows is being loaded;
            nothing was changed.
        StoreError: before the commit nothing was changed; after it the message says so.
    """
    for attempt in range(_ATTEMPTS):
        snapshot = work.registry.snapshot(work.plan.env)
        check_fresh(work.plan, snapshot, work.repository, work.registry)
        bindings = _rebound(work, snapshot)
        gone = dropped(snapshot, bindings)
        with contextlib.ExitStack() as stack:
            # A run that is loading these rows would put them back behind the sweep.
            for view in sorted(gone):
                name = f"materialize:{work.plan.env}:{view}"
                stack.enter_context(
                    held(work.registry, name, work.run, work.actor, wait_s=work.wait_s)
                )
            try:
                _commit(work, snapshot, bindings, gone)
            except ConflictError:
                is_last = attempt == _ATTEMPTS - 1
                if is_last or work.registry.snapshot(work.plan.env).serial != snapshot.serial:
                    raise
                continue  # a run has flipped one of the views: what it did is kept
            return _told(work, {**left, **gone})
    raise AssertionError("the last attempt returns or raises")


def new_suffix() -> str:
    """Four random characters, which tell generations of one view's name apart."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(4))


def _rebound(work: Committing, snapshot: Snapshot) -> dict[str, Binding | None]:
    """The bindings that change; new generations are of ids that nothing in the store has."""
    known = {each for binding in snapshot.bindings.values() for each in generations(binding)}
    while True:
        found = rebind(snapshot, work.repository, work.plan, new_suffix)
        new = {each for binding in found.values() if binding for each in generations(binding)}
        if not any(work.online.stamp(snapshot.project, each) for each in new - known):
            return found


def _commit(
    work: Committing,
    snapshot: Snapshot,
    bindings: Mapping[str, Binding | None],
    gone: Mapping[str, tuple[str, ...]],
) -> None:
    work.lease.check()
    work.registry.backup()
    work.registry.commit(
        Commit(
            work.plan.env,
            snapshot.serial,
            documents(work.plan, snapshot, work.repository),
            bindings,
            work.run,
            work.actor,
            {**work.plan.document(), DROPPED: {view: list(ids) for view, ids in gone.items()}},
            snapshot.revision,
        )
    )


def _told(work: Committing, gone: Mapping[str, tuple[str, ...]]) -> Committed:
    """Tell the readers, then remove what they do not read any more."""
    snapshot = work.registry.snapshot(work.plan.env)
    published = _published(snapshot, work.online)
    swept = sweep(work.online, snapshot, gone)
    return Committed(snapshot.serial, published, swept, _on_newer(snapshot, work.online, published))


def _published(snapshot: Snapshot, online: Online) -> bool:
    try:
        return publish(snapshot, online)
    except StoreError as error:
        raise StoreError(
            error.code,
            f"the registry is at serial {snapshot.serial} now, but the online store did not take "
            f"the manifest: {error.message}",
            notes=[*error.notes, "readers of the online store still see what was applied before"],
            help=["run apply again: it publishes what is applied", *error.help],
        ) from error


def _on_newer(snapshot: Snapshot, online: Online, published: bool) -> tuple[str, ...]:  # noqa: FBT001
    """What to know where the store has kept a manifest of a later serial."""
    held_now = None if published else online.read(snapshot.project, snapshot.env)
    if held_now is None or held_now.serial <= snapshot.serial:
        return ()
    newer = f"the online store has a manifest of serial {held_now.serial} of this registry"
    return (f"not published: {newer}; was the registry restored from an older copy?",)
