"""Leases held for the length of a block."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from featurectl.errors import ConflictError, StoreError
from featurectl.flows.lease import held
from featurectl.registry.actor import current_actor
from featurectl.registry.sqlite import SqliteRegistry

NAME = "materialize:dev:weather"


@pytest.fixture
def registry(tmp_path):
    registry = SqliteRegistry.open(tmp_path / "registry.db", "flights", create=True)
    yield registry
    registry.close()


@pytest.fixture
def actor(tmp_path):
    return current_actor(tmp_path)


def names(registry):
    return [lease.name for lease in registry.holders()]


def wait_for_loss(mine):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            mine.check()
        except ConflictError as error:
            return error
        time.sleep(0.01)
    return pytest.fail("no heartbeat has told of the loss")


def test_a_lease_is_held_inside_of_the_block_and_given_back_after_it(registry, actor):
    with held(registry, NAME, 1, actor):
        assert names(registry) == [NAME]
    assert names(registry) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_lease_is_given_back_whatever_ends_the_block(registry, actor, error):
    with pytest.raises(error), held(registry, NAME, 1, actor):
        raise error
    assert names(registry) == []


def test_what_ended_the_block_is_told_though_the_lease_could_not_be_given_back(
    registry, actor, monkeypatch
):
    def full(_lease):
        raise StoreError("FC614", "the disk is full")

    monkeypatch.setattr(registry, "release", full)
    with pytest.raises(ValueError, match="first"), held(registry, NAME, 1, actor):
        raise ValueError("first")
    with pytest.raises(StoreError), held(registry, f"{NAME}2", 1, actor):
        pass


def test_a_second_holder_is_refused_at_once(registry, actor):
    with held(registry, NAME, 1, actor):
        with pytest.raises(ConflictError) as error, held(registry, NAME, 2, actor):
            pass
        assert error.value.code == "FC502"
        assert names(registry) == [NAME]


def test_a_second_holder_that_waits_gets_the_lease_when_the_first_is_done(registry, actor):
    entered = threading.Event()

    def first():
        with held(registry, NAME, 1, actor):
            entered.set()
            time.sleep(0.3)

    thread = threading.Thread(target=first)
    thread.start()
    entered.wait()
    with held(registry, NAME, 2, actor, wait_s=20) as mine:
        assert mine.lease.run == 2
    thread.join()


def test_waiting_ends_after_the_time_that_was_given(registry, actor):
    with held(registry, NAME, 1, actor):
        began = time.monotonic()
        with pytest.raises(ConflictError), held(registry, NAME, 2, actor, wait_s=0.3):
            pass
        assert 0.3 <= time.monotonic() - began < 5


def test_signs_of_life_are_given_while_the_block_runs(registry, actor):
    with held(registry, NAME, 1, actor, heartbeat_s=0.02) as mine:
        deadline = time.monotonic() + 10
        while registry.holders()[0].seen_us == mine.lease.seen_us:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        mine.check()


def test_the_lease_of_a_dead_process_is_taken_over_and_its_holder_named(registry, actor):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead = replace(actor, pid=gone.pid, by="ada")
    registry.acquire(NAME, 1, dead)
    with held(registry, NAME, 2, actor) as mine:
        assert mine.lease.taken_from == dead
    with held(registry, NAME, 3, actor) as mine:
        assert mine.lease.taken_from is None


def test_a_holder_that_was_taken_over_is_told_by_its_next_heartbeat(registry, actor, tmp_path):
    later = SqliteRegistry.open(tmp_path / "registry.db", "flights", create=False)
    with held(registry, NAME, 1, actor, heartbeat_s=0.02) as mine:
        registry.release(mine.lease)
        other = later.acquire(NAME, 2, actor)
        error = wait_for_loss(mine)
        assert error.code == "FC503"
    assert registry.holders()[0].id == other.id
    later.close()
