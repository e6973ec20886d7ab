"""What a manifest has to look like: who reads one relies on this, whoever has sealed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from featurectl.definitions.decode import decode
from featurectl.definitions.instant import parse_instant
from featurectl.flows.asked import read_asked
from featurectl.flows.dataset_manifest import read_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

_COLUMN = {"name": str, "type": str, "sha256": str}
_REQUEST: Final[dict[str, Any]] = {
    **dict.fromkeys(("?entities", "?sql", "?service", "?split", "?split_by"), str),
    **dict.fromkeys(("?full_names", "?known_at", "?as_served", "?from_files", "?prove"), bool),
    **dict.fromkeys(("?sample", "?seed"), int),
    "event_timestamp": str,
    "?features": [(str, dict)],
    "?start": (str, int),
    "?end": (str, int),
    "?at": (str, int),
}
_VIEW = {
    "view": str,
    "as": str,
    **dict.fromkeys(("matched", "expired", "no_row", "created_later"), int),
    "features": {...: {"nulls": int}},
}
_FILE = {
    "path": str,
    "size_bytes": int,
    **dict.fromkeys(("?footer_sha256", "?ends_sha256", "?sha256"), str),
}
SHAPE: Final[dict[str, Any]] = {
    **dict.fromkeys(("made_at", "by", "project", "env"), str),
    "registry": {"lineage": str, "serial": int},
    "git": ({"commit": str, "dirty": bool}, type(None)),
    "request": _REQUEST,
    "definitions": [{"kind": str, "name": str, "fingerprint": str, "document": dict}],
    "features": [{"column": str, "view": str, "as": str, "feature": str}],
    "sources": [{"name": str, "files": [_FILE]}],
    "entities": {"from": str, "keys": [str], "sha256": str, "rows": int, "columns": [_COLUMN]},
    "sql": [str],
    "versions": {...: str},
    "?part": dict,
    "report": {"rows": int, "views": [_VIEW]},
    "result": {"kind": str, "sha256": str, "rows": int, "columns": [_COLUMN], "schema": str},
    "?file": {"name": str, "size_bytes": int},
}


def check_manifest(document: Mapping[str, Any]) -> None:
    """Refuse a document that lacks a part, or has one of another kind; more than that may be there.

    Raises:
        ValueError: which, or what a definition in it lacks.
        KeyError, TypeError, ArrowException: of a definition or schema that is none.
    """
    _check(document, SHAPE, "it")
    read_asked(document["request"])
    read_schema(document["result"]["schema"])
    parse_instant(document["made_at"])
    known = {(each["kind"], each["name"]) for each in document["definitions"]}
    needed = {("source", each["name"]) for each in document["sources"]}
    for each in document["definitions"]:
        found: Any = decode(each["kind"], each["document"])
        if found.name != each["name"]:
            raise ValueError(f"{each['name']} is called {found.name}")
        if each["kind"] == "view":
            needed |= {("source", found.source), *(("entity", name) for name in found.entities)}
    service = document["request"].get("service")
    needed |= {("view", each["view"]) for each in document["features"]}
    needed |= {("service", service)} if service else set()
    for kind, name in sorted(needed - known):
        raise ValueError(f"{kind} {name} is missing")


def _check(value: Any, shape: Any, place: str) -> None:
    if isinstance(shape, tuple):
        if not any(_fits(value, each) for each in shape):
            raise ValueError(f"{place} is of another kind")
        shape = next(each for each in shape if _fits(value, each))
    elif not _fits(value, shape):
        raise ValueError(f"{place} is of another kind")
    if isinstance(shape, list):
        for number, item in enumerate(value):
            _check(item, shape[0], f"{place}[{number}]")
    elif isinstance(shape, dict):
        _check_keys(value, shape, place)


def _check_keys(value: Mapping[str, Any], shape: Mapping[Any, Any], place: str) -> None:
    if ... in shape:
        for key, item in value.items():
            _check(item, shape[...], f"{place}.{key}")
        return
    for key, part in shape.items():
        name = key.removeprefix("?")
        if name in value:
            _check(value[name], part, name)
        elif name == key:
            raise ValueError(f"{place} has no {name}")


def _fits(value: Any, shape: Any) -> bool:
    if isinstance(shape, type):
        return isinstance(value, shape) and (shape is bool or not isinstance(value, bool))
    return isinstance(value, type(shape))
