"""Names that one holder at a time has, as SQL."""

from __future__ import annotations

import os
from dataclasses import astuple
from typing import TYPE_CHECKING

from featurectl.registry import failures
from featurectl.registry.process import is_dead, process_mark
from featurectl.registry.protocol import Actor, Lease
from featurectl.registry.schema import ACTOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.registry.session import Session

_COLUMNS = f"name, id, token, run, {ACTOR}, since_us, seen_us"
_ANEW = ", ".join(
    f"{name} = excluded.{name}" for name in (*_COLUMNS.split(", ")[1:], "process", "held")
)


def take(con: Session, name: str, run: int, actor: Actor, now_us: int) -> Lease:
    """Take the lease, from a dead holder too; its token is greater than any before."""
    row = con.execute(
        f"SELECT held, process, {_COLUMNS} FROM leases WHERE name = ?", (name,)
    ).fetchone()
    before = _lease(row[2:]) if row else None
    if row and before and row[0] and not _is_dead(before, row[1], now_us):
        raise failures.held(before, _kind(con, before.run), now_us)
    taken_from = before.actor if row and before and row[0] else None
    token = before.token + 1 if before else 1
    lease = Lease(name, _new_id(con), token, run, actor, now_us, now_us, taken_from)
    con.execute(
        f"INSERT INTO leases ({_COLUMNS}, process, held)"
        f" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT (name) DO UPDATE SET {_ANEW}",
        (name, lease.id, token, run, *astuple(actor), now_us, now_us, process_mark(actor.pid)),
    )
    return lease


def give_sign(con: Session, lease: Lease, now_us: int) -> None:
    """Record a sign of life; FC503 when the lease is no longer this holder's."""
    check_held(con, lease)
    con.execute("UPDATE leases SET seen_us = ? WHERE name = ?", (now_us, lease.name))


def give_back(con: Session, lease: Lease) -> None:
    """Let go of the lease, unless somebody else has it."""
    con.execute(
        "UPDATE leases SET held = 0 WHERE name = ? AND token = ? AND id = ?",
        (lease.name, lease.token, lease.id),
    )


def check_held(con: Session, lease: Lease) -> None:
    """Raise FC503 unless the lease is still this holder's."""
    row = con.execute(
        f"SELECT held, {_COLUMNS} FROM leases WHERE name = ?", (lease.name,)
    ).fetchone()
    now = _lease(row[1:]) if row and row[0] else None
    if now is None or (now.token, now.id) != (lease.token, lease.id):
        raise failures.taken_over(lease, now)


def read_held(con: Session) -> list[Lease]:
    """All leases that are held, by name; also those of dead holders that nobody took over yet."""
    found = con.execute(f"SELECT {_COLUMNS} FROM leases WHERE held = 1 ORDER BY name")
    return [_lease(row) for row in found]


def _is_dead(lease: Lease, mark: str, now_us: int) -> bool:
    actor = lease.actor
    return is_dead(actor.host, actor.pid, mark, seen_us=lease.seen_us, now_us=now_us)


def _lease(row: Sequence[object]) -> Lease:
    name, id_, token, run, user, host, pid, git, since_us, seen_us = row
    return Lease(name, id_, token, run, Actor(user, host, pid, git), since_us, seen_us)  # type: ignore[arg-type]


def _kind(con: Session, run: int) -> str:
    row = con.execute("SELECT kind FROM runs WHERE run = ?", (run,)).fetchone()
    return str(row[0]) if row else "another command"


def _new_id(con: Session) -> str:
    """Four hexadecimal digits that no held lease has: short, because a person types them."""
    taken = {row[0] for row in con.execute("SELECT id FROM leases WHERE held = 1")}
    while (found := os.urandom(2).hex()) in taken:
        continue
    return found
