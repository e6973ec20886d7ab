"""The files of a source: a file, a glob, or a folder, expanded here and never by the engine."""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurectl.errors import SourceError
from featurectl.offline.protocol import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from featurectl.definitions.source import Source


@dataclass(frozen=True)
class Whereabouts:
    """What is needed of a source to find its files."""

    name: str
    path: str
    file_format: str


_SUFFIXES = {"parquet": (".parquet", ".parq", ".pq"), "csv": (".csv", ".csv.gz", ".tsv", ".tsv.gz")}


def source_files(source: Source | Whereabouts, root: Path) -> tuple[SourceFile, ...]:
    """The files of the source as they are now, sorted by path; ``root`` begins a relative path.

    A path that exists is taken by name even where it looks like a glob. In a folder, and below it,
    every file with a suffix of the source's format counts, unless its name or that of a folder on
    the way begins with ``.`` or ``_``, as what engines write beside the data does.

    Raises:
        SourceError: FC201 there is none.
    """
    found = sorted(set(_expand(source, root)))
    if not found:
        raise _none_found(source, root)
    return tuple(_stat(path, source) for path in found)


def check_unchanged(source: str, files: Iterable[SourceFile]) -> None:
    """Refuse what was read from files that were written again meanwhile; new files don't matter.

    Raises:
        SourceError: FC207, naming the first that is gone, or has another size or time of change.
    """
    for file in files:
        if _now(file.path) != file:
            raise SourceError(
                "FC207",
                f'source "{source}": {file.path} was changed while it was read',
                help=["run it again; files of a source are best replaced by renaming a whole one"],
            )


def _now(path: str) -> SourceFile | None:
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return SourceFile(path, found.st_size, found.st_mtime_ns)


def _expand(source: Source | Whereabouts, root: Path) -> Iterator[str]:
    path = os.path.normpath(root / source.path)
    literal = os.path.exists(path)  # noqa: PTH110 - paths stay text, as glob gives them
    pattern = os.path.normpath(os.path.join(glob.escape(str(root)), source.path))  # noqa: PTH118
    for place in [path] if literal else glob.iglob(pattern, recursive=True):  # noqa: PTH207
        if os.path.isdir(place):  # noqa: PTH112
            yield from _in_folder(place, source)
        else:
            yield place


def _in_folder(folder: str, source: Source | Whereabouts) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name[0] not in "._"]
        for name in names:
            if name[0] not in "._" and name.lower().endswith(_SUFFIXES[source.file_format]):
                yield os.path.join(place, name)  # noqa: PTH118


def _stat(path: str, source: Source | Whereabouts) -> SourceFile:
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError as error:
        raise SourceError(
            "FC202", f'source "{source.name}": {path} can\'t be read: {error.strerror}'
        ) from error
    return SourceFile(path, found.st_size, found.st_mtime_ns)


def _none_found(source: Source | Whereabouts, root: Path) -> SourceError:
    place = root / source.path
    if "://" in source.path:
        what = "URLs are not supported yet"
    elif place.is_dir():
        what = f"the folder {place} has no {source.file_format} files"
    elif glob.has_magic(source.path):
        what = f"no file matches {place}"
    else:
        what = f"there is no file {place}"
    return SourceError("FC201", f'source "{source.name}": {what}')
