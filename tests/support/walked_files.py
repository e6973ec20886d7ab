"""The files of a walk: views of one file each, and one edit of them after another. Pure.

Each value is met once in the files that views read, so that it tells where it is from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from featurectl.definitions.entity import Entity
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import Feature, FeatureView

DRIVER = Entity("driver", join_keys={"id": "int64"})
PATHS = ("a", "b", "static")  # the last has no times: it is replaced, not appended to
COLUMNS = ("x", "y", "z")
NAMES = ("p", "q", "r", "t")
VIEWS = ("u", "v", "w", "k")
TTLS = ("none", "2d", "4d", "20d")
SOURCES = ("s1", "s2", "s3", "s4")
MOST_VIEWS = 3
EDITS = (
    *("create", "destroy", "rename", "path", "path", "ttl", "online"),
    *("rename feature", "rename feature", "remove", "add", "retype"),
)
_TIMES = {"event_timestamp": "at", "created_timestamp": "known"}


@dataclass(frozen=True)
class Row:
    key: int
    event_us: int
    created_us: int
    number: int

    def value(self, path: str, column: str) -> int:
        """What stands in a column: in no other file, column or row."""
        return PATHS.index(path) * 100_000_000 + COLUMNS.index(column) * 1_000_000 + self.number


@dataclass(frozen=True)
class Column:
    """A feature: the column it is read from, its type, and what it was called before."""

    column: str
    kind: str = "int64"
    was: str | None = None


@dataclass(frozen=True)
class Described:
    """A view as the files describe it; ``source`` stays when it is renamed."""

    source: str
    features: dict[str, Column]
    path: str = "a"
    ttl: str = "none"
    online: bool = True
    was: str | None = None

    def definitions(self, name: str) -> tuple[FileSource, FeatureView]:
        is_static = self.path == "static"
        times = {"event_timestamp": "none"} if is_static else _TIMES
        source = FileSource(
            self.source,
            path=f"{self.path}.parquet",
            columns={part.column: feature for feature, part in self.features.items()},
            **times,
        )
        features = {
            feature: Feature(part.kind, renamed_from=part.was)
            for feature, part in self.features.items()
        }
        ttl = "none" if is_static else self.ttl
        return source, FeatureView(
            name,
            entities=["driver"],
            source=self.source,
            ttl=ttl,
            features=features,
            online=self.online,
            renamed_from=self.was,
        )


Files = dict[str, Described]


def edited(files: Files, one: int, other: int) -> Files:
    """The files with one change, which the numbers choose."""
    name = sorted(files)[one % len(files)] if files else ""
    what = EDITS[other % len(EDITS)]
    if not name or what == "create":
        return _created(files, one)
    if what == "destroy":
        return {each: view for each, view in files.items() if each != name}
    if what == "rename":
        return _renamed(files, name, one)
    return {**files, name: _view_edited(files[name], what, one)}


def _created(files: Files, one: int) -> Files:
    free = [name for name in VIEWS if name not in files]
    if len(files) >= MOST_VIEWS:
        return files
    sources = {view.source for view in files.values()}
    source = next(name for name in SOURCES if name not in sources)
    features = {"p": Column("x"), "q": Column("y")}
    return {**files, free[one % len(free)]: Described(source, features)}


def _renamed(files: Files, name: str, one: int) -> Files:
    free = [each for each in VIEWS if each not in files]
    rest = {each: view for each, view in files.items() if each != name}
    return {**rest, free[one % len(free)]: replace(files[name], was=name)}


def _view_edited(view: Described, what: str, one: int) -> Described:
    if what == "path":
        return replace(view, path=PATHS[(PATHS.index(view.path) + 1 + one % 2) % 3])
    if what == "ttl":
        return replace(view, ttl=TTLS[one % 4])
    if what == "online":
        return replace(view, online=not view.online)
    return replace(view, features=_features_edited(view.features, what, one))


def _features_edited(features: dict[str, Column], what: str, one: int) -> dict[str, Column]:
    """With one feature renamed, added or removed where that is possible, else of another type."""
    name = sorted(features)[one % len(features)]
    part = features[name]
    rest = {each: other for each, other in features.items() if each != name}
    free = [each for each in NAMES if each not in features]
    read = {each.column for each in features.values()}
    unread = [column for column in COLUMNS if column not in read]
    if what == "rename feature" and free:
        return {**rest, free[one % len(free)]: replace(part, was=name)}
    if what == "remove" and rest:
        return rest
    if what == "add" and free and unread:
        return {**features, free[one % len(free)]: Column(unread[one % len(unread)])}
    kind = "int32" if part.kind == "int64" else "int64"
    return {**rest, name: replace(part, kind=kind)}
