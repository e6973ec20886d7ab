"""Which rows of the online store each view is bound to, now and at any time before, as SQL."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from featurectl.definitions.binding import Binding, read_binding
from featurectl.registry import failures

if TYPE_CHECKING:
    import sqlite3


@dataclass(frozen=True)
class Stamp:
    """What a change of bindings is recorded under: the numbers that hold after it."""

    env: str
    serial: int
    revision: int
    run: int
    at_us: int


def current(con: sqlite3.Connection, env: str) -> dict[str, Binding]:
    """The bindings of now, by view."""
    found = con.execute(
        "SELECT view, document FROM bindings WHERE env = ? AND until_us IS NULL ORDER BY view",
        (env,),
    )
    return {view: read_binding(json.loads(document)) for view, document in found}


def replace(con: sqlite3.Connection, stamp: Stamp, view: str, binding: Binding | None) -> bool:
    """Bind the view anew from now on, or no longer; False when it already is so."""
    held, since_us = con.execute(
        "SELECT max(document), max(since_us) FROM bindings"
        " WHERE env = ? AND view = ? AND until_us IS NULL",
        (stamp.env, view),
    ).fetchone()
    document = json.dumps(binding.document(), ensure_ascii=False) if binding else None
    if held == document:
        return False
    at_us = max(stamp.at_us, since_us or 0)  # a clock that was set back makes no negative time
    con.execute(
        "UPDATE bindings SET until_us = ? WHERE env = ? AND view = ? AND until_us IS NULL",
        (at_us, stamp.env, view),
    )
    if document:
        con.execute(
            "INSERT INTO bindings (env, view, document, revision, serial, run, since_us)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (stamp.env, view, document, stamp.revision, stamp.serial, stamp.run, at_us),
        )
    return True


def check_unmoved(
    con: sqlite3.Connection,
    code: Literal["FC501", "FC504"],
    *,
    env: str,
    view: str,
    revision: int,
    now_us: int,
) -> None:
    """Refuse with ``code`` when the view was bound anew, or let go, after ``revision``.

    A flip and an apply of the same view both write its binding: the later would undo the other.
    """
    moved = con.execute(
        "SELECT b.run, coalesce(r.kind, 'apply'), coalesce(r.user, ''), coalesce(r.host, ''),"
        " b.since_us FROM bindings b LEFT JOIN runs r ON r.run = b.run"
        " WHERE b.env = ? AND b.view = ? AND b.revision > ? ORDER BY b.revision DESC LIMIT 1",
        (env, view, revision),
    ).fetchone()
    if moved:
        run, kind, user, host, since_us = moved
        note = failures.deed(run, kind, f"{user}@{host}", now_us - since_us)
        raise failures.rebound(code, env, view, [note])
    if code == "FC504" and not _is_bound(con, env, view):
        raise failures.rebound(code, env, view, [f"view {view} is no longer applied"])


def _is_bound(con: sqlite3.Connection, env: str, view: str) -> bool:
    found = con.execute(
        "SELECT 1 FROM bindings WHERE env = ? AND view = ? AND until_us IS NULL", (env, view)
    ).fetchone()
    return found is not None
