"""SQLite files: made for their owner only, opened by path, switched to a write-ahead log."""

from __future__ import annotations

import os
import sqlite3
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from pathlib import Path


def make_folder(folder: Path) -> Path:
    """The folder, made where it is missing, then with a ``.gitignore`` for all that is in it."""
    if not folder.is_dir():
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    return folder


def make_file(path: Path) -> None:
    """Make an empty file that only its owner may read, unless there is one."""
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def connect(path: Path, option: str, busy_s: float) -> sqlite3.Connection:
    """A connection in autocommit mode to a file that exists, usable from any thread.

    ``option`` is of SQLite's URI, such as ``mode=rw``; ``busy_s`` how long it waits for others.
    """
    return sqlite3.connect(
        f"file:{quote(str(path))}?{option}",
        uri=True,
        timeout=busy_s,
        isolation_level=None,
        check_same_thread=False,
    )


def use_write_ahead_log(connection: sqlite3.Connection, busy_s: float) -> None:
    """Switch the file to WAL mode: readers and a writer don't wait for each other.

    Tried again here: of two processes that do it at once SQLite refuses one without waiting.

    Raises:
        sqlite3.OperationalError: ``database is locked``, still after ``busy_s``.
    """
    deadline = time.monotonic() + busy_s
    while not _is_switched(connection):
        if time.monotonic() > deadline:
            raise sqlite3.OperationalError("database is locked")
        time.sleep(0.01)


def _is_switched(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("pragma journal_mode = wal")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            return False
        raise
    return True
