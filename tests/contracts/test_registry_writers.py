"""Every registry: who writes at once with others loses nothing, and overwrites nothing."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import committing_processes
from committing_processes import commit_until_done
from registries import Place, names

if TYPE_CHECKING:
    from featurectl.registry.protocol import RegistryStore

WRITERS = 20
CHANGES = 2


def test_processes_that_commit_at_once_lose_nothing(place: Place) -> None:
    subprocess.run(
        [
            *(sys.executable, committing_processes.__file__),
            *(str(place.folder), place.url, str(WRITERS), str(CHANGES)),
        ],
        check=True,
    )

    store = place.open()
    wanted = {f"w{writer}_{change}" for writer in range(WRITERS) for change in range(CHANGES)}
    assert set(names(store)) == wanted
    assert [record.serial for record in store.history("dev")] == [*range(len(wanted), 0, -1)]
    for serial in range(1, len(wanted) + 1):
        assert len(names(store, serial=serial)) == serial
    assert [record.run for record in store.runs()] == [*range(len(wanted), 0, -1)]
    assert {record.status for record in store.runs()} == {"ok"}


def test_threads_share_one_registry(store: RegistryStore) -> None:
    threads = [
        threading.Thread(target=commit_until_done, args=(store, f"t{number}"))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(names(store)) == {f"t{number}" for number in range(8)}
