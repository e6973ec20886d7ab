"""Is a training set what its manifest says, and can it be made again: its inputs, then itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from featurectl.definitions.snapshot import Applied
from featurectl.errors import FeaturectlError, SourceError
from featurectl.flows.asked import read_asked
from featurectl.flows.dataset_file import EDITED, MISSING, OK, STALE
from featurectl.flows.dataset_manifest import versions
from featurectl.flows.dataset_repeat import Repeated, digest, rows_text, what_differs
from featurectl.flows.input_check import (
    DIFFERS,
    NOTE,
    SAME,
    UNKNOWN,
    Check,
    check_definitions,
    check_sources,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.dataset_file import DatasetFile
    from featurectl.flows.dataset_repeat import Repository

FORMAT = "featurectl.dataset-verify/1"
_LOCKS = {
    MISSING: "missing; the copy in the file itself was read",
    STALE: "of an earlier content of the file; the copy in the file itself was read",
    EDITED: "changed after it was written; the copy in the file itself was read",
}


@dataclass(frozen=True)
class Verification:
    """What was found of one file."""

    path: Path
    manifest: Mapping[str, Any]
    checks: tuple[Check, ...]
    quick: bool

    @property
    def state(self) -> str:
        """``differs`` where anything does, else ``unknown`` where something can't be told."""
        states = {check.state for check in self.checks}
        return next((state for state in (DIFFERS, UNKNOWN) if state in states), SAME)

    def document(self) -> dict[str, Any]:
        """The JSON form, ``featurectl.dataset-verify/1``."""
        return {
            "format": FORMAT,
            "file": str(self.path),
            "state": self.state,
            "quick": self.quick,
            "checks": [check.document() for check in self.checks],
        }


def verify(
    dataset: DatasetFile, repository: Repository | FeaturectlError, *, quick: bool, full: bool
) -> Verification:
    """Look at the file, at each input and, unless ``quick``, at what the request gives again.

    ``repository`` may be the error of opening it: then only the file itself is looked at. The
    request is answered again by the definitions of the manifest, for the entity rows that stand in
    the file, whichever frame they came from.
    """
    checks = list(_file(dataset))
    if isinstance(repository, FeaturectlError):
        why = (f"[{repository.code}] {repository.message}", *repository.help)
        found = "found" if repository.code == "FC110" else "read"
        text = f"the repository to compare with can't be {found}"
        checks.append(Check("definitions", UNKNOWN, text, why))
    else:
        checks += _inputs(dataset, repository, quick=quick, full=full)
    return Verification(dataset.path, dataset.manifest, tuple(checks), quick)


def _file(dataset: DatasetFile) -> Iterator[Check]:
    if dataset.lock != OK:
        state = NOTE if dataset.lock == MISSING else DIFFERS
        text = _LOCKS.get(dataset.lock, "unreadable; the copy in the file itself was read")
        yield Check("lock", state, text, (dataset.why,) if dataset.why else ())
    try:
        found = dataset.hashed()
    except FeaturectlError as error:
        yield Check("file", DIFFERS, error.message, error.notes)
        return
    then = dataset.result
    rows = rows_text(found.rows)
    if digest(found) == then["sha256"]:
        yield Check("file", SAME, f"{rows} x {len(then['columns'])} columns, as they were written")
        return
    yield Check("file", DIFFERS, "its rows are not those that were written",
                tuple(what_differs(found, then)))  # fmt: skip


def _inputs(
    dataset: DatasetFile, repository: Repository, *, quick: bool, full: bool
) -> Iterator[Check]:
    manifest = dataset.manifest
    asked = read_asked(manifest["request"])
    try:
        now = repository.now(from_files=asked.from_files)
    except FeaturectlError as error:
        yield Check("definitions", UNKNOWN, error.message, error.notes)
        return
    yield from check_definitions(manifest, now)
    yield from check_sources(manifest, repository.data_root, full=full)
    repeated = Repeated(dataset, asked, repository, pinned(manifest, now))
    yield _told("entities", DIFFERS, lambda: repeated.entities(quick=quick))
    yield from _surroundings(manifest, now, repository)
    if not quick:
        yield _told("repeat", UNKNOWN, repeated.made_again)


def _told(subject: str, state: str, look: Callable[[], Check]) -> Check:
    """What ``look`` finds; an error is told as such, and as unknown where a source is at fault."""
    try:
        return look()
    except SourceError as error:
        return Check(subject, UNKNOWN, f"it can't be made again: {error.message}", error.notes)
    except FeaturectlError as error:
        text = "it can't be made again: " if subject == "repeat" else ""
        return Check(subject, state, text + error.message, error.notes)


def _registry(
    manifest: Mapping[str, Any], now: Snapshot, repository: Repository
) -> Iterator[Check]:
    """Whether the registry has at the serial of then what the manifest has a copy of."""
    serial = manifest["registry"]["serial"]
    if manifest["registry"]["lineage"] != now.lineage:
        yield Check("registry", NOTE, "another one than then; the definitions are in the manifest")
    elif serial:
        try:
            then = repository.at(serial).objects
        except FeaturectlError as error:
            yield Check("registry", NOTE, error.message)
            return
        others = [
            f"{each['kind']} {each['name']}"
            for each in manifest["definitions"]
            if getattr(then.get((each["kind"], each["name"])), "fingerprint", "")
            != each["fingerprint"]
        ]
        if others:
            text = f"what it has at serial {serial} is not what the manifest tells"
            yield Check("registry", DIFFERS, text, tuple(others))


def pinned(manifest: Mapping[str, Any], now: Snapshot) -> Snapshot:
    """The definitions of the manifest, in what they were applied to."""
    serial = manifest["registry"]["serial"]
    objects = {
        (each["kind"], each["name"]): Applied(
            each["kind"], each["name"], each["document"], each["fingerprint"], serial
        )
        for each in manifest["definitions"]
    }
    return replace(now, project=manifest["project"], serial=serial, objects=objects)


def _surroundings(
    manifest: Mapping[str, Any], now: Snapshot, repository: Repository
) -> Iterator[Check]:
    yield from _registry(manifest, now, repository)
    then = manifest["git"]
    before = f"{then['commit']}{'+dirty' * then['dirty']}" if then else ""
    git = repository.git
    if before != git:
        yield Check("git", NOTE, f"{before or 'no commit'} then, {git or 'no commit'} now")
    changed = [
        f"{name} {old} then, {versions().get(name)} now"
        for name, old in manifest["versions"].items()
        if versions().get(name) != old
    ]
    if changed:
        yield Check("versions", NOTE, "made with others", tuple(changed))
