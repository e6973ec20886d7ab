"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from featurectl.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to, which gets the name ``path`` when the block has ended well.

    It is written beside its place under another name, and renamed when it is on the disk: nothing
    half-written ever has its name, and several writers do not disturb each other. A link stays a
    link; a pipe or a device is written to as it is.

    Raises:
        SourceError: FC209 it can't be written; nothing is left behind.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not stat.S_ISREG(target.stat().st_mode):
            with target.open("wb") as file:
                yield file
            return
        partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
        try:
            with partial.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        _sync_folder(target.parent)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SourceError(
            "FC209",
            f"{path} can't be written: {error.strerror or error}",
            notes=["nothing was written under this name"],
        ) from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
