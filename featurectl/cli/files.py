"""Files that a command reads and writes for its user."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from featurectl.errors import SourceError


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all: beside its place first, then renamed into it.

    Raises:
        SourceError: FC209 it can't be written.
    """
    made = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8"
        ) as file:
            made = Path(file.name)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        made.chmod(_new_file_mode())
        made.replace(path)
    except OSError as error:
        if made:
            with contextlib.suppress(OSError):
                made.unlink()
        why = error.strerror or str(error)
        raise SourceError("FC209", f"{path} can't be written: {why}") from error


def _new_file_mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
