"""In what two training sets were made differently: definitions, sources, entities, request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from featurectl.flows.input_check import changed_fields, shown_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Difference:
    """One thing that differs; ``subject`` is what the manifest calls it."""

    subject: str
    text: str

    def document(self) -> dict[str, str]:
        """The JSON form."""
        return {"subject": self.subject, "text": self.text}


def manifest_differences(
    ours: Mapping[str, Any], theirs: Mapping[str, Any]
) -> Iterator[Difference]:
    """What differs between two manifests, but for the rows themselves."""
    yield from _definitions(ours["definitions"], theirs["definitions"])
    yield from _sources(ours["sources"], theirs["sources"])
    if ours["entities"]["sha256"] != theirs["entities"]["sha256"]:
        counts = [f"{each['entities']['rows']:,}" for each in (ours, theirs)]
        rows = f"{counts[0]} rows" if counts[0] == counts[1] else f"{' -> '.join(counts)} rows"
        yield Difference("entities", f"other rows: {rows}")
    yield from _fields("request", ours["request"], theirs["request"])
    yield from _part(ours.get("part"), theirs.get("part"))
    yield from _fields("registry", ours["registry"], theirs["registry"])
    for name in ("project", "env"):
        if ours[name] != theirs[name]:
            yield Difference(name, f"{ours[name]} -> {theirs[name]}")
    yield from _fields("git", ours["git"] or {}, theirs["git"] or {})
    yield from _fields("versions", ours["versions"], theirs["versions"])


def _definitions(ours: Any, theirs: Any) -> Iterator[Difference]:
    before = {(each["kind"], each["name"]): each for each in ours}
    after = {(each["kind"], each["name"]): each for each in theirs}
    for kind, name in sorted({*before, *after}):
        one, other = before.get((kind, name)), after.get((kind, name))
        if one is None or other is None:
            word = "only in the second" if one is None else "only in the first"
            yield Difference("definitions", f"{kind} {name}: {word}")
        elif one["fingerprint"] != other["fingerprint"]:
            fields = changed_fields(one["document"], other["document"])
            told = ", ".join(text for _, text in fields) or "changed"
            yield Difference("definitions", f"{kind} {name}: {told}")


def _sources(ours: Any, theirs: Any) -> Iterator[Difference]:
    before = {each["name"]: {file["path"]: file for file in each["files"]} for each in ours}
    after = {each["name"]: {file["path"]: file for file in each["files"]} for each in theirs}
    for name in sorted(before.keys() & after.keys()):
        one, other = before[name], after[name]
        parts = [
            (
                "changed",
                [path for path in one if path in other and _differ(one[path], other[path])],
            ),
            ("gone", [path for path in one if path not in other]),
            ("new", [path for path in other if path not in one]),
        ]
        told = ", ".join(f"{len(paths):,} {word}" for word, paths in parts if paths)
        if told:
            yield Difference("sources", f"{name}: {told} of {len(one):,} files")


def _differ(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return any(one[key] != other[key] for key in one.keys() & other.keys() if key != "path")


def _part(ours: Mapping[str, Any] | None, theirs: Mapping[str, Any] | None) -> Iterator[Difference]:
    """Which part of a split each is; how it was split is part of the request."""
    names = [part["name"] if part else "the whole" for part in (ours, theirs)]
    if names[0] != names[1]:
        yield Difference("part", f"{names[0]} -> {names[1]}")


def _fields(
    subject: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]
) -> Iterator[Difference]:
    for key in sorted({*ours, *theirs}):
        one, other = ours.get(key), theirs.get(key)
        if one != other:
            told = [" ".join(shown_value(value).split()) for value in (one, other)]  # SQL has lines
            yield Difference(subject, f"{key} {told[0]} -> {told[1]}")
