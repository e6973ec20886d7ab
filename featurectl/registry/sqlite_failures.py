"""The errors of a registry's file: what happened to it, and what to do."""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from featurectl.errors import StoreError
from featurectl.registry.sqlite_backup import copies

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def told_of(path: Path, *, writing: bool) -> Iterator[None]:
    """Errors of SQLite and of the file system inside the block, as errors of this registry."""
    try:
        yield
    except sqlite3.Error as error:
        known = _of_sqlite(error, path, writing=writing)
        if known is None:
            raise
        raise known from error
    except json.JSONDecodeError as error:
        raise damaged(path, f"a document in it is no JSON: {error}") from error
    except OSError as error:
        wrong_path = isinstance(error, (FileExistsError, NotADirectoryError, IsADirectoryError))
        failure = unwritable if writing and not wrong_path else unopened
        raise failure(path, error.strerror or str(error)) from error


def unopened(path: Path, why: str) -> StoreError:
    """FC611: the file is there but can't be opened."""
    return StoreError(
        "FC611",
        f"the registry {path} can't be opened: {why}",
        help=["check the path (`registry:` in featurectl.yaml) and who may read the file"],
    )


def busy(path: Path) -> StoreError:
    """FC611: another process has been writing for longer than we wait."""
    return StoreError(
        "FC611",
        f"the registry {path} is kept busy by another process",
        notes=["a write takes milliseconds: the process may hang, or the disk be very slow"],
        help=["try again; if it stays so, look for the process: fuser " + str(path)],
    )


def unfinished(path: Path) -> StoreError:
    """FC611: the newest changes are in a log that only who may write can read."""
    return StoreError(
        "FC611",
        f"the registry {path} can't be opened: its newest changes are still in {path.name}-wal",
        notes=["the process that wrote them ended early, and this folder can't be written"],
        help=[f"run any command as a user who may write to {path.parent}; that puts it in order"],
    )


def unread(path: Path, why: str) -> StoreError:
    """FC611: the disk gave an error. The file itself may be whole: it is not to be replaced."""
    return StoreError(
        "FC611",
        f"the registry {path} can't be read: {why}",
        notes=["reading needs some room too: an index of the log, beside the file"],
        help=[
            "see whether the disk is full, or over a quota, and whether the system reports errors"
        ],
    )


def damaged(path: Path, why: str) -> StoreError:
    """FC613: the file is no registry, or not all of one."""
    return StoreError(
        "FC613", f"the registry {path} is damaged or no registry: {why}", help=_repair(path)
    )


def unwritable(path: Path, why: str) -> StoreError:
    """FC614: the file, its folder or its disk takes no writes. Nothing was changed."""
    return StoreError(
        "FC614",
        f"the registry {path} can't be written: {why}",
        notes=["nothing was changed"],
        help=[f"make {path} and its folder writable for this user, and free space on its disk"],
    )


def _of_sqlite(error: sqlite3.Error, path: Path, *, writing: bool) -> StoreError | None:
    """The failure by SQLite's words, as Python 3.10 hands out no codes; None: a mistake of ours."""
    if type(error) not in (sqlite3.OperationalError, sqlite3.DatabaseError):
        return None
    words = str(error)
    if "locked" in words:
        return busy(path)
    if "unable to open" in words:
        return unopened(path, words)
    if "readonly" in words or "full" in words or (writing and "disk I/O" in words):
        return unwritable(path, words)
    if "disk I/O" in words:
        return unread(path, words)
    return damaged(path, words)


def _repair(path: Path) -> list[str]:
    found = copies(path)
    if not found:
        return [
            f"move it away ({path} and the files beginning with its name), then: featurectl apply",
            "that makes a new registry from the definitions; materialize then loads everything",
        ]
    log = f"{path}-wal {path}-shm"
    return [f"put back the newest copy: rm -f {log}; cp {found[-1]} {path}"]
