"""One change of what is applied: the commit, then the manifest.

The caller holds the environment's lease, and has recorded the run.
"""

from __future__ import annotations

import contextlib
import secrets
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurectl.errors import ConflictError, StoreError
from featurectl.flows.lease import held
from featurectl.flows.progress import progress_of
from featurectl.flows.publish import publish
from featurectl.flows.reuse import Found, find_reuse
from featurectl.flows.reuse_notes import age_notes, kept_notes, promotion_notes
from featurectl.flows.stale_plan import check_fresh
from featurectl.plan.bindings import dropped, generations, rebind
from featurectl.plan.documents import documents
from featurectl.registry.protocol import Commit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from featurectl.definitions.binding import Binding
    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.lease import Held
    from featurectl.flows.reuse import Sought
    from featurectl.online.protocol import Online
    from featurectl.plan.plan import Plan
    from featurectl.registry.protocol import Actor, RegistryStore

_ATTEMPTS = 5  # runs that flip a view in the moment between looking and committing
_ALPHABET = string.ascii_lowercase + string.digits


@dataclass(frozen=True)
class Committing:
    """What a change is made with.

    ``lease`` is the environment's, ``sought`` says where rows may be found that are there already.
    """

    plan: Plan
    repository: Repository
    registry: RegistryStore
    online: Online
    actor: Actor
    run: int
    lease: Held
    wait_s: float | None
    sought: Sought


@dataclass(frozen=True)
class Committed:
    """The new serial, and whether the manifest was stored.

    ``retired`` counts the keys, by view, that nothing reads any more; ``reused`` names the rows
    that were there already for views that need no new ones.
    """

    serial: int
    published: bool
    retired: Mapping[str, int]
    reused: Mapping[str, str]
    notes: tuple[str, ...] = ()


def commit(work: Committing) -> Committed:
    """Make the change.

    Raises:
        ConflictError: FC501 the plan is stale now, FC502 a view that loses rows is being loaded,
            FC503 a lease was taken over or released; nothing was changed.
        StoreError: before the commit nothing was changed; after it the message says so.
    """
    for attempt in range(_ATTEMPTS):
        snapshot = work.registry.snapshot(work.plan.env)
        check_fresh(work.plan, snapshot, work.repository, work.registry)
        found = _found(work, snapshot)
        bindings = _rebound(work, snapshot, found)
        gone = dropped(snapshot, bindings)
        with contextlib.ExitStack() as stack:
            leases = [work.lease]
            for name in _loads(work, found, gone):
                lease = held(work.registry, name, work.run, work.actor, wait_s=work.wait_s)
                leases.append(stack.enter_context(lease))
            if found.takes and _found(work, snapshot) != found:
                continue  # the other environment has changed what was about to be taken
            try:
                _commit(work, snapshot, bindings, found, leases)
            except ConflictError as error:
                if error.code == "FC503":
                    raise
                is_last = attempt == _ATTEMPTS - 1
                if is_last or work.registry.snapshot(work.plan.env).serial != snapshot.serial:
                    raise
                continue  # a run has flipped one of the views: what it did is kept
            return _told(work, snapshot, found, gone)
    raise ConflictError(
        "FC502",
        f"env {work.sought.promote_from} is changed all the time: nothing could be taken over",
        help=["run apply again"],
    )


def _found(work: Committing, snapshot: Snapshot) -> Found:
    return find_reuse(work.sought, work.plan, snapshot, work.repository, work.registry, work.online)


def new_suffix() -> str:
    """Four random characters, which tell generations of one view's name apart."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(4))


def _loads(work: Committing, found: Found, gone: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The leases of runs that must not be writing meanwhile.

    One that loads rows which are let go would put some back behind a sweep; one of the environment
    that rows are taken from would write what is no longer its own. Nor must that environment be
    applied meanwhile, which may change the rows' layout.
    """
    other = work.sought.promote_from
    here = {f"materialize:{work.plan.env}:{view}" for view in gone}
    there = {
        f"materialize:{other}:{view}"
        for view, reuse in found.reuse.items()
        if reuse.generation.id in found.takes
    }
    return sorted(here | there | ({f"apply:{other}"} if there else set()))


def _rebound(work: Committing, snapshot: Snapshot, reused: Found) -> dict[str, Binding | None]:
    """The bindings that change; new generations are of ids that nothing in the store has."""
    known = {each for binding in snapshot.bindings.values() for each in generations(binding)}
    known |= {reuse.generation.id for reuse in reused.reuse.values()}
    while True:
        found = rebind(snapshot, work.repository, work.plan, new_suffix, reused.reuse)
        new = {each for binding in found.values() if binding for each in generations(binding)}
        if not any(work.online.stamp(snapshot.project, each) for each in new - known):
            return found


def _commit(
    work: Committing,
    snapshot: Snapshot,
    bindings: Mapping[str, Binding | None],
    found: Found,
    leases: Sequence[Held],
) -> None:
    work.registry.backup()
    work.registry.commit(
        Commit(
            work.plan.env,
            snapshot.serial,
            documents(work.plan, snapshot, work.repository),
            bindings,
            work.run,
            work.actor,
            work.plan.document(),
            snapshot.revision,
            work.sought.data,
            found.takes,
            leases=[each.lease for each in leases],
        )
    )


def _told(
    work: Committing, before: Snapshot, found: Found, gone: Mapping[str, tuple[str, ...]]
) -> Committed:
    """Tell the readers, and count what they do not read any more."""
    snapshot = work.registry.snapshot(work.plan.env)
    published = _published(snapshot, work.online)
    stamps = {
        view: [work.online.stamp(snapshot.project, each) for each in {*ids} - before.shared]
        for view, ids in gone.items()
    }
    return Committed(
        snapshot.serial,
        published,
        {view: sum(stamp.keys for stamp in found if stamp) for view, found in stamps.items()},
        {view: reuse.generation.id for view, reuse in found.reuse.items()},
        (
            *promotion_notes(found, work.sought),
            *_on_age(work, snapshot, found),
            *kept_notes(gone, before),
            *_on_newer(snapshot, work.online, published),
        ),
    )


def _on_age(work: Committing, snapshot: Snapshot, found: Found) -> tuple[str, ...]:
    if not work.sought.at_once:
        return ()
    ids = [reuse.generation.id for reuse in found.reuse.values()]
    return age_notes(found, progress_of(snapshot, work.registry, ids))


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
