"""The kinds of definitions: their sections in YAML, their classes, and how messages name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.definitions.acknowledgement import Acknowledgement
from featurectl.definitions.decode import CLASSES
from featurectl.definitions.service import FeatureService, ViewRef
from featurectl.definitions.view import Feature, FeatureView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.definitions.definition import Definition, Part

SECTIONS = {
    "entities": "entity",
    "sources": "source",
    "feature_views": "view",
    "feature_services": "service",
    "acknowledge": "acknowledge",
}
# What a section's items are read by: the kinds of definitions, and lines that are none.
FORMS: dict[str, type[Definition | Acknowledgement]] = {
    **CLASSES,
    "acknowledge": Acknowledgement,
}
SECTIONS_NOT_YET = ("on_demand_features", "tests")
KEYS_NOT_YET = {"source": ("sql",), "view": ("every", "aggregations")}
CLASS_NAMES = [*(cls.__name__ for cls in CLASSES.values()), "Feature", "ViewRef", "acknowledge"]
PLURALS = {"entity": "entities", "source": "sources", "view": "views", "service": "services"}
ARTICLES = {
    "entity": "an entity",
    "source": "a source",
    "view": "a view",
    "service": "a service",
    "acknowledge": "an acknowledgement",
}

_WORDS = {"features": "feature", "join_keys": "join key", "tags": "tag", "columns": "column"}

# What to write behind a key, for who has left it out or written something of another shape.
HINTS = {
    ("entity", "join_keys"): "join_keys: {user_id: int64}",
    ("source", "path"): "path: FILE, a glob or a folder",
    ("source", "event_timestamp"): "event_timestamp: COLUMN, or none for a table without time",
    ("source", "columns"): "columns: {COLUMN: NAME}",
    ("view", "entities"): "entities: [NAME]",
    ("view", "source"): "source: NAME",
    ("view", "ttl"): "ttl: 24h, or ttl: none for values that never expire",
    ("view", "features"): "features: {NAME: TYPE}",
    ("service", "features"): "features: [VIEW:FEATURE]",
    ("acknowledge", "change"): "change: the class that the plan says: narrowing, breaking, destroy",
    ("acknowledge", "reason"): "reason: why it is on purpose",
}


HINTS_IN_PYTHON = {
    ("entity", "join_keys"): 'join_keys={"user_id": "int64"}',
    ("source", "path"): 'path="FILE", a glob or a folder',
    ("source", "event_timestamp"): 'event_timestamp="COLUMN", or None for a table without time',
    ("source", "columns"): 'columns={"COLUMN": "NAME"}',
    ("view", "entities"): "entities=[ENTITY]",
    ("view", "source"): "source=SOURCE",
    ("view", "ttl"): 'ttl="24h", or ttl="none" for values that never expire',
    ("view", "features"): 'features={"NAME": "TYPE"}',
    ("service", "features"): 'features=["VIEW:FEATURE"]',
    ("acknowledge", "change"): 'change="CLASS", as the plan says: narrowing, breaking, destroy',
    ("acknowledge", "reason"): 'reason="why it is on purpose"',
}


def keys_of(cls: type[Part]) -> list[str]:
    """The keys of a part as YAML writes them."""
    return [field.alias or name for name, field in cls.model_fields.items()]


def called(cls: type[Part]) -> str:
    """What a Python file calls to construct one."""
    return "acknowledge" if cls is Acknowledgement else cls.__name__


def part_at(cls: type[Part], path: Sequence[str]) -> tuple[type[Part], str]:
    """The class of the part that a path inside of ``cls`` is in, and how messages name it."""
    if cls is FeatureView and len(path) > 1 and path[0] == "features":
        return Feature, "a feature"
    if cls is FeatureService and len(path) > 1 and path[0] == "features":
        return ViewRef, "a reference"
    if cls is Feature:
        return cls, "a feature"
    if cls is ViewRef:
        return cls, "a reference"
    kind = next(kind for kind, found in FORMS.items() if issubclass(cls, found))
    return cls, ARTICLES[kind]


def subject(kind: str, name: str, path: Sequence[str] = ()) -> str:
    """How messages name what is at a path: ``ttl of view "weather"``.

    >>> subject("view", "weather", ("features", "wind", "type"))
    'feature "wind" of view "weather"'
    """
    whole = f'{kind} "{name}"' if name else ARTICLES.get(kind, kind)
    return " of ".join([*reversed(_phrases(kind, list(path))), whole])


def _phrases(kind: str, path: list[str]) -> list[str]:
    """What a path leads through, outermost first: ``['reference 1', 'features']``."""
    if len(path) <= 1:
        return path
    field, item, *inner = path
    if item.isdigit() and field in ("entities", "features"):
        number = int(item) + 1
        phrase = f"reference {number}" if kind == "service" else f"item {number} of {field}"
    else:
        phrase = f'{_WORDS.get(field, field)} "{item}"'
    return [phrase] if inner == ["type"] else [phrase, *_phrases("", inner)]
