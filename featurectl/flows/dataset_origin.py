"""Where the definitions of a training set come from: registry, serial, commit, documents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from featurectl.definitions.definition import fingerprint
from featurectl.definitions.snapshot import Applied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.asked import Asked
    from featurectl.registry.protocol import Actor


@dataclass(frozen=True)
class Origin:
    """What a training set was asked of.

    Args:
        asked: the request.
        snapshot: the definitions it is answered by; their serial is 0 where they are of the files.
        root: the repository's folder.
        data_root: where relative paths of sources begin.
        at_us: when, microseconds since 1970.
        actor: gives who asked, with the commit of the files at hand; runs git, once.
    """

    asked: Asked
    snapshot: Snapshot
    root: Path
    data_root: Path
    at_us: int
    actor: Callable[[], Actor]


def of_files(snapshot: Snapshot, repository: Repository) -> Snapshot:
    """The snapshot with the definitions of the files in place of those applied."""
    return replace(snapshot, serial=0, objects=_objects(repository))


def used_objects(
    snapshot: Snapshot, views: Iterable[str], sources: Iterable[str], asked: Asked
) -> list[Applied]:
    """The definitions that a request was answered by: entities, sources, views, the service.

    SQL reads sources by the types that all views declare of them: then these views are among them.
    """
    used, read = set(views), set(sources)
    documents = {
        name: document
        for name, document in snapshot.documents("view").items()
        if name in used or (asked.sql is not None and document["source"] in read)
    }
    entities = {name for document in documents.values() for name in document["entities"]}
    sources = read | {document["source"] for document in documents.values()}
    keys = [
        *(("entity", name) for name in sorted(entities)),
        *(("source", name) for name in sorted(sources)),
        *(("view", name) for name in sorted(documents)),
        *([("service", asked.service)] if asked.service else []),
    ]
    return [snapshot.objects[key] for key in keys]


def _objects(repository: Repository) -> dict[tuple[str, str], Any]:
    return {
        (kind, name): Applied(kind, name, document, fingerprint(document), 0)
        for (kind, name), document in repository.documents.items()
    }
