"""Writing a training set with its manifest: first the rows, whole, then what they were made of."""

from __future__ import annotations

import json
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurectl.errors import SourceError
from featurectl.flows.asked import MEMORY, STDIN
from featurectl.flows.dataset_manifest import (
    METADATA_KEY,
    Made,
    has_lock,
    lock_path,
    manifest,
    sealed,
)
from featurectl.offline.content_hash import BackgroundHash
from featurectl.offline.files import check_unchanged
from featurectl.offline.output import STDOUT, write_output
from featurectl.system.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pyarrow as pa

    from featurectl.flows.training_set import TrainingSet
    from featurectl.offline.content_hash import HashedColumn

Entities = tuple[int, list["HashedColumn"]]


def write_pinned(
    training: TrainingSet,
    path: str | Path,
    kind: str,
    rows: Iterable[pa.RecordBatch],
    *,
    lock: str | Path | None = None,
    full_hash: bool = False,
    folder: Path | None = None,
    part: Mapping[str, Any] | None = None,
    entities: Callable[[], Entities] | None = None,
) -> int:
    """Write the rows and then, beside them, the manifest; the number of bytes of the rows.

    The manifest is written to ``lock`` or, where the output is a file, beside it; of stdout or a
    device there is none otherwise. It appears only when the rows have their name: whatever
    happens in between, rows are never told by the manifest of others, since its digest is not
    theirs. ``folder`` is where the files will stand, if elsewhere. ``part`` describes one part of a
    split, and ``entities`` then gives the hash of all rows' own columns, which a part does not
    have.

    Raises:
        SourceError: FC209 it can't be written or is an input, FC207 a source was changed meanwhile.
    """
    _keep_inputs(training, Path(folder, Path(path).name) if folder else Path(path))
    origin = training.origin
    if origin is None:
        return write_output(path, training.schema, rows, kind)
    document: dict[str, Any] = {}
    with BackgroundHash(training.schema) as hashing:

        def facts() -> dict[str, str]:
            done = hashing.finish()
            own = done.columns()[: len(training.frame.schema)]
            whole = entities() if entities else (done.rows, own)
            made = Made(done, whole, kind, part, full_hash=full_hash)
            beside = (folder or Path(lock or path).parent).absolute()
            document.update(manifest(training, origin, made, beside))
            for source, state in training.sources.items():
                check_unchanged(source, state.files)
            return {METADATA_KEY: json.dumps(document, ensure_ascii=False)}

        passed = hashing.passed(rows)
        size_bytes = write_output(path, training.schema, passed, kind, facts)
    target = _lock_of(path, lock)
    if target is not None:
        write_lock(target, {**document, "file": _file(path, size_bytes)})
    return size_bytes


def write_lock(path: Path, document: Mapping[str, Any]) -> None:
    """Write a manifest, sealed, whole or not at all.

    Raises:
        SourceError: FC209 it can't be written.
    """
    text = json.dumps(sealed(document), indent=2, ensure_ascii=False, allow_nan=False)
    with whole_file(path) as file:
        file.write(f"{text}\n".encode())


def _lock_of(path: str | Path, lock: str | Path | None) -> Path | None:
    if lock is not None:
        return Path(lock)
    return lock_path(path) if has_lock(path) else None


def _file(path: str | Path, size_bytes: int) -> dict[str, Any]:
    name = "" if str(path) == STDOUT else Path(path).name
    return {"name": name, "size_bytes": size_bytes}


def _keep_inputs(training: TrainingSet, path: Path) -> None:
    """Refuse to write over what the rows are made of, which is still being read."""
    target = realpath(path)
    sources = {realpath(file.path) for state in training.sources.values() for file in state.files}
    asked = training.origin.asked.entities if training.origin else None
    if asked not in (None, MEMORY, STDIN) and realpath(asked) == target:
        what = "the entity rows are read from it"
    elif target in sources:
        what = "it is a file of a source"
    else:
        return
    help_ = ["write the training set somewhere else"]
    raise SourceError("FC209", f"{path} can't be written: {what}", help=help_)
