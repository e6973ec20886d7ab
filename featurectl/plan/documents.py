"""The documents that a plan puts into the registry, and those that it takes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurectl.plan.pin import pin

if TYPE_CHECKING:
    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.plan.plan import Plan


def documents(
    plan: Plan, snapshot: Snapshot, repository: Repository
) -> dict[tuple[str, str], dict[str, Any] | None]:
    """By kind and name, what is to be held from now on; None for what leaves, or has a new name.

    Services list their features explicitly. A view that changes only by what its source or entity
    is has no new document.
    """
    files = {(o.kind, o.name): o.document() for o in pin(repository, snapshot).objects()}
    applied = {(o.kind, o.name): o.document() for o in snapshot.repository.objects()}
    found: dict[tuple[str, str], dict[str, Any] | None] = {}
    for change in plan.changes:
        key = (change.kind, change.name)
        if applied.get(key) != files.get(key):
            found[key] = files.get(key)
        if change.old_name:
            found[change.kind, change.old_name] = None
    return found
