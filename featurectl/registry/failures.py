"""The errors of a registry: what happened to which file or lease, who did it, and what to do."""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from featurectl.definitions.duration import span
from featurectl.definitions.instant import to_datetime
from featurectl.errors import ConflictError, StoreError
from featurectl.registry.backup import copies

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from featurectl.registry.protocol import Lease


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


def of_another_project(path: Path, theirs: str, ours: str) -> StoreError:
    """FC611: one file holds one project, whose name is part of every key in the online store."""
    return StoreError(
        "FC611",
        f'the registry {path} belongs to project "{theirs}", not to "{ours}"',
        help=["give this project a file of its own (`registry:` in featurectl.yaml)"],
    )


def newer(path: Path, theirs: int, ours: int) -> StoreError:
    """FC612: a newer featurectl has written the file."""
    return StoreError(
        "FC612",
        f"the registry {path} was written by a newer featurectl",
        notes=[f"its schema is version {theirs}, this featurectl knows {ours}"],
        help=["upgrade: pip install --upgrade featurectl"],
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


def no_such_serial(path: Path, env: str, asked: int, now: int) -> StoreError:
    """FC615: the environment never had that serial in this registry."""
    return StoreError(
        "FC615",
        f"env {env} has no serial {asked}: it is at {now} in the registry {path}",
        notes=["a serial of another registry, or of one that was restored from an older copy"],
        help=[f"featurectl history --env {env} lists what there is"],
    )


def stale(env: str, made_at: int, now: int, notes: Sequence[str]) -> ConflictError:
    """FC501: the serial is not the one that the change was computed against."""
    older = ["this registry is older than the plan: restored from a copy, or another one"]
    return ConflictError(
        "FC501",
        f"the plan is stale: it was made at serial {made_at}, env {env} is at {now}",
        notes=notes if now > made_at else older,
        help=[f"plan again: featurectl plan --env {env}"],
    )


def rebound(code: str, env: str, view: str, notes: Sequence[str]) -> ConflictError:
    """FC501 or FC504: the view's rows were bound anew since they were looked at."""
    verb = "plan" if code == "FC501" else "materialize"
    return ConflictError(
        code,
        f"view {view} was changed in env {env} meanwhile",
        notes=notes,
        help=[f"run again: featurectl {verb} --env {env}"],
    )


def held(lease: Lease, kind: str, now_us: int) -> ConflictError:
    """FC502: somebody alive has the lease."""
    since = f"since {_clock(lease.since_us)} ({span(now_us - lease.since_us)})"
    seen = span(now_us - lease.seen_us)
    return ConflictError(
        "FC502",
        f"{_subject(lease.name)} is locked by {kind} (run #{lease.run})",
        notes=[
            f"{lease.actor.who} pid {lease.actor.pid}, {since}, last sign of life {seen} ago",
        ],
        help=["wait with --lock-timeout 5m; the lock of a dead process is taken over by itself"],
    )


def taken_over(lease: Lease, now: Lease | None) -> ConflictError:
    """FC503: the lease is no longer this holder's."""
    by = f"run #{now.run} by {now.actor.who} pid {now.actor.pid} has it" if now else "nobody has it"
    return ConflictError(
        "FC503",
        f"the lock of {_subject(lease.name)} was lost by run #{lease.run}",
        notes=[f"{by} now; this run gave no sign of life for too long, or had given it back"],
        help=["nothing of it was recorded; run the command again"],
    )


def progressed(view: str, generation: str, notes: Sequence[str]) -> ConflictError:
    """FC504: another run moved the generation's progress."""
    return ConflictError(
        "FC504",
        f"another run loaded view {view} ({generation}) meanwhile",
        notes=notes,
        help=["nothing is lost: run the command again, it continues from there"],
    )


def being_swept(view: str, generation: str) -> ConflictError:
    """FC505: the rows are claimed by who removes them, or gone."""
    return ConflictError(
        "FC505",
        f"view {view} can't be sent to {generation}: its rows are being removed",
        notes=["nothing had read them for longer than the grace time"],
        help=["run the command again: it fills the view anew from its source"],
    )


def deed(run: int, kind: str, who: str, ago_us: int) -> str:
    """Who has moved something, as a note tells it."""
    return f"run #{run}, {kind} by {who}, {span(ago_us)} ago"


def _clock(us: int) -> str:
    return f"{to_datetime(us):%H:%M:%S} UTC"


def _subject(lease: str) -> str:
    kind, _, name = lease.partition(":")
    return f"env {name}" if kind == "apply" else f"view {name.rpartition(':')[2] or kind}"


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
