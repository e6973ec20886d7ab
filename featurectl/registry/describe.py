"""What a registry file is, in one line for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.registry import failures, schema

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from featurectl.registry.database import Database

_MEGABYTE = 1_000_000


def text(database: Database) -> str:
    """Path, environments with their serials, version, mode, integrity, size: reads the whole file.

    Raises:
        StoreError: FC613 the check of integrity found something.
    """
    path = database.path
    return database.read(lambda con: _describe(con, path), f"{path} (new)")


def _describe(con: sqlite3.Connection, path: Path) -> str:
    found = con.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise failures.damaged(path, found)
    envs = con.execute("SELECT env, serial FROM envs ORDER BY env").fetchall()
    mode = con.execute("PRAGMA journal_mode").fetchone()[0]
    size = path.stat().st_size
    shown = f"{size / _MEGABYTE:.1f} MB" if size >= _MEGABYTE else f"{max(1, size // 1000)} kB"
    serials = ", ".join(f"{env} at serial {serial}" for env, serial in envs) or "nothing applied"
    return f"{path}  {serials}, schema {schema.version(con)}, {mode.upper()}, integrity ok, {shown}"
