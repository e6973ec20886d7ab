"""A lease held for the length of a block, with signs of life while it lasts."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from featurectl.errors import ConflictError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from featurectl.registry.protocol import Actor, Lease, Leases

HEARTBEAT_S = 10.0  # a holder that is silent for a minute is taken over
_POLL_S = 0.25


class Held:
    """A lease that this process has, as long as :meth:`check` says nothing else."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self._lost: ConflictError | None = None

    def check(self) -> None:
        """Raise what a heartbeat has found.

        Raises:
            ConflictError: FC503 somebody else has taken the lease over.
        """
        if self._lost:
            raise self._lost

    def lose(self, error: ConflictError) -> None:
        """Note that the lease is gone: the next :meth:`check` raises ``error``."""
        self._lost = error


@contextmanager
def held(
    leases: Leases,
    name: str,
    run: int,
    actor: Actor,
    *,
    wait_s: float | None = None,
    heartbeat_s: float = HEARTBEAT_S,
) -> Iterator[Held]:
    """Hold the lease ``name`` while the block runs, whatever ends it, and give signs of life.

    ``wait_s`` is how long to wait for somebody else who has it; None does not wait.

    Raises:
        ConflictError: FC502 somebody alive holds it, and still does after ``wait_s``.
    """
    found = _acquire(leases, name, run, actor, wait_s or 0.0)
    stop = threading.Event()
    beat = threading.Thread(
        target=_beat, args=(leases, found, stop, heartbeat_s), name=f"lease {name}", daemon=True
    )
    beat.start()

    def give_back() -> None:
        stop.set()
        beat.join()
        leases.release(found.lease)

    try:
        yield found
    except BaseException:
        with suppress(StoreError):  # the first error is the one to tell
            give_back()
        raise
    give_back()


def _acquire(leases: Leases, name: str, run: int, actor: Actor, wait_s: float) -> Held:
    deadline = time.monotonic() + wait_s
    while True:
        left = deadline - time.monotonic()
        try:
            return Held(leases.acquire(name, run, actor))
        except ConflictError:
            if left <= 0:
                raise
        time.sleep(min(_POLL_S, left))


def _beat(leases: Leases, found: Held, stop: threading.Event, every_s: float) -> None:
    while not stop.wait(every_s) and _renew(leases, found):
        pass


def _renew(leases: Leases, found: Held) -> bool:
    """Whether it makes sense to try again later."""
    try:
        leases.renew(found.lease)
    except ConflictError as error:
        found.lose(error)
        return False
    except StoreError:
        return True  # the registry is busy or away: the next beat tries again
    return True
