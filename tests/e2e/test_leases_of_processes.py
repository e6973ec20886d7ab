"""Real processes that hold a lease and are killed, or stopped and woken up much too late."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import time
from typing import TYPE_CHECKING, Any

import crash_project
import held_up_command
import pytest
from crash_project import CLASSES, answers, mistaken, standing
from held_up_command import wait_until_stopped

from featurectl.client.feature_store import FeatureStore
from featurectl.registry.sqlite import SqliteRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTEXT = multiprocessing.get_context("spawn")
MINUTE_US = 61_000_000


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Version 1 is loaded; the files are of version 2."""
    folder = tmp_path_factory.mktemp("begun") / crash_project.PROJECT
    crash_project.build(folder, "online.db")
    crash_project.write_version(folder, 2)
    return folder


@pytest.fixture
def place(begun: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(begun, tmp_path / crash_project.PROJECT)
    return tmp_path / crash_project.PROJECT


@pytest.fixture
def holder(place: Path) -> Iterator[Any]:
    """Starts a process that is held up; whatever is left of it ends with the test."""
    processes = []

    def start(command: str, change: str, by: signal.Signals, host: str = "") -> Any:
        if command == "materialize":
            with FeatureStore(place) as store:
                store.apply(allow=CLASSES)
        told = CONTEXT.SimpleQueue()
        process = CONTEXT.Process(
            target=held_up_command.run, args=(place, command, (change, by), host, told)
        )
        process.start()
        processes.append(process)
        process.told = told
        return process

    yield start
    for process in processes:
        process.kill()
        process.join()


def act(store: FeatureStore, command: str) -> tuple[str, ...]:
    """Do what the holder was at; the notes."""
    if command == "apply":
        return store.apply(allow=CLASSES).notes
    summary = store.materialize()
    assert not summary.failed, summary.errors
    return tuple(note for notes in summary.notes.values() for note in notes)


def woken(process: Any) -> list[str]:
    """How it ends once it is woken up."""
    os.kill(process.pid, signal.SIGCONT)
    process.join(60)
    assert process.exitcode == 0
    found: list[str] = process.told.get()
    return found


@pytest.mark.parametrize(("command", "change"), [("apply", "commit"), ("materialize", "advance")])
def test_the_lease_of_a_killed_holder_is_taken_over_with_a_notice(
    command: str, change: str, place: Path, holder: Any
) -> None:
    process = holder(command, change, signal.SIGKILL)
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    with FeatureStore(place) as store:
        dead = [lock for lock in store.locks() if lock.died]
        assert process.pid in {lock.lease.actor.pid for lock in dead}
        notes = act(store, command)
    assert any(f"pid {process.pid}, which has died" in note for note in notes), notes
    assert standing(place)["is_published"]
    assert not mistaken(answers(place))


@pytest.mark.parametrize(("command", "change"), [("apply", "commit"), ("materialize", "advance")])
def test_a_stopped_holder_on_this_machine_keeps_its_lease_until_it_is_unlocked(
    command: str, change: str, place: Path, holder: Any
) -> None:
    process = holder(command, change, signal.SIGSTOP)
    wait_until_stopped(process)
    with FeatureStore(place) as store:
        assert "FC502" in held_up_command.outcome(store, command)
        for lock in store.locks():
            assert not lock.died
            assert store.unlock(lock)
        act(store, command)
    left = standing(place), answers(place)
    assert set(woken(process)) == {"FC503"}
    assert (standing(place), answers(place)) == left


@pytest.mark.parametrize(
    ("command", "change"),
    [
        ("apply", "backup"),
        ("apply", "commit"),
        ("materialize", "put"),
        ("materialize", "advance"),
    ],
)
def test_a_holder_that_was_silent_for_a_minute_elsewhere_wakes_up_and_changes_nothing(
    command: str, change: str, place: Path, holder: Any
) -> None:
    process = holder(command, change, signal.SIGSTOP, host="runner-7")
    wait_until_stopped(process)
    with FeatureStore(place) as store:
        assert "FC502" in held_up_command.outcome(store, command)
        store.environment.__dict__["registry"] = a_minute_later(place)
        notes = act(store, command)
    assert any("@runner-7 pid" in note and "which has died" in note for note in notes), notes
    left = standing(place), answers(place)
    assert "FC503" in woken(process)
    assert (standing(place), answers(place)) == left
    with FeatureStore(place) as store:
        assert not any("filled again" in note for note in act(store, "materialize"))


def test_a_holder_that_has_committed_publishes_nothing_older_when_it_wakes_up(
    place: Path, holder: Any
) -> None:
    """Its change is made, and readers have been told more since."""
    process = holder("apply", "publish", signal.SIGSTOP)
    wait_until_stopped(process)
    with FeatureStore(place) as store:
        for lock in store.locks():
            assert store.unlock(lock)
        act(store, "materialize")
    crash_project.write_version(place, 1)
    with FeatureStore(place) as store:
        act(store, "apply")
    left = standing(place), answers(place)
    assert woken(process) == []
    assert (standing(place), answers(place)) == left


def a_minute_later(place: Path) -> SqliteRegistry:
    """The registry, whose clock is ahead."""
    return SqliteRegistry.open(
        place / "registry.db",
        place.name,
        create=False,
        now_us=lambda: time.time_ns() // 1_000 + MINUTE_US,
    )
