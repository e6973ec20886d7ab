"""A process that is killed while it writes leaves the registry as it was before."""

from __future__ import annotations

import multiprocessing
import random
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from registries import commit_of, me, names

from featurectl.errors import ConflictError
from featurectl.registry.sqlite import SqliteRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.synchronize import Event
    from pathlib import Path

CONTEXT = multiprocessing.get_context("spawn")
SIZE = 300


class Endless(dict[Any, Any]):
    """Objects of a commit that come to the middle and then no further."""

    def __init__(self, objects: dict[Any, Any], reached: Event) -> None:
        super().__init__(objects)
        self._reached = reached

    def items(self) -> Iterator[tuple[Any, Any]]:  # type: ignore[override]
        half = len(self) // 2
        for number, item in enumerate(super().items()):
            if number == half:
                self._reached.set()
                time.sleep(60)
            yield item


@pytest.mark.parametrize("is_new", [True, False])
def test_a_commit_killed_in_the_middle_never_was(tmp_path: Path, *, is_new: bool) -> None:
    path = tmp_path / "registry.db"
    if not is_new:
        opened(path).commit(commit_of(0, {"a": ""}))
    before = {} if is_new else {"a": ""}
    reached = CONTEXT.Event()
    writer = CONTEXT.Process(target=_commit_half, args=(path, len(before), reached))
    writer.start()
    assert reached.wait(30)
    assert names(opened(path, create=False)) == before

    writer.kill()
    writer.join()

    assert names(opened(path, create=False)) == before
    assert opened(path, create=False).snapshot("dev").serial == len(before)
    assert opened(path).commit(commit_of(len(before), {"b": ""})) == len(before) + 1
    assert "integrity ok" in opened(path).describe()


def test_commits_killed_at_any_point_are_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    chance = random.Random(7)
    for _ in range(4):
        begun = CONTEXT.Event()
        writer = CONTEXT.Process(target=_commit_on, args=(path, begun))
        writer.start()
        assert begun.wait(30)
        time.sleep(chance.uniform(0.005, 0.1))
        writer.kill()
        writer.join()

        store = opened(path)
        serial = store.snapshot("dev").serial
        assert set(names(store).values()) == {str(serial)}
        assert len(names(store)) == SIZE
        assert [record.serial for record in store.history("dev", limit=9999)] == [
            *range(serial, 0, -1)
        ]
        store.close()


def test_a_lease_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    taken = CONTEXT.Event()
    holder = CONTEXT.Process(target=_hold, args=(path, taken))
    holder.start()
    assert taken.wait(30)
    store = opened(path)
    with pytest.raises(ConflictError, match="FC502"):
        store.acquire("apply:dev", 2, me())
    assert store.runs()[0].status == "running"

    holder.kill()
    holder.join()

    assert store.acquire("apply:dev", 2, me()).token == 2
    assert store.runs()[0].status == "died"


def opened(path: Path, *, create: bool = True) -> SqliteRegistry:
    return SqliteRegistry.open(path, "flights", create=create)


def _commit_half(path: Path, serial: int, reached: Event) -> None:
    whole = commit_of(serial, {f"e{number}": "x" * 2000 for number in range(2 * SIZE)})
    opened(path).commit(replace(whole, objects=Endless(dict(whole.objects), reached)))


def _commit_on(path: Path, begun: Event) -> None:
    store = opened(path)
    while True:
        serial = store.snapshot("dev").serial
        text = str(serial + 1)
        with suppress(ConflictError):
            store.commit(commit_of(serial, {f"e{number}": text for number in range(SIZE)}))
        begun.set()


def _hold(path: Path, taken: Event) -> None:
    store = opened(path)
    run = store.begin("apply", "dev", 0, me())
    store.acquire("apply:dev", run, me())
    taken.set()
    time.sleep(60)
