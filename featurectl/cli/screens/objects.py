"""The screens and documents of ``ls`` and ``show``: what is applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurectl.cli.figures import plural
from featurectl.cli.paint import paint, readable
from featurectl.cli.table import fitting_table, table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from featurectl.definitions.snapshot import Applied, Snapshot

_LONG = 60


def list_screen(objects: Sequence[Applied], *, columns: int | None = None) -> list[str]:
    """One line per object; ``columns`` is the width that there is."""
    rows = [
        [
            item.kind,
            paint(item.name, "bold"),
            readable(_ABOUT[item.kind](item.document)),
            readable(item.document["owner"]) or "-",
            _tags(item.document) or "-",
        ]
        for item in objects
    ]
    return fitting_table(
        rows,
        header=("KIND", "NAME", "ABOUT", "OWNER", "TAGS"),
        columns=columns,
        optional=("TAGS", "OWNER"),
    )


def list_document(objects: Sequence[Applied], snapshot: Snapshot) -> dict[str, Any]:
    """``featurectl.objects/1``: the canonical documents with kind, serial and fingerprint."""
    return {
        "format": "featurectl.objects/1",
        "env": snapshot.env,
        "serial": snapshot.serial,
        "objects": [
            {
                "kind": item.kind,
                "name": item.name,
                "serial": item.serial,
                "fingerprint": item.fingerprint,
                "definition": item.document,
            }
            for item in objects
        ],
    }


def show_screen(item: Applied, snapshot: Snapshot) -> list[str]:
    """One object in full."""
    document = item.document
    facts = [
        ("description", readable(document["description"])),
        ("owner", readable(document["owner"])),
        ("tags", _tags(document)),
        *_DETAILS[item.kind](document, snapshot),
        ("used by", ", ".join(consumers(item.kind, item.name, snapshot)) or "nothing"),
        ("applied", f"since serial {item.serial}"),
    ]
    if item.kind == "service":
        facts = [fact for fact in facts if fact[0] != "used by"]
    head = f"{item.kind} {paint(item.name, 'bold')}"
    shown = [[name, text] for name, text in facts if text]
    return [head, *table(shown), *_members(item, snapshot)]


def consumers(kind: str, name: str, snapshot: Snapshot) -> list[str]:
    """What refers to an object, as ``kind name``."""
    views, services = snapshot.documents("view"), snapshot.documents("service")
    if kind == "entity":
        return [f"view {view}" for view, document in views.items() if name in document["entities"]]
    if kind == "source":
        return [f"view {view}" for view, document in views.items() if document["source"] == name]
    return [
        f"service {service}"
        for service, document in services.items()
        if any(ref["view"] == name for ref in document["features"])
    ]


def _join_keys_text(document: Mapping[str, Any]) -> str:
    """``driver_id: int64``."""
    return ", ".join(f"{key['name']}: {key['type']}" for key in document["join_keys"])


def _tags(document: Mapping[str, Any]) -> str:
    return ", ".join(readable(f"{key}={value}") for key, value in document["tags"].items())


def _source_about(document: Mapping[str, Any]) -> str:
    return f"{document['path']}, {document['event_timestamp'] or 'static'}"


def _view_about(document: Mapping[str, Any]) -> str:
    keys = ", ".join(document["entities"]) or "no entity"
    return f"{plural(len(document['features']), 'feature')} of {keys}, ttl {document['ttl']}"


def _service_about(document: Mapping[str, Any]) -> str:
    views = list(dict.fromkeys(ref["as"] or ref["view"] for ref in document["features"]))
    number = sum(len(ref["features"] or ()) for ref in document["features"])
    text = f"{plural(number, 'feature')} of {', '.join(views)}"
    return text if len(text) <= _LONG else f"{plural(number, 'feature')} of {len(views)} views"


def _entity_details(document: Mapping[str, Any], _snapshot: Snapshot) -> list[tuple[str, str]]:
    return [("join keys", _join_keys_text(document))]


def _source_details(document: Mapping[str, Any], _snapshot: Snapshot) -> list[tuple[str, str]]:
    renamed = ", ".join(f"{old} -> {new}" for old, new in document["columns"].items())
    return [
        ("path", readable(document["path"])),
        ("format", document["format"] or ""),
        ("event time", readable(document["event_timestamp"] or "none: its rows hold at all times")),
        ("created time", readable(document["created_timestamp"] or "")),
        ("renamed", readable(renamed)),
    ]


def _view_details(document: Mapping[str, Any], snapshot: Snapshot) -> list[tuple[str, str]]:
    entities = snapshot.documents("entity")
    keys = [f"{name} ({_join_keys_text(entities[name])})" for name in document["entities"]]
    binding = snapshot.bindings.get(document["name"])
    return [
        ("entities", ", ".join(keys) or "none: one row for all"),
        ("source", document["source"]),
        ("ttl", document["ttl"]),
        ("schedule", document["schedule"] or ""),
        ("lookback", document["lookback"] or ""),
        ("known at", "joined on the created time too" if document["known_at"] else ""),
        ("on stale", document["on_stale"]),
        ("online", _online(binding) if document["online"] else "no"),
        ("protected", "prevent_destroy" if document["prevent_destroy"] else ""),
    ]


def _online(binding: Any) -> str:
    if binding is None:
        return "yes"
    filling = f", {binding.fill.id} is being filled" if binding.fill else ""
    return f"yes, as {binding.read.id}{filling}"


def _service_details(document: Mapping[str, Any], _snapshot: Snapshot) -> list[tuple[str, str]]:
    return [("names", "view__feature" if document["full_names"] else "feature")]


def _members(item: Applied, snapshot: Snapshot) -> list[str]:
    if item.kind == "view":
        rows = [
            [feature["name"], feature["type"], readable(feature["description"])]
            for feature in item.document["features"]
        ]
        return ["", *table(rows, header=("FEATURE", "TYPE", "DESCRIPTION"))]
    if item.kind == "service":
        types = {
            (view, feature["name"]): feature["type"]
            for view, document in snapshot.documents("view").items()
            for feature in document["features"]
        }
        return ["", *_columns(item.document, types)]
    return []


def _columns(document: Mapping[str, Any], types: Mapping[tuple[str, str], str]) -> list[str]:
    """The columns of a service, under the reference that gives them."""
    groups = [
        [(_column(document, ref, name), types.get((ref["view"], name), "?")) for name in features]
        for ref in document["features"]
        for features in [ref["features"] or ()]
    ]
    longest = max((len(column) for group in groups for column, _ in group), default=0)
    lines = []
    for ref, group in zip(document["features"], groups, strict=True):
        lines.append(f"  {paint(_use_text(ref), 'bold')}")
        lines += [f"    {column:<{longest}}  {kind}" for column, kind in group]
    return lines


def _column(document: Mapping[str, Any], ref: Mapping[str, Any], feature: str) -> str:
    return f"{ref['as'] or ref['view']}__{feature}" if document["full_names"] else feature


def _use_text(ref: Mapping[str, Any]) -> str:
    alias = f" as {ref['as']}" if ref["as"] else ""
    keys = ", ".join(f"{key} = {column}" for key, column in ref["join_keys"].items())
    return f"{ref['view']}{alias}{f' ({keys})' if keys else ''}"


_ABOUT: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "entity": _join_keys_text,
    "source": _source_about,
    "view": _view_about,
    "service": _service_about,
}
_DETAILS: dict[str, Callable[[Mapping[str, Any], Snapshot], list[tuple[str, str]]]] = {
    "entity": _entity_details,
    "source": _source_details,
    "view": _view_details,
    "service": _service_details,
}
