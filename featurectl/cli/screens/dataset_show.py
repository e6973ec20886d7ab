"""The screen of ``dataset show``: what a training set was made of."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Any

from featurectl.cli.figures import count, moment, percent, plural, size
from featurectl.cli.paint import paint, readable
from featurectl.cli.table import table
from featurectl.definitions.instant import parse_instant
from featurectl.errors import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from featurectl.flows.dataset_file import DatasetFile
    from featurectl.flows.dataset_origin import Origin

_FILES = 5  # of a source that are named
_DIGITS = 12  # of a digest
_FLAGS = ("known_at", "as_served", "prove", "full_names", "from_files")
_VALUES = ("start", "end", "at", "sample", "split", "split_by", "seed")
_FROM = {
    "memory": "a table in memory",
    "stdin": "standard input",
    "views": "the views' own rows",
    "sql": "a query",
}
_LOCKS = {
    "missing": "the lock file is missing",
    "stale": "the lock file is of an earlier content of the file",
    "edited": "the lock file was changed after it was written",
    "unreadable": "the lock file can't be read",
}


def title(path: Path, manifest: Mapping[str, Any]) -> str:
    """The file, and what its definitions are called."""
    return f"{paint(readable(str(path)), 'bold')}  {pinned_as(manifest)}"


def pinned_as(manifest: Mapping[str, Any]) -> str:
    """``ranking_v1@42 (git 9c01d3e)``: the service, the serial and the commit."""
    serial = manifest["registry"]["serial"]
    service = manifest["request"].get("service")
    name = (f"{service}@{serial}" if service else f"serial {serial}") if serial else "the files"
    commit = git_text(manifest["git"])
    return f"{name} (git {commit})" if commit else name


def pinned_line(origin: Origin, verify: str, outputs: Sequence[str], lock: str | None) -> str:
    """The last line of ``get-historical``; ``verify`` is that command as this user types it."""
    from featurectl.flows.dataset_manifest import git_document  # noqa: PLC0415 - loads pyarrow

    asked = origin.asked
    manifest = {
        "registry": {"serial": origin.snapshot.serial},
        "request": asked.document(),
        "git": git_document(origin.actor().git),
    }
    told = f"pinned as {pinned_as(manifest)}"
    if lock:
        return f"{told} in {readable(lock)}"
    return f"{told}; repeat with: {' '.join([verify, *map(_typed, outputs)])}"


def _typed(path: str) -> str:
    return readable(quote(str(path)))


def git_text(git: Mapping[str, Any] | None) -> str:
    """The commit, ``+dirty`` where the files differed from it; empty outside of git."""
    return f"{git['commit']}{'+dirty' * git['dirty']}" if git else ""


def lock_warning(dataset: DatasetFile) -> str:
    """What is wrong with the lock file and how to have it back; empty where nothing is."""
    if dataset.lock == "ok":
        return ""
    return f"{_LOCKS[dataset.lock]}; this is the copy in {readable(str(dataset.path))} itself"


def show_screen(dataset: DatasetFile) -> list[str]:
    """All that a person asks of a training set, from what it is to what it was made with."""
    manifest = dataset.manifest
    lines = [title(dataset.path, manifest), ""]
    lines += table([[name, readable(text)] for name, text in _facts(manifest)])
    lines += ["", *_section("Features", _features(manifest), right=(3,))]
    lines += ["", *_section("Joined", _joined(manifest["report"]))]
    lines += ["", *_section("Sources", list(_sources(manifest["sources"])), right=(1,))]
    lines += ["", *_section("Definitions", _definitions(manifest["definitions"]))]
    return lines


def _section(name: str, rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    return [paint(name, "bold"), *table(rows, right=right)]


def _facts(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    result, entities, registry = manifest["result"], manifest["entities"], manifest["registry"]
    at = moment(parse_instant(manifest["made_at"]) // 10**6 * 10**6)
    commit = git_text(manifest["git"])
    yield "made", f"{at} UTC by {manifest['by']}" + (f", git {commit}" if commit else "")
    where = f"project {manifest['project']}, env {manifest['env']}"
    serial = registry["serial"]
    yield "from", f"{where}, " + (f"serial {serial}" if serial else "definitions of the files")
    if "part" in manifest:
        yield "part", _part(manifest["part"])
    shape = f"{count(result['rows'])} x {plural(len(result['columns']), 'column')}"
    file = manifest.get("file", {}).get("size_bytes")
    yield "rows", shape + ("" if file is None else f", {result['kind']}, {size(file)}")
    yield "digest", result["sha256"]
    name = manifest["request"].get("entities", "")
    origin = _FROM.get(entities["from"], name.removeprefix("repo:").removeprefix("beside:"))
    columns = listed([f"{each['name']} {each['type']}" for each in entities["columns"]], 4)
    yield "entities", f"{origin}: {plural(entities['rows'], 'row')}, {columns}"
    asked = _asked(manifest["request"])
    if asked:
        yield "asked", asked
    made_with = manifest["versions"].items()
    yield "with", ", ".join(f"{name} {text}" for name, text in made_with if name != "platform")


def _part(part: Mapping[str, Any]) -> str:
    told = [f"{key} {value}" for key, value in part.items()
            if isinstance(value, (str, int, float)) and key != "name"]  # fmt: skip
    return ", ".join([str(part.get("name", "")), *told])


def _asked(request: Mapping[str, Any]) -> str:
    flags = [f"--{name.replace('_', '-')}" for name in _FLAGS if request.get(name)]
    values = [
        f"--{name.replace('_', '-')} {request[name]}"
        for name in _VALUES
        if request.get(name) is not None
    ]
    time = request.get("event_timestamp", "event_timestamp")
    times = [] if time == "event_timestamp" else [f"--event-timestamp {time}"]
    sql = [f"--sql {request['sql']}"] if "sql" in request else []
    return " ".join([*sql, *flags, *values, *times])


def _features(manifest: Mapping[str, Any]) -> list[list[str]]:
    kinds = {each["name"]: each["type"] for each in manifest["result"]["columns"]}
    report = manifest["report"]
    nulls = {(view["as"], name): facts["nulls"] for view in report["views"]
             for name, facts in view["features"].items()}  # fmt: skip
    rows = []
    for each in manifest["features"]:
        missing = nulls.get((each["as"], each["feature"]))
        alias = "" if each["as"] == each["view"] else f" as {each['as']}"
        told = "" if missing is None else f"{percent(missing, report['rows'])} null"
        name = each["column"]
        rows.append(
            [readable(name), kinds.get(name, ""), f"{each['view']}:{each['feature']}{alias}", told]
        )
    return rows


def _joined(report: Mapping[str, Any]) -> list[list[str]]:
    words = (("matched", "matched"), ("expired", "expired"), ("no_row", "no row"))
    found = []
    for view in report["views"]:
        parts = [
            f"{percent(view[key], report['rows'])} {word}"
            for key, word in words
            if view[key] or key == "matched"
        ]
        if view["created_later"]:
            parts.append(f"{count(view['created_later'])} created later than their row's time")
        found.append([view["as"], ", ".join(parts)])
    return found


def _sources(sources: Sequence[Mapping[str, Any]]) -> Iterator[list[str]]:
    for source in sources:
        files = source["files"]
        total = sum(file["size_bytes"] for file in files)
        yield [source["name"], size(total), plural(len(files), "file")]
        for file in files[:_FILES]:
            digest = file.get("sha256") or file.get("footer_sha256") or file.get("ends_sha256", "")
            of = "all" if "sha256" in file else "footer" if "footer_sha256" in file else "ends"
            told = f"{readable(file['path'])}  {of} {digest[:_DIGITS]}"
            yield ["", size(file["size_bytes"]), told]
        if len(files) > _FILES:
            yield ["", "", f"… and {len(files) - _FILES:,} more"]


def _definitions(definitions: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    return [[each["kind"], each["name"], each["fingerprint"]] for each in definitions]
