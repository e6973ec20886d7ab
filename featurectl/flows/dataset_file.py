"""A data file with its manifest, as they are found: whole or not, the manifest of it or not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from featurectl.errors import RequestError, SourceError, first_line
from featurectl.flows.dataset_manifest import (
    FORMAT,
    METADATA_KEY,
    SUFFIX,
    lock_path,
    read_schema,
    seal,
)
from featurectl.flows.manifest_shape import check_manifest
from featurectl.offline.content_hash import ContentHash, hash_batches
from featurectl.offline.csv_rows import csv_batches
from featurectl.offline.read_frame import read_frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OK, MISSING, STALE, EDITED, UNREADABLE = "ok", "missing", "stale", "edited", "unreadable"
_FAMILY = FORMAT.partition("/")[0]
_MOST_BYTES = 256 << 20
_OWN = ("file", "seal")  # what the lock file says and the copy within the data file does not


@dataclass(frozen=True)
class DatasetFile:
    """A data file, and the manifest that describes it.

    Args:
        path: the data file, which need not be there.
        manifest: the document.
        lock: how the lock file is: ``ok``, ``missing``, ``stale`` (of an earlier content of the
            file), ``edited`` or ``unreadable``. In all cases but ``ok`` the manifest is the copy
            that was found in the Parquet file itself.
    """

    path: Path
    manifest: Mapping[str, Any]
    lock: str = OK
    why: str = field(default="", compare=False)

    @property
    def result(self) -> Mapping[str, Any]:
        """What the manifest says of the rows."""
        return self.manifest["result"]  # type: ignore[no-any-return]

    @property
    def own_columns(self) -> list[str]:
        """The columns of the entity frame, which are the first."""
        return [column["name"] for column in self.manifest["entities"]["columns"]]

    @property
    def keys(self) -> list[str]:
        """The columns that carry the entities' join keys."""
        return list(self.manifest["entities"]["keys"])

    def batches(
        self, columns: list[str] | None = None
    ) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        """The rows of the file, or some columns of them.

        Raises:
            SourceError: FC201 it is gone, FC202 it can't be read.
        """
        if not self.path.is_file():
            raise SourceError("FC201", f"there is no file {self.path}")
        if self.result["kind"] == "csv":
            schema = read_schema(self.result["schema"])
            rows = csv_batches(self.path, schema)
        else:
            schema, rows = _typed_rows(self.path)
        if columns is None:
            return schema, rows
        chosen = pa.schema([schema.field(name) for name in columns], schema.metadata)
        return chosen, (batch.select(columns) for batch in rows)

    def hashed(self) -> ContentHash:
        """The hash of the file's rows, which are all read."""
        return hash_batches(*self.batches())


def read_dataset(path: str | Path) -> DatasetFile:
    """The data file of that name and its manifest; ``path`` may be that of the lock file too.

    Raises:
        RequestError: FC334 there is no manifest that can be read, FC340 it is of another version,
            FC341 it was changed by hand; each only where the data file holds no copy.
    """
    data = Path(str(path).removesuffix(SUFFIX))
    lock = lock_path(data)
    copy = _embedded(data)
    if not lock.exists() and not lock.is_symlink():
        if copy is None:
            raise _none(data)
        return DatasetFile(data, _checked(copy, data), MISSING)
    try:
        document = _checked(_read(lock), lock)
    except RequestError as error:
        if copy is None or error.code == "FC340":
            raise
        state = EDITED if error.code == "FC341" else UNREADABLE
        return DatasetFile(data, _checked(copy, data), state, error.message)
    if copy is not None and _told(copy) != _told(document):
        return DatasetFile(data, _checked(copy, data), STALE)
    return DatasetFile(data, document)


def _told(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in _OWN}


def _embedded(data: Path) -> Any:
    """The copy in a Parquet file, None without one."""
    try:
        metadata = pq.read_metadata(str(data)).metadata or {}
        text = metadata.get(METADATA_KEY.encode())
        return None if text is None else json.loads(text)
    except (OSError, ValueError, pa.ArrowException):
        return None  # it is no Parquet file, or no whole one: said when its rows are read


def _read(lock: Path) -> Any:
    try:
        if lock.stat().st_size > _MOST_BYTES:
            raise RequestError("FC334", f"{lock} is too large to be a manifest")
        return json.loads(lock.read_bytes())
    except OSError as error:
        raise RequestError("FC334", f"{lock} can't be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise RequestError("FC334", f"{lock} is no manifest: {first_line(error)}") from error


def _checked(document: Any, place: Path) -> Mapping[str, Any]:
    name = document.get("format") if isinstance(document, dict) else None
    if not isinstance(name, str) or name.partition("/")[0] != _FAMILY:
        raise RequestError("FC334", f"{place} is no manifest of a training set")
    if name != FORMAT:
        raise RequestError(
            "FC340",
            f"{place} is of format {name}, and this version reads {FORMAT}",
            help=["use the version of featurectl that wrote it, or a later one"],
        )
    if document.get("seal") != seal(document):
        raise RequestError(
            "FC341",
            f"{place} was changed after it was written",
            notes=["its seal is not the digest of what it says"],
            help=["put the manifest back as it was, or make the training set again"],
        )
    try:
        check_manifest(document)
    except (KeyError, TypeError, ValueError, AttributeError, OSError, pa.ArrowException) as error:
        raise RequestError(
            "FC334", f"{place} is no manifest of a training set: {first_line(error)}"
        ) from error
    return dict(document)


def _typed_rows(path: Path) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    try:
        frame = read_frame(path)
        return frame.schema, _read_on(frame.batches(), path)
    except RequestError as error:
        raise SourceError("FC202", error.message) from error


def _read_on(batches: Iterator[pa.RecordBatch], path: Path) -> Iterator[pa.RecordBatch]:
    try:
        yield from batches
    except RequestError as error:
        raise SourceError("FC202", error.message) from error
    except (OSError, pa.ArrowException) as error:
        raise SourceError("FC202", f"{path} can't be read: {first_line(error)}") from error


def _none(data: Path) -> RequestError:
    there = data.exists()
    return RequestError(
        "FC334",
        f"{data} has no manifest beside it" if there else f"there is no file {data}",
        notes=[f"it would be {lock_path(data)}"] if there else [],
        help=["get-historical --out writes one beside each training set"] if there else [],
    )
