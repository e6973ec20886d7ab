"""Every registry: who writes at once with others loses nothing, and overwrites nothing."""

from __future__ import annotations

import multiprocessing
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from registries import Place, commit_of, names

from featurectl.errors import ConflictError

if TYPE_CHECKING:
    from featurectl.registry.protocol import RegistryStore

WRITERS = 10
CHANGES = 3


def test_processes_that_commit_at_once_lose_nothing(place: Place) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(WRITERS)
    writers = [
        context.Process(target=_commit_changes, args=(place, number, start))
        for number in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    store = place.open()
    wanted = {f"w{writer}_{change}" for writer in range(WRITERS) for change in range(CHANGES)}
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    assert set(names(store)) == wanted
    assert [record.serial for record in store.history("dev")] == [*range(len(wanted), 0, -1)]
    for serial in range(1, len(wanted) + 1):
        assert len(names(store, serial=serial)) == serial


def test_threads_share_one_registry(store: RegistryStore) -> None:
    threads = [
        threading.Thread(target=_commit_until_done, args=(store, f"t{number}"))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(names(store)) == {f"t{number}" for number in range(8)}


def _commit_changes(place: Place, number: int, start: threading.Barrier) -> None:
    start.wait()
    store = place.open()
    for change in range(CHANGES):
        _commit_until_done(store, f"w{number}_{change}")
    store.close()


def _commit_until_done(store: RegistryStore, name: str) -> None:
    while name not in names(store):
        with suppress(ConflictError):
            store.commit(commit_of(store.snapshot("dev").serial, {name: ""}))
