"""All definitions of a feature repository, and where in its files each one stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from featurectl.definitions.acknowledgement import Acknowledgement
    from featurectl.definitions.definition import Definition, Document
    from featurectl.definitions.entity import Entity
    from featurectl.definitions.service import FeatureService
    from featurectl.definitions.source import Source
    from featurectl.definitions.view import FeatureView
    from featurectl.errors import Location

KINDS = ("entity", "source", "view", "service")
PROJECT_PATTERN = r"[a-z][a-z0-9_]{0,62}"  # of the name of a project


@dataclass(frozen=True)
class Repository:
    """Definitions by kind and name; a value, whichever files or registry it came from.

    ``locations`` is keyed by ``(kind, name, *path)``, for instance ``("view", "weather", "ttl")``
    or ``("view", "weather", "features", "visibility", "type")``; an acknowledgement's is
    ``("acknowledge", str(line))``. ``acknowledgements`` stand beside the definitions: they are no
    part of any document, fingerprint or hash, since what is applied does not depend on them.
    """

    project: str
    entities: Mapping[str, Entity] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    views: Mapping[str, FeatureView] = field(default_factory=dict)
    services: Mapping[str, FeatureService] = field(default_factory=dict)
    locations: Mapping[tuple[str, ...], Location] = field(default_factory=dict)
    acknowledgements: tuple[Acknowledgement, ...] = ()

    def objects(self) -> Iterator[Definition]:
        """Every definition: entities, sources, views, services, each kind by name."""
        for named in (self.entities, self.sources, self.views, self.services):
            yield from (named[name] for name in sorted(named))

    @cached_property
    def documents(self) -> dict[tuple[str, str], Document]:
        """The canonical documents by kind and name, made once; nobody changes them."""
        return {(each.kind, each.name): each.document() for each in self.objects()}

    @cached_property
    def texts(self) -> dict[tuple[str, str], str]:
        """The canonical JSON of the documents, made once."""
        from featurectl.definitions.definition import canonical_json  # noqa: PLC0415 - loads pydantic

        return {key: canonical_json(document) for key, document in self.documents.items()}

    def join_keys(self, view: FeatureView) -> dict[str, str]:
        """The join keys of a view with their types, in the order of its entities."""
        found: dict[str, str] = {}
        for entity in view.entities:
            found.update(self.entities[entity].join_keys)
        return found

    def locate(self, kind: str, name: str, *path: str) -> Location | None:
        """The place of the path, or of the nearest part above it that has one."""
        for end in range(len(path), -1, -1):
            found = self.locations.get((kind, name, *path[:end]))
            if found:
                return found
        return None

    def with_services(self, services: Mapping[str, FeatureService]) -> Repository:
        """The same repository with other services."""
        return replace(self, services=services)
