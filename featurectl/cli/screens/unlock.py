"""The screens of ``unlock``: the locks that are held, and what is asked before one is released."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.paint import paint, readable
from featurectl.cli.table import table
from featurectl.definitions.duration import span
from featurectl.definitions.instant import to_datetime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.flows.unlock import Lock

HEADER = ("ID", "LOCK", "HELD BY", "SINCE (UTC)", "LAST SIGN OF LIFE")


def locks_screen(locks: Sequence[Lock], unlock: str) -> list[str]:
    """One line per lock; ``unlock`` is what to type before an id."""
    if not locks:
        return ["No lock is held."]
    rows = [
        [lock.lease.id, lock.subject, _holder(lock), _since(lock), _sign_of_life(lock)]
        for lock in locks
    ]
    return [*table(rows, header=HEADER), "", f"Release one with: {unlock} ID"]


def lock_lines(lock: Lock) -> list[str]:
    """Who holds a lock, before it is released."""
    held_for = span(lock.now_us - lock.lease.since_us)
    seen = f"last sign of life {_sign_of_life(lock)}"
    lines = [
        f"{lock.subject}: locked by {_holder(lock)}",
        f"since {_since(lock)} UTC ({held_for}), {seen}",
    ]
    return [*lines, "the next run takes it over by itself"] if lock.died else lines


def warning(lock: Lock) -> str:
    """What a holder that is alive loses; empty where it is not."""
    if not lock.is_lively:
        return ""
    return (
        f"it gave a sign of life {span(lock.silent_us)} ago, so it is at work: it will fail at its "
        "next step, and what it has not recorded by then must be done again"
    )


def question(lock: Lock) -> str:
    """What is asked at a terminal."""
    if lock.is_lively:
        return f"Release the lock of a {paint('running', 'red')} {lock.kind or 'command'}? [y/N]"
    return "Release it? [y/N]"


def released(lock: Lock) -> str:
    """The last line."""
    return (
        f"Released {lock.lease.id}, {lock.subject}. Run #{lock.lease.run} can record nothing any "
        "more (FC503)."
    )


def _holder(lock: Lock) -> str:
    actor = lock.lease.actor
    run = f"{lock.kind} run" if lock.kind else "run"
    return f"{readable(actor.who)} pid {actor.pid} ({run} #{lock.lease.run})"


def _since(lock: Lock) -> str:
    return f"{to_datetime(lock.lease.since_us):%Y-%m-%d %H:%M:%S}"


def _sign_of_life(lock: Lock) -> str:
    gone = f", {paint('gone', 'red')}" if lock.died else ""
    return f"{span(lock.silent_us)} ago{gone}"
