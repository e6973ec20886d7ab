"""Removing the rows that no binding names any more, also what a broken-off apply has left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.errors import StoreError
from featurectl.plan.bindings import generations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from featurectl.definitions.snapshot import Snapshot
    from featurectl.online.protocol import Generations
    from featurectl.registry.protocol import RegistryStore

DROPPED = "dropped"  # in a commit's plan: the generations whose rows were to be removed after it
_PAST_RUNS = 200


def sweep(
    online: Generations, snapshot: Snapshot, dropped: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """Remove the rows of generations, given by view; how many there were of each view.

    Takes a pass over the store's keys for each generation. One that a binding of the snapshot names
    is left alone.

    Raises:
        StoreError: as the store says; the change itself is made and published by then.
    """
    live = {each for binding in snapshot.bindings.values() for each in generations(binding)}
    try:
        return {
            view: sum(online.sweep(snapshot.project, each) for each in gone if each not in live)
            for view, gone in dropped.items()
        }
    except StoreError as error:
        raise StoreError(
            error.code,
            f"serial {snapshot.serial} is applied and published, but rows that nothing reads any "
            f"more could not be removed: {error.message}",
            notes=error.notes,
            help=["run apply again: it removes them", *error.help],
        ) from error


def left_over(registry: RegistryStore, snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """The generations whose rows the last commit was to remove, if its run was broken off."""
    commits = registry.history(snapshot.env, limit=1)
    dropped = commits[0].plan.get(DROPPED, {}) if commits else {}
    if not dropped:
        return {}
    runs = registry.runs(snapshot.env, limit=_PAST_RUNS)
    last = next((run for run in runs if run.kind == "apply"), None)
    if last is None or last.status in ("ok", "running"):
        return {}
    return {view: tuple(gone) for view, gone in dropped.items()}
