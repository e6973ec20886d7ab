"""Whether the inputs of a training set are what they were: definitions, source files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from featurectl.definitions.decode import decode
from featurectl.errors import FeaturectlError, SourceError
from featurectl.flows.dataset_manifest import relative
from featurectl.offline.file_hash import ALL, hash_files
from featurectl.offline.files import source_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from featurectl.definitions.snapshot import Snapshot
    from featurectl.offline.file_hash import HashedFile
    from featurectl.offline.protocol import SourceFile

SAME, DIFFERS, UNKNOWN, NOTE = "same", "differs", "unknown", "note"
_TOLD = {"description", "owner", "tags"}  # what does not reach a value


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, and how it is.

    Args:
        subject: what: ``file``, ``lock``, ``definitions``, ``source``, ``entities``, ``git``,
            ``versions``, ``repeat``.
        state: ``same``, ``differs``, ``unknown`` (can't be told), or ``note`` (worth knowing).
        text: how it is, in one line.
        details: what differs, a line each.
        name: of the object or source, where there are several.
        facts: the same for machines.
    """

    subject: str
    state: str
    text: str
    details: tuple[str, ...] = ()
    name: str = ""
    facts: Mapping[str, Any] | None = None

    def document(self) -> dict[str, Any]:
        """The JSON form."""
        named = {"name": self.name} if self.name else {}
        facts = dict(self.facts) if self.facts else {}
        return {
            "subject": self.subject,
            **named,
            "state": self.state,
            "text": self.text,
            "details": list(self.details),
            **facts,
        }


def check_definitions(manifest: Mapping[str, Any], now: Snapshot) -> Iterator[Check]:
    """Each definition that was used, as it was and as it is in ``now``; one check for all."""
    if manifest["project"] != now.project:
        yield Check(
            "definitions",
            DIFFERS,
            f"this is project {now.project}; the rows are of project {manifest['project']}",
        )
        return
    if not now.objects:
        text = f"nothing is applied in env {now.env}: those of the manifest are taken"
        yield Check("definitions", UNKNOWN, text)
        return
    changed: list[str] = []
    told: list[str] = []
    for each in manifest["definitions"]:
        found = now.objects.get((each["kind"], each["name"]))
        title = f"{each['kind']} {each['name']}"
        if found is None:
            changed.append(f"{title} is gone")
        elif found.fingerprint != each["fingerprint"]:
            fields = changed_fields(each["document"], found.document)
            data = [text for name, text in fields if name not in _TOLD]
            if data or not fields:
                changed.append(f"{title}: {', '.join(data) or 'changed'}")
            else:
                told.append(f"{title}: {', '.join(text for _, text in fields)}")
    count = len(manifest["definitions"])
    if changed:
        text = f"{len(changed)} of {count} changed{_since(manifest['registry'], now)}"
        yield Check("definitions", DIFFERS, text, (*changed, *told))
    elif told:
        yield Check("definitions", SAME, "only what is said of them changed", tuple(told))
    else:
        yield Check("definitions", SAME, f"all {count} as they were")


def _since(then: Mapping[str, Any], now: Snapshot) -> str:
    if then["lineage"] != now.lineage or not now.serial:
        return ""
    return f" since serial {then['serial']}, now {now.serial}"


def changed_fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What differs, as pairs of the field's own name and a text such as ``ttl 1d -> 2d``."""
    before, after = dict(_leaves(old, "")), dict(_leaves(new, ""))
    return [
        (
            path.rpartition(".")[2],
            f"{path} {shown_value(before.get(path))} -> {shown_value(after.get(path))}",
        )
        for path in dict.fromkeys([*before, *after])
        if before.get(path) != after.get(path)
    ] or ([("", "the order of its parts")] if dict(old) != dict(new) else [])


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value and not path.endswith("tags"):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, (list, tuple)) and value and isinstance(value[0], dict):
        for item in value:
            name = item.get("name") or item.get("as") or item.get("view")
            yield f"{path}.{name}", "there"
            rest = {key: part for key, part in item.items() if key != "name"}
            yield from _leaves(rest, f"{path}.{name}")
    else:
        yield path, value


def shown_value(value: Any) -> str:
    """A value of a definition or a request, in one line, as YAML would have it."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(shown_value, value))}]"
    if isinstance(value, dict) and value:
        return f"{{{', '.join(f'{key}: {shown_value(item)}' for key, item in value.items())}}}"
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value in (None, "", {}) else str(value)


def check_sources(manifest: Mapping[str, Any], data_root: Path, *, full: bool) -> Iterator[Check]:
    """The files of each source, as they were and as they are.

    ``full`` compares every byte, where the manifest has the digest of every byte.
    """
    documents = {
        each["name"]: each["document"]
        for each in manifest["definitions"]
        if each["kind"] == "source"
    }
    for source in manifest["sources"]:
        name = source["name"]
        try:
            yield _source(name, documents[name], source["files"], data_root, full=full)
        except FeaturectlError as error:
            yield Check("source", DIFFERS, error.message, name=name)


def _source(
    name: str,
    document: Mapping[str, Any],
    then: Sequence[Mapping[str, Any]],
    data_root: Path,
    *,
    full: bool,
) -> Check:
    root = str(data_root.resolve())
    source: Any = decode("source", document)
    try:
        files = source_files(source, data_root)
    except SourceError as error:
        if error.code != "FC201":
            raise
        files = ()
    now = {relative(file.path, root): file for file in files}
    before = {file["path"]: file for file in then}
    missing = sorted(before.keys() - now.keys())
    new = sorted(now.keys() - before.keys())
    changed = _changed(name, before, now, full=full)
    facts = {"changed": changed, "missing": missing, "new": new, "files": len(before)}
    if not (missing or new or changed):
        depth = "every byte" if full and all(ALL in file for file in then) else "by size and digest"
        return Check("source", SAME, f"{_files(len(before))} as before, {depth}", (), name, facts)
    details = [
        *(f"changed {path}" for path in changed),
        *(f"missing {path}" for path in missing),
        *(f"new     {path}" for path in new),
    ]
    counts = [("changed", changed), ("missing", missing), ("new", new)]
    parts = [f"{len(paths):,} {word}" for word, paths in counts if paths]
    text = f"{_files(len(before))} then, {', '.join(parts)}"
    return Check("source", DIFFERS, text, tuple(details), name, facts)


def _changed(
    name: str,
    before: Mapping[str, Mapping[str, Any]],
    now: Mapping[str, SourceFile],
    *,
    full: bool,
) -> list[str]:
    both = sorted(before.keys() & now.keys())
    hashed = hash_files(name, [now[path] for path in both], full=full)
    return [path for path, file in zip(both, hashed, strict=True) if not _equal(before[path], file)]


def _equal(then: Mapping[str, Any], now: HashedFile) -> bool:
    common = [digest for digest in now.digests if digest in then]
    return (
        then["size_bytes"] == now.size_bytes
        and bool(common)
        and all(then[digest] == now.digests[digest] for digest in common)
    )


def _files(number: int) -> str:
    return f"{number:,} file{'s' * (number != 1)}"
