"""Which rows of the online store each view is bound to, now and at any time before, as SQL."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from featurectl.definitions.binding import Binding, read_binding
from featurectl.registry import failures
from featurectl.registry.serving_history import Bound

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from featurectl.registry.session import Session

_MOVED: Final = """
    SELECT b.view, b.run, coalesce(r.kind, 'apply'), coalesce(r."user", ''), coalesce(r.host, ''),
        b.since_us
    FROM bindings b LEFT JOIN runs r ON r.run = b.run
    WHERE b.env = ? AND b.revision > ? ORDER BY b.revision DESC, b.view"""


@dataclass(frozen=True)
class Stamp:
    """What a change of bindings is recorded under: the numbers that hold after it."""

    env: str
    serial: int
    revision: int
    run: int
    at_us: int


def current(con: Session, env: str) -> dict[str, Binding]:
    """The bindings of now, by view."""
    rows = list(
        con.execute(
            "SELECT view, document FROM bindings WHERE env = ? AND until_us IS NULL ORDER BY view",
            (env,),
        )
    )
    # One call for all documents, as of objects.
    documents = json.loads(f"[{','.join(document for _, document in rows)}]")
    return {
        view: read_binding(document) for (view, _), document in zip(rows, documents, strict=True)
    }


def past(con: Session, env: str, view: str) -> list[Bound]:
    """All bindings that the view has had under this name, oldest first."""
    rows = con.execute(
        "SELECT document, serial, since_us, until_us FROM bindings WHERE env = ? AND view = ?"
        " ORDER BY revision",
        (env, view),
    ).fetchall()
    documents = json.loads(f"[{','.join(row[0] for row in rows)}]")
    return [
        Bound(read_binding(document), *rest)
        for document, (_, *rest) in zip(documents, rows, strict=True)
    ]


def replace(con: Session, stamp: Stamp, wanted: Mapping[str, Binding | None]) -> bool:
    """Bind the views anew from now on, or no longer (None); False when all already are so."""
    held = {
        view: (document, since_us)
        for view, document, since_us in con.execute(
            "SELECT view, document, since_us FROM bindings WHERE env = ? AND until_us IS NULL",
            (stamp.env,),
        )
    }
    closed, opened = [], []
    for view, binding in wanted.items():
        document, since_us = held.get(view, (None, 0))
        new = json.dumps(binding.document(), ensure_ascii=False) if binding else None
        if new == document:
            continue
        at_us = max(stamp.at_us, since_us)  # a clock that was set back makes no negative time
        if document is not None:
            closed.append((at_us, stamp.env, view))
        if binding:
            opened.append((*names(binding), new, at_us, view))
    con.executemany(
        "UPDATE bindings SET until_us = ? WHERE env = ? AND view = ? AND until_us IS NULL", closed
    )
    con.executemany(
        "INSERT INTO bindings"
        " (read_id, fill_id, target_id, document, since_us, view, env, revision, serial, run)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(*row, stamp.env, stamp.revision, stamp.serial, stamp.run) for row in opened],
    )
    return bool(closed or opened)


def names(binding: Binding) -> tuple[str, str | None, str]:
    """The ids of what readers are sent to, of what is filled, if any, and of what runs write."""
    return binding.read.id, binding.fill.id if binding.fill else None, binding.target.id


def check_unmoved(
    con: Session,
    code: Literal["FC501", "FC504"],
    *,
    env: str,
    views: Collection[str],
    revision: int,
    now_us: int,
) -> None:
    """Refuse with ``code`` when one of the views was bound anew, or let go, after ``revision``.

    A flip and an apply of the same view both write its binding: the later would undo the other.
    """
    moved = con.execute(_MOVED, (env, revision))
    for view, run, kind, user, host, since_us in moved:
        if view in views:
            note = failures.deed(run, kind, f"{user}@{host}", now_us - since_us)
            raise failures.rebound(code, env, view, [note])
    for view in views if code == "FC504" else ():
        if not _is_bound(con, env, view):
            raise failures.rebound(code, env, view, [f"view {view} is no longer applied"])


def _is_bound(con: Session, env: str, view: str) -> bool:
    found = con.execute(
        "SELECT 1 FROM bindings WHERE env = ? AND view = ? AND until_us IS NULL", (env, view)
    ).fetchone()
    return found is not None
