"""What the rows of a view are made of, and in what two definitions of it differ there.

Two views of equal origin have equal rows, whatever the sources and entities are called. Where the
origin differs, the rows that are in the online store are of another view, and are made again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.source import Source
    from featurectl.definitions.view import FeatureView


class Difference(NamedTuple):
    """A reason why rows differ, and the source or entity that it comes from."""

    kind: str
    name: str
    text: str


@dataclass(frozen=True)
class Origin:
    """The data that a view reads: where, which columns say when, which are keys and features.

    ``keys`` and ``features`` map names to the source's own columns, ``key_types`` join keys to
    types. A feature's type is no part of it: the view says it itself.
    """

    source: str
    data: Mapping[str, str | None]
    entities: Mapping[str, str]
    key_types: Mapping[str, str]
    keys: Mapping[str, str]
    features: Mapping[str, str]


def origin(repository: Repository, view: FeatureView) -> Origin:
    """What the rows of ``view`` are made of."""
    source = repository.sources[view.source]
    key_types = repository.join_keys(view)
    return Origin(
        view.source,
        {
            "path": source.path,
            "format": source.file_format,
            "event_timestamp": source.event_timestamp or "none",
            "created_timestamp": source.created_timestamp or "none",
        },
        {key: name for name in view.entities for key in repository.entities[name].join_keys},
        key_types,
        {key: column_of(source, key) for key in key_types},
        {name: column_of(source, name) for name in view.features},
    )


def differences(old: Origin, new: Origin, renamed: Mapping[str, str]) -> list[Difference]:
    """Why the rows of a view differ: empty when they don't.

    ``renamed`` has the view's features from new to old name: a renamed feature is the same one,
    whatever the column of the source is called now.
    """
    return [*_keys(old, new), *_data(old, new), *_columns(old, new, renamed)]


def column_of(source: Source, name: str) -> str:
    """The source's own column that a join key or feature is read from."""
    return next((column for column, to in source.columns.items() if to == name), name)


def _keys(old: Origin, new: Origin) -> Iterator[Difference]:
    for key in sorted({*old.key_types, *new.key_types}):
        before, after = old.key_types.get(key), new.key_types.get(key)
        if before != after:
            entity = new.entities.get(key) or old.entities[key]
            yield Difference("entity", entity, f"join key {key} {_became(before, after)}")


def _data(old: Origin, new: Origin) -> Iterator[Difference]:
    for field, after in new.data.items():
        if old.data[field] != after:
            yield Difference("source", new.source, f"{field} {old.data[field]} -> {after}")


def _columns(old: Origin, new: Origin, renamed: Mapping[str, str]) -> Iterator[Difference]:
    pairs = [(key, old.keys[key], new.keys[key]) for key in new.keys if key in old.keys]
    pairs += [
        (name, old.features[name], column)
        for name, column in new.features.items()
        if name in old.features and name not in renamed
    ]
    for name, before, after in pairs:
        if before != after:
            text = f"{name} is read from {after}, not {before}"
            yield Difference("source", new.source, text)


def _became(before: str | None, after: str | None) -> str:
    if before is None:
        return "is new"
    return "is gone" if after is None else f"{before} -> {after}"
