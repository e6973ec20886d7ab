"""The manifest of a training set: what it was made of, and a digest of what came out.

It stands beside each output as ``train.parquet.lock.json`` and, in a Parquet file, also in its
metadata under ``featurectl.dataset``. A copy of the definitions is in it, so that it can be asked
again where the registry is gone; passwords in URLs are not. Paths are relative to what they lie in:
sources to the data root, the entity frame to the repository or to the output.
"""

from __future__ import annotations

import base64
import hashlib
import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from featurectl.definitions.columns import in_order
from featurectl.definitions.definition import canonical_json
from featurectl.definitions.instant import format_instant
from featurectl.definitions.url import mask_url
from featurectl.flows.asked import MEMORY, STDIN
from featurectl.flows.dataset_origin import used_objects
from featurectl.offline.content_hash import HashedColumn, content_sha256
from featurectl.offline.file_hash import hash_files
from featurectl.offline.output import STDOUT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from featurectl.flows.dataset_origin import Origin
    from featurectl.flows.training_set import TrainingSet
    from featurectl.offline.content_hash import ContentHash

FORMAT = "featurectl.dataset/1"
METADATA_KEY = "featurectl.dataset"
SUFFIX = ".lock.json"
_SEAL = "seal"


@dataclass(frozen=True)
class Made:
    """The rows of one output.

    Args:
        rows: the hash of what was written.
        entities: the hash of the entity frame's columns, over all rows that were joined.
        kind: the format: ``parquet``, ``csv``, ``arrow`` or ``stream``.
        part: which part of a split this is, and what is known of the split; None for all rows.
        full_hash: whether every byte of each source is hashed, not only what is cheap to read.
    """

    rows: ContentHash
    entities: tuple[int, list[HashedColumn]]
    kind: str
    part: Mapping[str, Any] | None = None
    full_hash: bool = False


def manifest(training: TrainingSet, origin: Origin, made: Made, folder: Path) -> dict[str, Any]:
    """The document of an output in ``folder``; its rows have been written.

    Raises:
        SourceError: FC202 a source can't be read, FC207 it was changed meanwhile.
    """
    asked, snapshot = origin.asked, origin.snapshot
    columns = made.rows.columns()
    document = {
        "format": FORMAT,
        "made_at": format_instant(origin.at_us),
        "by": origin.actor().by,
        "project": snapshot.project,
        "env": snapshot.env,
        "registry": {"lineage": snapshot.lineage, "serial": snapshot.serial},
        "git": git_document(origin.actor().git),
        "request": _request(origin, folder),
        "definitions": _definitions(training, origin),
        "features": _features(training),
        "sources": _sources(training, origin, full=made.full_hash),
        "entities": {
            "from": _kind(asked.entities, asked.sql),
            "keys": list(dict.fromkeys(key.column for use in training.columns for key in use.keys)),
            **_rows(*made.entities),
        },
        "sql": [_portable(statement, origin) for statement in training.statements],
        "versions": versions(),
        **({"part": dict(made.part)} if made.part else {}),
        "report": training.report.document(),
        "result": {
            "kind": made.kind,
            "sha256": content_sha256(made.rows.rows, columns),
            **_rows(made.rows.rows, columns, digest=False),
            "schema": _schema(training.schema),
        },
    }
    return sealed(document)


def sealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with a digest of itself, which tells when it was changed by hand."""
    found = {key: value for key, value in document.items() if key != _SEAL}
    return {**found, _SEAL: seal(found)}


def seal(document: Mapping[str, Any]) -> str:
    """The SHA-256 of the canonical JSON of all but the seal."""
    found = {key: value for key, value in document.items() if key != _SEAL}
    return hashlib.sha256(canonical_json(found).encode()).hexdigest()


def lock_path(path: str | Path) -> Path:
    """Where the manifest of a file is: beside it."""
    return Path(f"{path}{SUFFIX}")


def has_lock(path: str | Path) -> bool:
    """Whether a manifest is written beside an output: where it is a file."""
    return str(path) != STDOUT and Path(path).is_file()


def versions() -> dict[str, str]:
    """What the rows were made with."""
    return {
        "featurectl": version("featurectl"),
        "duckdb": version("duckdb"),
        "pyarrow": pa.__version__,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}".lower(),
    }


def git_document(text: str) -> dict[str, Any] | None:
    """A commit and whether the files differed from it; None outside of git."""
    commit, _, dirty = text.partition("+")
    return {"commit": commit, "dirty": bool(dirty)} if commit else None


def _request(origin: Origin, folder: Path) -> dict[str, Any]:
    found = origin.asked.document()
    entities = origin.asked.entities
    if entities not in (None, MEMORY, STDIN):
        found["entities"] = _placed(entities, origin.root, folder)
    if "://" in found.get("sql", ""):
        found["sql"] = mask_url(found["sql"])
    return found


def _placed(path: str, root: Path, folder: Path) -> str:
    """A path as it can be found again: within the repository, within the output's folder, or as is.

    ``repo:`` begins the first, ``beside:`` the second; ``~`` stands for the home folder.
    """
    whole = os.path.realpath(path)
    for name, base in (("repo", root), ("beside", folder)):
        inside = os.path.relpath(whole, os.path.realpath(base))
        if not inside.startswith(os.pardir):
            return f"{name}:{Path(inside).as_posix()}"
    home = str(Path("~").expanduser())
    return f"~{whole.removeprefix(home)}" if whole.startswith(home + os.sep) else whole


def find_entities(text: str, root: Path, folder: Path) -> Path:
    """Where the entity frame of a request is now; ``folder`` is that of the output."""
    base, colon, inside = text.partition(":")
    if colon and base in ("repo", "beside"):
        return (root if base == "repo" else folder) / inside
    return Path(text).expanduser()


def _kind(entities: str | None, sql: str | None) -> str:
    if sql is not None:
        return "sql"
    if entities is None:
        return "views"
    return {MEMORY: "memory", STDIN: "stdin"}.get(entities, "file")


def _definitions(training: TrainingSet, origin: Origin) -> list[dict[str, Any]]:
    views = [use.view for use in training.columns]
    return [
        {
            "kind": each.kind,
            "name": each.name,
            "fingerprint": each.fingerprint,
            "document": _masked(each.document),
        }
        for each in used_objects(origin.snapshot, views, training.sources, origin.asked)
    ]


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask_url(value) if "://" in value else value
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, (list, tuple)) else value


def _features(training: TrainingSet) -> list[dict[str, Any]]:
    return [
        {"column": column.output, "view": use.view, "as": use.label, "feature": column.feature}
        for use, column in in_order(training.columns)
    ]


def _sources(training: TrainingSet, origin: Origin, *, full: bool) -> list[dict[str, Any]]:
    root = os.path.realpath(origin.data_root)
    found = []
    for name, state in sorted(training.sources.items()):
        files = hash_files(name, state.files, full=full)
        documents = [{**file.document(), "path": relative(file.path, root)} for file in files]
        found.append({"name": name, "files": documents})
    return found


def relative(path: str, root: str) -> str:
    """The path below ``root`` with slashes, or as it is where it is elsewhere."""
    inside = os.path.relpath(os.path.realpath(path), root)
    return path if inside.startswith(os.pardir) else Path(inside).as_posix()


def _rows(rows: int, columns: Sequence[HashedColumn], *, digest: bool = True) -> dict[str, Any]:
    return {
        **({"sha256": content_sha256(rows, columns)} if digest else {}),
        "rows": rows,
        "columns": [column._asdict() for column in columns],
    }


def _portable(statement: str, origin: Origin) -> str:
    for folder in dict.fromkeys([str(origin.data_root), os.path.realpath(origin.data_root)]):
        statement = statement.replace(folder.replace("'", "''") + os.sep, "")
    return mask_url(statement) if "://" in statement else statement


def _schema(schema: pa.Schema) -> str:
    """The exact Arrow types, as Arrow writes them: what CSV text has to be read back as."""
    return base64.b64encode(schema.remove_metadata().serialize().to_pybytes()).decode()


def read_schema(text: str) -> pa.Schema:
    """The schema of :func:`_schema`.

    Raises:
        ValueError: it is none.
    """
    return pa.ipc.read_schema(pa.py_buffer(base64.b64decode(text)))
