"""Processes that commit to one registry at once: FOLDER URL PROCESSES CHANGES.

A script, so that what they need is imported once, before they part, and in no process with threads.
"""

from __future__ import annotations

import multiprocessing
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg  # noqa: F401 - once for all
from registries import Place, commit_of, me

from featurectl.errors import ConflictError

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier

    from featurectl.registry.protocol import RegistryStore


def main() -> int:
    folder, url, processes, changes = sys.argv[1:]
    context = multiprocessing.get_context("fork")
    start = context.Barrier(int(processes))
    place = Place(Path(folder), url)
    writers = [
        context.Process(target=commit_changes, args=(place, number, int(changes), start))
        for number in range(int(processes))
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    return max(abs(writer.exitcode or 0) for writer in writers)


def commit_changes(place: Place, number: int, changes: int, start: Barrier) -> None:
    """Each change is a run with an object of its own, tried again until nobody was faster."""
    start.wait()
    store = place.open()
    for change in range(changes):
        run = store.begin("apply", "dev", 0, me())
        commit_until_done(store, f"w{number}_{change}")
        store.finish(run, "ok")
    store.close()


def commit_until_done(store: RegistryStore, name: str) -> None:
    """Commit an entity, against what is applied by then, where all changes add one.

    Whatever others do meanwhile, each look at the registry is one at a single moment.
    """
    while ("entity", name) not in (snapshot := store.snapshot("dev")).objects:
        assert len(snapshot.objects) == snapshot.serial == snapshot.revision
        with suppress(ConflictError):
            store.commit(commit_of(snapshot.serial, {name: ""}))


if __name__ == "__main__":
    sys.exit(main())
