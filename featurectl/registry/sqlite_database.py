"""The SQLite file of a registry: opening it for who may write or only read it, and transactions.

It is in WAL mode: readers see the last commit and wait for nobody, one writer at a time appends to
a log beside the file, and a process that is killed leaves a log whose end nobody counts.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final, TypeVar

from featurectl.registry import schema, sqlite_failures, sqlite_schema
from featurectl.registry.sqlite_backup import copy_aside
from featurectl.registry.sqlite_description import text
from featurectl.system.sqlite_file import connect, make_file, make_folder, use_write_ahead_log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from featurectl.registry.session import Session

_Answer = TypeVar("_Answer")
_RETRIES: Final = 5
_KEPT: Final = 10


class SqliteSession:
    """A transaction of SQLite; see :class:`~featurectl.registry.session.Session`."""

    def __init__(self, con: sqlite3.Connection, now_us: int) -> None:
        self._con = con
        self.now_us = now_us
        self.meta: dict[str, str] = {}

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> sqlite3.Cursor:
        """Run a statement with its values."""
        return self._con.execute(sql, values)

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]], /) -> None:
        """Run it for each row of values."""
        self._con.executemany(sql, rows)


class SqliteDatabase:
    """One registry file; see :class:`~featurectl.registry.session.Database`.

    ``busy_s`` is how long a writer waits for another one.
    """

    def __init__(self, path: Path, project: str, now_us: Callable[[], int], busy_s: float) -> None:
        self.path = path.resolve()
        self.place = str(self.path)
        self._project = project
        self._now_us = now_us
        self._busy_s = busy_s
        self._lock = threading.RLock()
        self._con: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None

    def read(self, query: Callable[[Session], _Answer], nothing: _Answer) -> _Answer:
        """The answer of ``query`` at one moment, or ``nothing`` when there is no registry yet.

        Waits for no writer, and makes no registry where there is none.
        """
        with self._lock, sqlite_failures.told_of(self.path, writing=False):
            if not self.path.exists():
                return nothing
            if _may_write(self.path):
                return self._answer(self._connection(), query, nothing)
            return self._read_only(query, nothing)

    def write(self, change: Callable[[Session], _Answer]) -> _Answer:
        """Make a change, all of it or nothing, after other writers; the file is made if missing."""
        with self._lock, sqlite_failures.told_of(self.path, writing=True):
            con = self._writing_connection()
            self._keep_what_is_old(con)
            con.execute("BEGIN IMMEDIATE")
            try:
                session = SqliteSession(con, self._now_us())
                sqlite_schema.bring_up_to_date(session, self.path, self._project)
                answer = change(session)
                con.execute("COMMIT")
            finally:
                if con.in_transaction:
                    con.execute("ROLLBACK")
            return answer

    def copy_aside(self, keep: int) -> None:
        """Copy the file into ``backups/`` and keep the newest ``keep`` copies; none of no file."""
        with self._lock, sqlite_failures.told_of(self.path, writing=True):
            if self.path.exists():
                copy_aside(self._writing_connection(), self.path, keep, self._now_us())

    def describe(self) -> str:
        """Path, serials, version, size; checks the integrity of the file, reading all of it."""
        return self.read(lambda con: text(con, self.path), f"{self.path} (new)")

    def close(self) -> None:
        """Give the file back; it is opened again when needed."""
        with self._lock:
            con, self._con, self._file = self._con, None, None
            if con is not None:
                con.close()

    def __del__(self) -> None:
        # Who forgot to close gets no warning, and leaves no log beside the file.
        if hasattr(self, "_file"):
            self.close()

    def _keep_what_is_old(self, con: sqlite3.Connection) -> None:
        """Copy a registry of an older version aside: its featurectl can't read it afterwards."""
        if self._answer(con, schema.version, schema.VERSION) < schema.VERSION:
            copy_aside(con, self.path, _KEPT, self._now_us())

    def _writing_connection(self) -> sqlite3.Connection:
        if not self.path.exists():
            make_folder(self.path.parent)
            make_file(self.path)
        elif not _may_write(self.path):
            # As told by the system: SQLite would notice only after it made files of its own here.
            raise sqlite_failures.unwritable(self.path, "no permission")
        con = self._connection()
        if con.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            self._answer(con, lambda _: None, None)  # what is not ours stays as it is
            use_write_ahead_log(con, self._busy_s)
        return con

    def _connection(self) -> sqlite3.Connection:
        """The connection to the file that has the name now: it may have been replaced."""
        found = self.path.stat()
        if self._con is None or self._file != (found.st_dev, found.st_ino):
            self.close()
            self._con = connect(self.path, "mode=rw", self._busy_s)
            self._con.execute("PRAGMA synchronous = FULL")
            self._file = (found.st_dev, found.st_ino)
        return self._con

    def _answer(
        self,
        con: sqlite3.Connection,
        query: Callable[[Session], _Answer],
        nothing: _Answer,
    ) -> _Answer:
        con.execute("BEGIN")
        try:
            session = SqliteSession(con, self._now_us())
            known = sqlite_schema.check(session, self.path, self._project)
            return query(session) if known else nothing
        finally:
            if con.in_transaction:
                con.execute("ROLLBACK")

    def _read_only(self, query: Callable[[Session], _Answer], nothing: _Answer) -> _Answer:
        """Read without making the files beside it that SQLite wants: a writer could not use ours.

        With no log, the file itself is all; it is read as if nobody could change it, and again
        when somebody did.
        """
        for _ in range(_RETRIES):
            before = _state(self.path)
            option = "mode=ro" if self._has_log() else "immutable=1"
            try:
                with closing(connect(self.path, option, self._busy_s)) as con:
                    answer = self._answer(con, query, nothing)
            except (sqlite3.Error, ValueError):
                if _state(self.path) == before:
                    raise
                continue
            if option == "mode=ro" or _state(self.path) == before:
                return answer
        raise sqlite_failures.busy(self.path)

    def _has_log(self) -> bool:
        log, index = (self.path.with_name(self.path.name + end) for end in ("-wal", "-shm"))
        if index.exists():
            return log.exists()
        if log.exists() and log.stat().st_size:
            raise sqlite_failures.unfinished(self.path)
        return False


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _state(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
