"""The fields in which two definitions of one kind differ, old and new, not yet classified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurectl.definitions.decode import CLASSES
from featurectl.plan.plan import FieldChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from featurectl.definitions.definition import Document

_OWN = ("name", "features", "join_keys", "event_timestamp")  # compared in a way of their own
_BY_KEY = ("tags", "columns")  # mappings whose entries are compared one by one


def entity_fields(old: Document, new: Document) -> list[FieldChange]:
    """The differences of two entity documents; ``old`` is empty for a new one."""
    before, after = _typed(old), _typed(new)
    keys = [FieldChange("join_keys", before, after)] if before != after else []
    return keys + list(_plain("entity", old, new))


def source_fields(old: Document, new: Document) -> list[FieldChange]:
    """The differences of two source documents; an event time that isn't there is ``none``."""
    before = (old["event_timestamp"] or "none") if old else None
    after = new["event_timestamp"] or "none"
    times = [FieldChange("event_timestamp", before, after)] if before != after else []
    return times + list(_plain("source", old, new))


def view_fields(old: Document, new: Document, renamed: Mapping[str, str]) -> list[FieldChange]:
    """The differences of two view documents; ``renamed`` has features from new to old name."""
    name = [FieldChange("name", old["name"], new["name"])] if _is_renamed(old, new) else []
    return name + list(_plain("view", old, new)) + list(_features(old, new, renamed))


def service_fields(
    old: Document | None, new: Document, before: Mapping[str, str], after: Mapping[str, str]
) -> list[FieldChange]:
    """The differences of two services.

    ``before`` and ``after`` map their columns (``label:feature``, in the terms of the new names) to
    what each reads, in order.
    """
    found = list(_plain("service", old or {}, new))
    found += [
        FieldChange(f"features.{column}", text, after.get(column))
        for column, text in before.items()
        if after.get(column) != text
    ]
    found += [
        FieldChange(f"features.{column}", None, text)
        for column, text in after.items()
        if column not in before
    ]
    return found + _order(list(before), list(after))


def _plain(kind: str, old: Document, new: Document) -> Iterator[FieldChange]:
    """Fields that are one value, and mappings by their keys; of a new object what is no default."""
    for path, value in new.items():
        if path in _OWN:
            continue
        before = old.get(path)
        if path in _BY_KEY:
            yield from _entries(path, before or {}, value)
        elif before != value and (old or not _is_default(kind, path, value)):
            yield FieldChange(path, before, value)


def _is_default(kind: str, path: str, value: Any) -> bool:
    default = CLASSES[kind].model_fields[path].default
    return bool(value == (list(default) if isinstance(default, tuple) else default))


def _entries(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[FieldChange]:
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            yield FieldChange(f"{path}.{key}", old.get(key), new.get(key))


def _features(old: Document, new: Document, renamed: Mapping[str, str]) -> Iterator[FieldChange]:
    before = {part["name"]: part for part in old.get("features", ())}
    after = {part["name"]: part for part in new["features"]}
    was = {name: renamed.get(name, name) for name in after}
    for name, part in after.items():
        yield from _feature(name, before.get(was[name]), part)
    for name in before:
        if name not in was.values():
            yield FieldChange(f"features.{name}", before[name]["type"], None)
    now = {old_name: name for name, old_name in was.items()}
    yield from _order([now[name] for name in before if name in now], list(after))


def _feature(name: str, old: Document | None, new: Document) -> Iterator[FieldChange]:
    path = f"features.{name}"
    if old is None:
        yield FieldChange(path, None, new["type"])
        old = {"type": new["type"]}
    elif old["name"] != name:
        yield FieldChange(f"{path}.name", old["name"], name)
    if old["type"] != new["type"]:
        yield FieldChange(f"{path}.type", old["type"], new["type"])
    if repr(old.get("default")) != repr(new["default"]):  # -0.0 == 0.0, but it is another default
        yield FieldChange(f"{path}.default", old.get("default"), new["default"])
    if old.get("description", "") != new["description"]:
        yield FieldChange(f"{path}.description", old.get("description"), new["description"])
    yield from _entries(f"{path}.tags", old.get("tags", {}), new["tags"])


def _order(old: Sequence[str], new: Sequence[str]) -> list[FieldChange]:
    """A change of ``features`` when those that stay come in another order."""
    stay = set(old) & set(new)
    before, after = [n for n in old if n in stay], [n for n in new if n in stay]
    return [] if before == after else [FieldChange("features", before, after)]


def _typed(document: Document) -> list[str] | None:
    keys = document.get("join_keys")
    return None if keys is None else [f"{key['name']}: {key['type']}" for key in keys]


def _is_renamed(old: Document, new: Document) -> bool:
    return bool(old) and old["name"] != new["name"]
