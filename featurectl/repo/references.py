"""What definitions say of each other: whether it is defined, and whether it fits together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from featurectl.definitions.columns import ViewShape
from featurectl.definitions.definition import NAME_PATTERN
from featurectl.errors import DefinitionError, listed, nearest
from featurectl.repo.kinds import PLURALS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from featurectl.definitions.entity import Entity
    from featurectl.definitions.source import FileSource
    from featurectl.definitions.view import FeatureView
    from featurectl.errors import Location
    from featurectl.repo.places import Declared

_NAME = re.compile(NAME_PATTERN)

_CODES = {"entity": "FC111", "source": "FC112", "view": "FC113"}


@dataclass(frozen=True)
class Names:
    """Everything that is declared, by kind and name.

    ``may_define`` says whether a name may be defined in a file that could not be read to its end:
    that one's error is told, not those that only follow from it.
    """

    declared: Sequence[Declared]
    may_define: Callable[[str], bool]

    @cached_property
    def by_kind(self) -> dict[str, dict[str, Declared]]:
        """The first declaration of each name."""
        found: dict[str, dict[str, Declared]] = {kind: {} for kind in PLURALS}
        for each in self.declared:
            if each.name:
                found[each.kind].setdefault(each.name, each)
        return found

    def definition(self, kind: str, name: object) -> Any:
        """The definition of that name, or None when there is none or something is wrong with it."""
        found = self.by_kind[kind].get(name) if isinstance(name, str) else None
        return found.definition if found else None

    def shape(self, name: str) -> ViewShape | None:
        """What a reader must know of a view, or None when that can't be said."""
        view: FeatureView | None = self.definition("view", name)
        if view is None:
            return None
        entities = [self.definition("entity", entity) for entity in view.entities]
        if None in entities:
            return None
        keys = {key: kind for entity in entities for key, kind in entity.join_keys.items()}
        return ViewShape(name, keys, {key: spec.type for key, spec in view.features.items()})

    def undefined(
        self, owner: Declared, kind: str, name: str, path: tuple[str, ...]
    ) -> list[DefinitionError]:
        """FC111, FC112 or FC113 for a name that is not defined, with what is defined.

        ``path`` leads to the name in the owner.
        """
        known = self.by_kind[kind]
        if name in known or self.may_define(name):
            return []
        missing = Missing(_CODES[kind], name, f'{kind} "{name}"', PLURALS[kind], tuple(known))
        return [missing.error(owner, owner.places.value(*path))]


@dataclass(frozen=True)
class Missing:
    """A name that is referred to and not defined: what it would be, and what is defined instead."""

    code: str
    name: str
    what: str
    plural: str
    known: tuple[str, ...]

    def error(self, owner: Declared, at: Location) -> DefinitionError:
        """The error in the definition that refers to it."""
        use = nearest(self.name, self.known)
        return DefinitionError(
            self.code,
            f'{owner.kind} "{owner.name}" refers to {self.what}, which is not defined',
            location=at,
            notes=[f"{self.plural} defined: {listed(sorted(self.known))}"],
            help=[f'use "{use}"'] if use else [],
        )


def reference_errors(names: Names) -> list[DefinitionError]:
    """What is wrong between views and the entities and sources that they name."""
    errors: list[DefinitionError] = []
    for view in names.declared:
        if view.kind != "view":
            continue
        for index, name in enumerate(_entity_names(view)):
            path = ("entities", str(index))
            errors += names.undefined(view, "entity", name, path) if name else []
        source = name_of(view.fields.get("source"))
        if source:
            errors += names.undefined(view, "source", source, ("source",))
        if view.definition is not None:
            definition = cast("FeatureView", view.definition)
            errors += _key_errors(view, definition, names)
            errors += _static_errors(view, definition, names)
    return errors


def name_of(value: Any) -> str:
    """The name that a reference gives, as a text or as an object; empty where that is no name."""
    found = value if isinstance(value, str) else getattr(value, "name", "")
    return found if isinstance(found, str) and _NAME.fullmatch(found) else ""


def _entity_names(view: Declared) -> list[str]:
    written = view.fields.get("entities", ())
    return [name_of(each) for each in written] if isinstance(written, (list, tuple)) else []


def _static_errors(view: Declared, definition: FeatureView, names: Names) -> list[DefinitionError]:
    source: FileSource | None = names.definition("source", definition.source)
    if source is None or not source.is_static or definition.ttl is None:
        return []
    return [
        DefinitionError(
            "FC117",
            f'view "{view.name}" has a ttl, but the rows of source "{source.name}" have no time',
            location=view.places.value("ttl"),
            notes=[f'event_timestamp of "{source.name}" is none: its rows hold at all times'],
            help=["write ttl: none"],
        )
    ]


def _key_errors(view: Declared, definition: FeatureView, names: Names) -> list[DefinitionError]:
    """FC115: join keys that clash with each other, and features that are named like one."""
    errors: list[DefinitionError] = []
    seen: dict[str, tuple[str, str, str]] = {}
    for index, name in enumerate(definition.entities):
        entity: Entity | None = names.definition("entity", name)
        for key, kind in entity.join_keys.items() if entity else ():
            other = seen.setdefault(key.lower(), (key, kind, name))
            if other[:2] != (key, kind):
                at = view.places.value("entities", str(index))
                errors.append(_clashing_keys(view, (key, kind, name), other, at))
    for feature in definition.features:
        if feature.lower() in seen:
            key, _, entity_name = seen[feature.lower()]
            errors.append(
                DefinitionError(
                    "FC115",
                    f'feature "{feature}" of view "{view.name}" is named like a join key',
                    location=view.places.key("features", feature),
                    notes=[f'"{key}" is a join key of entity "{entity_name}"'],
                )
            )
    return errors


def _clashing_keys(
    view: Declared, key: tuple[str, str, str], other: tuple[str, str, str], at: Location
) -> DefinitionError:
    how = "of different types" if key[0] == other[0] else "that differ only in case"
    return DefinitionError(
        "FC115",
        f'entities "{other[2]}" and "{key[2]}" of view "{view.name}" have join keys {how}',
        location=at,
        notes=[f'entity "{entity}": {name} {kind}' for name, kind, entity in (other, key)],
    )
