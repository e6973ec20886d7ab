"""Snapshots for tests: what is applied, made from a repository as apply would make it."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from featurectl.definitions.definition import fingerprint
from featurectl.definitions.repository import Repository
from featurectl.definitions.snapshot import Applied, Snapshot
from featurectl.plan.bindings import rebind
from featurectl.plan.diff import diff
from featurectl.plan.documents import documents

if TYPE_CHECKING:
    from collections.abc import Callable

    from featurectl.definitions.definition import Definition

EMPTY = Snapshot("demo", "dev", "lineage")


def repository(*objects: Definition, project: str = "demo") -> Repository:
    """A repository of these objects."""
    by_kind = {
        kind: {found.name: found for found in objects if found.kind == kind}
        for kind in ("entity", "source", "view", "service")
    }
    return Repository(project, *by_kind.values())


def suffixes() -> Callable[[], str]:
    """Suffixes of generations in a known order: ``0001``, then ``0002``, and so on."""
    numbers = count(1)
    return lambda: f"{next(numbers):04d}"


def apply_to(
    snapshot: Snapshot, files: Repository, suffix: Callable[[], str] | None = None
) -> Snapshot:
    """The snapshot after the files were applied."""
    plan = diff(snapshot, files)
    objects = dict(snapshot.objects)
    for (kind, name), document in documents(plan, snapshot, files).items():
        if document is None:
            objects.pop((kind, name))
        else:
            serial = snapshot.serial + 1
            objects[kind, name] = Applied(kind, name, document, fingerprint(document), serial)
    bindings = dict(snapshot.bindings)
    for view, binding in rebind(snapshot, files, plan, suffix or suffixes(), {}).items():
        if binding is None:
            bindings.pop(view)
        else:
            bindings[view] = binding
    return replace(
        snapshot,
        serial=snapshot.serial + 1,
        revision=snapshot.revision + 1,
        objects=objects,
        bindings=bindings,
    )


def applied(*objects: Definition) -> Snapshot:
    """A snapshot in which these objects were applied, and nothing before."""
    return apply_to(EMPTY, repository(*objects))
