"""Canonical documents back to definitions: the inverse of :meth:`Definition.document`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from featurectl.definitions.entity import Entity
from featurectl.definitions.repository import Repository
from featurectl.definitions.service import FeatureService
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import FeatureView

if TYPE_CHECKING:
    from featurectl.definitions.definition import Definition
    from featurectl.definitions.snapshot import Applied, Snapshot

CLASSES: dict[str, type[Definition]] = {
    "entity": Entity,
    "source": FileSource,
    "view": FeatureView,
    "service": FeatureService,
}


def decode(kind: str, document: Mapping[str, Any]) -> Definition:
    """The definition that a canonical document describes."""
    cls = CLASSES[kind]
    fields = dict(document)
    for field in cls.ordered:
        fields[field] = {item["name"]: _without_name(item, cls) for item in document[field]}
    return cls(**fields)


def decode_repository(snapshot: Snapshot) -> Repository:
    """All definitions of a snapshot; each is decoded when it is first asked for."""
    by_kind: dict[str, dict[str, Applied]] = {kind: {} for kind in CLASSES}
    for (kind, name), applied in snapshot.objects.items():
        by_kind[kind][name] = applied
    decoded: dict[str, Any] = {kind: _Decoded(found) for kind, found in by_kind.items()}
    return Repository(
        snapshot.project,
        decoded["entity"],
        decoded["source"],
        decoded["view"],
        decoded["service"],
    )


class _Decoded(Mapping[str, "Definition"]):
    """Definitions by name. A plan needs few of them: those that differ from the files."""

    def __init__(self, applied: Mapping[str, Applied]) -> None:
        self._applied = applied
        self._found: dict[str, Definition] = {}

    def __getitem__(self, name: str) -> Definition:
        if name not in self._found:
            applied = self._applied[name]
            self._found[name] = decode(applied.kind, applied.document)
        return self._found[name]

    def __contains__(self, name: object) -> bool:
        return name in self._applied

    def __iter__(self) -> Iterator[str]:
        return iter(self._applied)

    def __len__(self) -> int:
        return len(self._applied)


def _without_name(item: Mapping[str, Any], cls: type[Definition]) -> Any:
    if cls is Entity:
        return item["type"]
    return {key: value for key, value in item.items() if key != "name"}
