"""The SQLite file of the embedded online store: its schema, its permissions, and its errors."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from featurectl.errors import StoreError
from featurectl.system.sqlite_file import connect, make_file, make_folder, use_write_ahead_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_APPLICATION = 0x66637472
_SCHEMA_VERSION = 1
_BUSY_S = 30.0

# Without a rowid the rows lie in the order of their keys, so that a generation is one range; a
# generation's manifest, version and stamp are rows without times.
_SCHEMA = """
create table if not exists rows (
  key blob primary key, value blob not null,
  event_us integer, created_us integer, expires_at_ms integer
) without rowid
"""


def open_file(path: Path, *, create: bool) -> sqlite3.Connection | None:
    """A connection in autocommit mode, usable from any thread; None where there is no file.

    With ``create`` folder and file are made where they are missing, readable by their owner only.

    Raises:
        StoreError: FC601 it can't be opened, FC604 not one of ours, or of a newer version.
    """
    with store_errors(path):
        if create:
            make_folder(path.parent)
            make_file(path)
        elif not path.exists():
            return None
        connection = connect(path, "mode=rw", _BUSY_S)
        try:
            ready = _is_ready(connection, path)
            if create and not ready:
                _make_tables(connection)
            # What a crash of the machine may lose are the last commits, in their order: then the
            # stamp, which is written after the rows, is behind too, and the next run refills.
            connection.execute("pragma synchronous = normal")
        except BaseException:
            connection.close()
            raise
        if ready or create:
            return connection
        connection.close()
        return None


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turns what SQLite or the file system says into an error of the store."""
    try:
        yield
    except sqlite3.Error as error:
        raise _store_error(error, path) from error
    except OSError as error:
        code = "FC602" if isinstance(error, PermissionError) else "FC601"
        why = error.strerror or str(error)
        raise StoreError(code, f"can't open the online store {path}: {why}") from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the block or none of it, with the one place of a writer taken from the start."""
    connection.execute("begin immediate")
    try:
        yield
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("rollback")
        raise
    connection.execute("commit")


def _is_ready(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the file has our tables; False for one that is still empty."""
    # In this order: what another process creates meanwhile is then seen with its owner.
    (tables,) = connection.execute("select count(*) from sqlite_master").fetchone()
    if not tables:
        return False
    (owner,) = connection.execute("pragma application_id").fetchone()
    (version,) = connection.execute("pragma user_version").fetchone()
    if owner != _APPLICATION:
        raise StoreError(
            "FC604",
            f"{path} is a SQLite file, but not an online store",
            help=["give the online store a file of its own (`online:` in featurectl.yaml)"],
        )
    if version > _SCHEMA_VERSION:
        raise StoreError(
            "FC604",
            f"the online store {path} is of a newer version ({version}, not {_SCHEMA_VERSION})",
            help=["update featurectl"],
        )
    return True


def _make_tables(connection: sqlite3.Connection) -> None:
    use_write_ahead_log(connection, _BUSY_S)
    with transaction(connection):
        connection.execute(_SCHEMA)
        connection.execute(f"pragma application_id = {_APPLICATION}")
        connection.execute(f"pragma user_version = {_SCHEMA_VERSION}")


def _store_error(error: sqlite3.Error, path: Path) -> StoreError:
    text = str(error)
    if "full" in text or "disk I/O" in text:
        return StoreError(
            "FC603",
            f"the online store {path} can't be written: {text}",
            help=["free space on its disk"],
        )
    if "readonly" in text or "authoriz" in text:
        return StoreError(
            "FC602",
            f"the online store {path} can't be written: {text}",
            help=[
                f"let this user write to it and to {path.parent}: a log beside it, for readers too"
            ],
        )
    if "unable to open" in text or "locked" in text:
        return StoreError("FC601", f"can't open the online store {path}: {text}")
    damaged = "malformed" in text or "not a database" in text
    anew = "move it away, then: featurectl apply, and featurectl materialize, which loads it anew"
    return StoreError("FC604", f"the online store {path}: {text}", help=[anew] if damaged else [])
