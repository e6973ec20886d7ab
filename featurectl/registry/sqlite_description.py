"""What a registry file is, in one line for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from featurectl.registry import sqlite_failures
from featurectl.registry.applied import standing

if TYPE_CHECKING:
    from pathlib import Path

    from featurectl.registry.session import Session

_MEGABYTE: Final = 1_000_000


def text(con: Session, path: Path) -> str:
    """Path, environments with their serials, version, mode, integrity, size: reads the whole file.

    Raises:
        StoreError: FC613 the check of integrity found something.
    """
    found = con.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite_failures.damaged(path, found)
    mode = con.execute("PRAGMA journal_mode").fetchone()[0]
    size = path.stat().st_size
    shown = f"{size / _MEGABYTE:.1f} MB" if size >= _MEGABYTE else f"{max(1, size // 1000)} kB"
    return f"{path}  {standing(con)}, {mode.upper()}, integrity ok, {shown}"
