"""Where the parts of a definition stand, whichever language it was written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from featurectl.repo.yaml_nodes import Mapping, Sequence, place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from featurectl.definitions.definition import Definition
    from featurectl.errors import Location
    from featurectl.repo.text_file import TextFile
    from featurectl.repo.yaml_nodes import Node


class Places(Protocol):
    """The places of one definition; a path is ``("features", "wind", "type")``.

    A path that isn't written leads to the nearest part above it that is.
    """

    def value(self, *path: str) -> Location:
        """Where the value at the path begins."""
        ...

    def key(self, *path: str) -> Location:
        """Where the key at the path stands: the value's place, where it has none."""
        ...


@dataclass(frozen=True)
class YamlPlaces:
    """The places of what a YAML node says."""

    file: TextFile
    node: Node

    def value(self, *path: str) -> Location:
        """Where the value at the path begins."""
        return place(self._find(path)[1], self.file)

    def key(self, *path: str) -> Location:
        """Where the key at the path stands."""
        key, node = self._find(path)
        return place(key or node, self.file)

    def _find(self, path: tuple[str, ...]) -> tuple[Node | None, Node]:
        key: Node | None = None
        node = self.node
        for step in path:
            if isinstance(node, Mapping) and step in node.entries:
                key, node = node.entries[step]
            elif isinstance(node, Sequence) and step.isdigit() and int(step) < len(node.items):
                key, node = None, node.items[int(step)]
            else:
                break
        return key, node


@dataclass(frozen=True)
class Declared:
    """One definition as a file declares it.

    ``definition`` is None when something is wrong with it; then ``name`` (empty where there is
    none) and ``fields``, as they were written, still tell what refers to what.
    """

    kind: str
    name: str
    places: Places
    definition: Definition | None
    fields: dict[str, Any]


def written_places(declared: Declared) -> Iterator[tuple[tuple[str, ...], Location]]:
    """Every path of a definition that is written out, with its place.

    A mapping or a list is at its key, and so is a join key; anything else is at its value.
    """
    yield (), declared.places.value()
    if declared.definition is not None:
        fields = declared.definition.model_dump(exclude_unset=True, by_alias=True)
        yield from _inside(fields, (), declared.places)


def _inside(
    value: Any, path: tuple[str, ...], places: Places
) -> Iterator[tuple[tuple[str, ...], Location]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for step, part in parts:
        inner = (*path, str(step))
        if path == ("join_keys",):
            yield inner, places.key(*inner)
            yield (*inner, "type"), places.value(*inner)
        elif isinstance(part, (dict, list, tuple)):
            yield inner, places.key(*inner)
            yield from _inside(part, inner, places)
        else:
            yield inner, places.value(*inner)
