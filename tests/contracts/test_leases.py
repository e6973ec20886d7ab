"""Every lease: one holder at a time, and a dead one is taken over."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from registries import NOON, Clock, Place, elsewhere, me

from featurectl.errors import ConflictError
from featurectl.registry.process import this_host
from featurectl.registry.protocol import Actor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.synchronize import Barrier

    from featurectl.registry.protocol import RegistryStore

NAME = "materialize:dev:weather"
TAKERS = 6


@pytest.fixture
def neighbour() -> Iterator[subprocess.Popen[bytes]]:
    """Another process of this host, alive until the test ends it."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def test_a_free_lease_is_taken_and_listed(store: RegistryStore) -> None:
    lease = store.acquire(NAME, 44, me())

    assert (lease.name, lease.token, lease.run, lease.actor) == (NAME, 1, 44, me())
    assert (lease.since_us, lease.seen_us, lease.taken_from) == (NOON, NOON, None)
    assert len(lease.id) == 4
    assert store.holders() == [lease]


def test_leases_of_other_names_are_free(store: RegistryStore) -> None:
    first = store.acquire(NAME, 44, me())
    second = store.acquire("apply:dev", 45, me())

    assert store.holders() == [second, first]
    assert first.id != second.id


def test_a_held_lease_is_refused_and_says_who_holds_it(store: RegistryStore, clock: Clock) -> None:
    run = store.begin("apply", "prod", 0, elsewhere())
    held = store.acquire("apply:prod", run, elsewhere())
    clock.forward(40)
    store.renew(held)
    clock.forward(3)

    with pytest.raises(ConflictError) as caught:
        store.acquire("apply:prod", 2, me())

    error = caught.value
    assert (error.code, error.exit_code) == ("FC502", 5)
    assert error.message == "env prod is locked by apply (run #1)"
    assert error.notes == (
        "ci@runner-7 pid 8123, since 12:00:00 UTC (43 s), last sign of life 3 s ago",
    )
    assert "--lock-timeout" in error.help[0]


def test_the_holder_itself_does_not_get_it_twice(store: RegistryStore) -> None:
    store.acquire(NAME, 44, me())

    with pytest.raises(ConflictError, match="view weather is locked by"):
        store.acquire(NAME, 44, me())


def test_who_gives_it_back_makes_room_and_the_token_rises(store: RegistryStore) -> None:
    first = store.acquire(NAME, 44, me())
    store.release(first)
    assert store.holders() == []

    second = store.acquire(NAME, 45, me())

    assert (second.token, second.taken_from) == (2, None)


def test_a_sign_of_life_is_listed(store: RegistryStore, clock: Clock) -> None:
    lease = store.acquire(NAME, 44, me())
    clock.forward(10)
    store.renew(lease)

    (held,) = store.holders()
    assert held.seen_us - held.since_us == 10_000_000


def test_silence_of_a_minute_elsewhere_means_dead(store: RegistryStore, clock: Clock) -> None:
    lost = store.acquire(NAME, 44, elsewhere())
    clock.forward(59.999)
    with pytest.raises(ConflictError, match="FC502"):
        store.acquire(NAME, 45, me())
    clock.forward(0.001)

    taken = store.acquire(NAME, 45, me())

    assert (taken.token, taken.taken_from) == (lost.token + 1, elsewhere())


def test_a_live_process_of_this_host_keeps_it_however_silent(
    store: RegistryStore, clock: Clock, neighbour: subprocess.Popen[bytes]
) -> None:
    store.acquire(NAME, 44, Actor("ana", this_host(), neighbour.pid))
    clock.forward(3600)

    with pytest.raises(ConflictError, match="FC502"):
        store.acquire(NAME, 45, me())


def test_a_killed_process_of_this_host_loses_it_at_once(
    store: RegistryStore, neighbour: subprocess.Popen[bytes]
) -> None:
    holder = Actor("ana", this_host(), neighbour.pid)
    store.acquire(NAME, 44, holder)
    neighbour.kill()
    neighbour.wait()

    assert store.acquire(NAME, 45, me()).taken_from == holder


def test_a_late_holder_is_fenced(store: RegistryStore, clock: Clock) -> None:
    lost = store.acquire(NAME, 44, elsewhere())
    clock.forward(61)
    taken = store.acquire(NAME, 45, me())

    with pytest.raises(ConflictError, match="lost by run #44") as caught:
        store.renew(lost)
    store.release(lost)

    assert caught.value.code == "FC503"
    assert "run #45 by ana@" in caught.value.notes[0]
    assert store.holders() == [taken]


def test_who_gave_it_back_can_not_renew_it(store: RegistryStore) -> None:
    lease = store.acquire(NAME, 44, me())
    store.release(lease)

    with pytest.raises(ConflictError, match="FC503"):
        store.renew(lease)


def test_of_processes_at_once_one_gets_it(place: Place) -> None:
    place.open().close()
    context = multiprocessing.get_context("spawn")
    start, end, won = context.Barrier(TAKERS), context.Barrier(TAKERS), context.Value("i", 0)
    takers = [context.Process(target=_take, args=(place, start, end, won)) for _ in range(TAKERS)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()

    assert [taker.exitcode for taker in takers] == [0] * TAKERS
    assert won.value == 1


def _take(place: Place, start: Barrier, end: Barrier, won: object) -> None:
    store = place.open()
    start.wait()
    with suppress(ConflictError):
        store.acquire(NAME, 1, me())
        with won.get_lock():  # type: ignore[attr-defined]
            won.value += 1  # type: ignore[attr-defined]
    end.wait()
    store.close()
