"""Which locks are held and by whom, and letting go of one whose holder does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from featurectl.definitions.instant import format_instant
from featurectl.errors import RequestError, did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.registry.protocol import Lease, Leases, RegistryStore

FORMAT = "featurectl.locks/1"
_RECENT_US = 30_000_000  # a holder that is well gives a sign of life every 10 seconds
_PAST_RUNS = 200


@dataclass(frozen=True)
class Lock:
    """A lease that is held. ``kind`` is that of its run, None where that is long past.

    ``died``: the process is gone, or was silent for so long that it counts as gone.
    """

    lease: Lease
    kind: str | None
    died: bool
    now_us: int

    @property
    def is_lively(self) -> bool:
        """Whether the holder gave a sign of life only just now."""
        return not self.died and self.silent_us < _RECENT_US

    @property
    def silent_us(self) -> int:
        """How long ago the last sign of life was."""
        return self.now_us - self.lease.seen_us

    @property
    def subject(self) -> str:
        """What nobody else can do meanwhile: ``apply to env dev``, ``load of view v (env dev)``."""
        kind, _, rest = self.lease.name.partition(":")
        env, _, view = rest.partition(":")
        return (
            f"load of view {view} (env {env})" if kind == "materialize" else f"{kind} to env {env}"
        )

    def document(self) -> dict[str, Any]:
        """The JSON form."""
        lease = self.lease
        return {
            "id": lease.id,
            "name": lease.name,
            "run": lease.run,
            "kind": self.kind,
            "by": lease.actor.by,
            "host": lease.actor.host,
            "pid": lease.actor.pid,
            "since": format_instant(lease.since_us),
            "last_sign_of_life": format_instant(lease.seen_us),
            "died": self.died,
        }


def held_locks(registry: RegistryStore, now_us: int) -> list[Lock]:
    """All locks of all environments, by name."""
    runs = {run.run: run for run in registry.runs(limit=_PAST_RUNS)}
    found = []
    for lease in registry.holders():
        run = runs.get(lease.run)
        died = run is not None and run.status == "died"
        found.append(Lock(lease, run.kind if run else None, died, now_us))
    return found


def find_lock(locks: Sequence[Lock], id_: str) -> Lock:
    """The lock of an id, as error FC502 and the list of locks show it.

    Raises:
        RequestError: FC328 no lock that is held has it.
    """
    for lock in locks:
        if lock.lease.id == id_:
            return lock
    known = [lock.lease.id for lock in locks]
    raise RequestError(
        "FC328",
        f'no lock that is held has the id "{id_}"',
        caret=did_you_mean(id_, known),
        notes=[f"held now: {listed(known)}" if known else "no lock is held now"],
        help=["list them: featurectl unlock"],
    )


def unlock(leases: Leases, lock: Lock) -> bool:
    """Let go of the lock; False when its holder has given it back meanwhile.

    The former holder can record nothing any more: its next step fails with FC503. Whoever holds the
    lock by now, under another id, keeps it.
    """
    held = any(
        (lease.name, lease.id, lease.token) == (lock.lease.name, lock.lease.id, lock.lease.token)
        for lease in leases.holders()
    )
    leases.release(lock.lease)
    return held
