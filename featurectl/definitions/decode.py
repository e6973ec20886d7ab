"""Canonical documents back to definitions: the inverse of :meth:`Definition.document`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurectl.definitions.entity import Entity
from featurectl.definitions.repository import Repository
from featurectl.definitions.service import FeatureService
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import FeatureView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.definitions.definition import Definition
    from featurectl.definitions.snapshot import Snapshot

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
    """All definitions of a snapshot."""
    by_kind: dict[str, dict[str, Any]] = {kind: {} for kind in CLASSES}
    for (kind, name), applied in snapshot.objects.items():
        by_kind[kind][name] = decode(kind, applied.document)
    return Repository(
        snapshot.project,
        by_kind["entity"],
        by_kind["source"],
        by_kind["view"],
        by_kind["service"],
    )


def _without_name(item: Mapping[str, Any], cls: type[Definition]) -> Any:
    if cls is Entity:
        return item["type"]
    return {key: value for key, value in item.items() if key != "name"}
