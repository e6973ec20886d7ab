"""Where the parts of a definition stand, whichever language it was written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from featurectl.repo import yaml_nodes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from featurectl.definitions.acknowledgement import Acknowledgement
    from featurectl.definitions.definition import Definition
    from featurectl.errors import Location
    from featurectl.repo.text_file import TextFile


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
    node: yaml_nodes.Node

    def value(self, *path: str) -> Location:
        """Where the value at the path begins."""
        return yaml_nodes.place(self._find(path)[1], self.file)

    def key(self, *path: str) -> Location:
        """Where the key at the path stands."""
        key, node = self._find(path)
        return yaml_nodes.place(key or node, self.file)

    def _find(self, path: tuple[str, ...]) -> tuple[yaml_nodes.Node | None, yaml_nodes.Node]:
        key: yaml_nodes.Node | None = None
        node = self.node
        for step in path:
            if isinstance(node, yaml_nodes.Mapping) and step in node.entries:
                key, node = node.entries[step]
            elif (
                isinstance(node, yaml_nodes.Sequence)
                and step.isdigit()
                and int(step) < len(node.items)
            ):
                key, node = None, node.items[int(step)]
            else:
                break
        return key, node


@dataclass(frozen=True)
class Declared:
    """One definition, or one acknowledgement (which has no name), as a file declares it.

    ``definition`` is None when something is wrong with it; then ``name`` (empty where there is
    none) and ``fields``, as they were written, still tell what refers to what.
    """

    kind: str
    name: str
    places: Places
    definition: Definition | Acknowledgement | None
    fields: dict[str, Any]


class WrittenPlaces(Mapping[tuple[str, ...], "Location"]):
    """The places of all definitions by ``(kind, name, *path)``.

    Those of a definition are found when one of them is first asked for: in a repository of 3,000
    features all of them take longer than the rest of the load, and few are ever shown.
    """

    def __init__(self, declared: Iterable[Declared]) -> None:
        self._declared: dict[tuple[str, ...], Declared] = {
            (each.kind, each.name): each for each in declared
        }
        self._found: dict[tuple[str, ...], dict[tuple[str, ...], Location]] = {}

    def __getitem__(self, path: tuple[str, ...]) -> Location:
        return self._places(path[:2])[path[2:]]

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        for owner in self._declared:
            yield from ((*owner, *path) for path in self._places(owner))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _places(self, owner: tuple[str, ...]) -> dict[tuple[str, ...], Location]:
        if owner not in self._found:
            self._found[owner] = dict(_written_places(self._declared[owner]))
        return self._found[owner]


def _written_places(declared: Declared) -> Iterator[tuple[tuple[str, ...], Location]]:
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
