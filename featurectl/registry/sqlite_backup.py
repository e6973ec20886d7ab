"""Copies of a registry file that are kept aside."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

from featurectl.definitions.instant import to_datetime
from featurectl.system.sqlite_file import make_file, make_folder

if TYPE_CHECKING:
    from pathlib import Path

_HOUR: Final = 3600


def copies(path: Path) -> list[Path]:
    """The copies of the registry file in ``backups/`` beside it, oldest first."""
    name = re.compile(rf"{re.escape(path.stem)}-\d{{8}}T\d{{12}}Z\.db")
    folder = path.parent / "backups"
    return sorted(found for found in folder.glob("*.db") if name.fullmatch(found.name))


def copy_aside(con: sqlite3.Connection, path: Path, keep: int, now_us: int) -> None:
    """Copy what ``con`` sees to a file named after the time (UTC), and prune all but ``keep``.

    Writers are not kept out; the copy is of one moment, and appears under its name when it is
    complete.
    """
    folder = make_folder(path.parent / "backups")
    target = folder / f"{path.stem}-{to_datetime(now_us):%Y%m%dT%H%M%S%f}Z.db"
    partial = folder / f".{target.name}.{os.getpid()}"
    try:
        make_file(partial)
        with closing(sqlite3.connect(partial)) as copy:
            con.backup(copy)
            # A copy of a file in WAL mode says it is too; as a single file it needs no log.
            copy.execute("PRAGMA journal_mode=DELETE")
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    for old in (*copies(path)[: -keep or None], *_abandoned(folder, path)):
        old.unlink(missing_ok=True)


def _abandoned(folder: Path, path: Path) -> list[Path]:
    """What processes that were killed while they copied have left."""
    return [found for found in folder.glob(f".{path.stem}-*.db.*") if _age_s(found) > _HOUR]


def _age_s(path: Path) -> float:
    """Since its last change, in seconds; 0 of a file that another process has renamed just now."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0
