"""The difference between what is applied and what is in the files. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.definitions.repository import KINDS
from featurectl.plan.acknowledged import acknowledge
from featurectl.plan.plan import Plan, definitions_hash
from featurectl.plan.services import service_changes
from featurectl.plan.shared import shared_changes
from featurectl.plan.sides import side_by_side
from featurectl.plan.views import view_changes

if TYPE_CHECKING:
    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot


def diff(snapshot: Snapshot, repository: Repository) -> Plan:
    """What apply would change, by kind and name; no change where all documents are equal.

    A function of its arguments alone. The repository's references must be right (``repo/load.py``
    sees to that).
    """
    sides = side_by_side(snapshot, repository)
    found = [*shared_changes(sides), *view_changes(sides), *service_changes(sides)]
    found.sort(key=lambda change: (KINDS.index(change.kind), change.name))
    changes, notes = acknowledge(sides, found, snapshot.env)
    return Plan(
        repository.project,
        snapshot.env,
        snapshot.lineage,
        snapshot.serial,
        definitions_hash(repository),
        changes,
        notes=notes,
    )
