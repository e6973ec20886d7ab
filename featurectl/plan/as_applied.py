"""Definitions in files, taken for what is applied. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.definitions.definition import fingerprint
from featurectl.definitions.snapshot import Applied, Snapshot
from featurectl.plan.pin import pin

if TYPE_CHECKING:
    from featurectl.definitions.repository import Repository


def as_applied(repository: Repository, env: str) -> Snapshot:
    """The snapshot as if these definitions were all that was ever applied in ``env``.

    It has no lineage, no bindings and serial 0: nothing of it is in a registry.
    """
    empty = Snapshot(repository.project, env, "")
    objects = {}
    for found in pin(repository, empty).objects():
        document = found.document()
        objects[found.kind, found.name] = Applied(
            found.kind, found.name, document, fingerprint(document), 0
        )
    return Snapshot(repository.project, env, "", objects=objects)
