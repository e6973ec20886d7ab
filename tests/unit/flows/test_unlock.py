"""Locks as values, and letting go of one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from featurectl.errors import ConflictError, RequestError
from featurectl.flows.lease import held
from featurectl.flows.unlock import find_lock, held_locks, unlock
from featurectl.registry.actor import current_actor
from featurectl.registry.sqlite import SqliteRegistry

NOW = 1_704_110_400_000_000
SECOND = 1_000_000


@pytest.fixture
def clock():
    return [NOW]


@pytest.fixture
def registry(tmp_path, clock):
    registry = SqliteRegistry.open(
        tmp_path / "registry.db", "flights", create=True, now_us=lambda: clock[0]
    )
    yield registry
    registry.close()


@pytest.fixture
def actor(tmp_path):
    return current_actor(tmp_path)


def test_a_lock_names_its_holder_its_run_and_what_it_keeps_others_from(registry, actor):
    run = registry.begin("apply", "prod", 0, actor)
    lease = registry.acquire("apply:prod", run, actor)
    registry.acquire("materialize:dev:weather", 99, actor)
    first, second = held_locks(registry, NOW + 2 * SECOND)
    assert (first.lease, first.kind, first.subject) == (lease, "apply", "apply to env prod")
    assert (second.kind, second.subject) == (None, "load of view weather (env dev)")
    assert first.document()["last_sign_of_life"] == "2024-01-01T12:00:00Z"


@pytest.mark.parametrize(("after_s", "lively"), [(3, True), (29, True), (30, False)])
def test_a_holder_is_lively_while_its_last_sign_of_life_is_recent(registry, actor, after_s, lively):
    run = registry.begin("apply", "prod", 0, actor)
    registry.acquire("apply:prod", run, actor)
    (lock,) = held_locks(registry, NOW + after_s * SECOND)
    assert lock.is_lively == lively


def test_a_holder_that_has_died_is_not_lively(registry, actor, clock):
    elsewhere = replace(actor, host="runner-7")
    run = registry.begin("apply", "prod", 0, elsewhere)
    registry.acquire("apply:prod", run, elsewhere)
    clock[0] += 61 * SECOND
    (lock,) = held_locks(registry, NOW + SECOND)
    assert (lock.died, lock.is_lively) == (True, False)


def test_an_unknown_id_is_an_error_that_names_those_that_are_held(registry, actor):
    with pytest.raises(RequestError, match="no lock that is held") as error:
        find_lock(held_locks(registry, NOW), "7f3a")
    assert (error.value.code, error.value.notes) == ("FC328", ("no lock is held now",))
    lease = registry.acquire("apply:dev", 1, actor)
    locks = held_locks(registry, NOW)
    assert find_lock(locks, lease.id).lease == lease
    with pytest.raises(RequestError) as error:
        find_lock(locks, "nope")
    assert error.value.notes == (f"held now: {lease.id}",)


def test_who_had_a_lock_that_was_released_is_fenced(registry, actor):
    with held(registry, "apply:dev", 1, actor) as mine:
        (lock,) = held_locks(registry, NOW)
        assert unlock(registry, lock)
        with pytest.raises(ConflictError) as error:
            registry.renew(mine.lease)
        assert error.value.code == "FC503"
        assert registry.holders() == []


def test_a_lock_that_went_to_somebody_else_meanwhile_stays_with_him(registry, actor):
    lease = registry.acquire("apply:dev", 1, actor)
    (lock,) = held_locks(registry, NOW)
    registry.release(lease)
    assert not unlock(registry, lock)
    other = registry.acquire("apply:dev", 2, actor)
    assert not unlock(registry, lock)
    assert registry.holders() == [other]
