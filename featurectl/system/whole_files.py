"""Several files of one folder that appear together or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from featurectl.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def whole_files(folder: Path) -> Iterator[Path]:
    """A scratch folder within ``folder``; when the block has ended well its files move there.

    What they replace is put back when one of them can't move. A link stays a link. Nothing but a
    machine that stops between two renames leaves some of them without the others.

    Raises:
        SourceError: FC209 they can't be written; nothing is left behind, and nothing replaced.
    """
    target = Path(os.path.realpath(folder))
    scratch = target / f".featurectl.{secrets.token_hex(4)}.partial"
    try:
        scratch.mkdir()
        try:
            yield scratch
            _move(sorted(scratch.iterdir()), target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        _sync(target)
    except OSError as error:
        raise SourceError(
            "FC209",
            f"{folder} can't be written to: {error.strerror or error}",
            notes=["nothing was written there"],
        ) from error


def _move(files: list[Path], target: Path) -> None:
    kept = target if not files else files[0].parent / "kept"
    kept.mkdir(exist_ok=True)
    places = {file: Path(os.path.realpath(target / file.name)) for file in files}
    try:
        for file, place in places.items():
            if place.is_file():
                _keep(place, kept / file.name)
            file.replace(place)
    except BaseException:
        for file, place in places.items():
            if (kept / file.name).exists():
                (kept / file.name).replace(place)
            elif not file.exists():
                place.unlink(missing_ok=True)
        raise


def _keep(file: Path, copy: Path) -> None:
    try:
        os.link(file, copy)
    except OSError:  # a file system that has no links
        shutil.copy2(file, copy)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
