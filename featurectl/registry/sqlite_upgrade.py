"""A file that an older featurectl has made gets today's tables, in place and at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from featurectl.definitions.binding import read_binding
from featurectl.registry import schema
from featurectl.registry.bindings import names

if TYPE_CHECKING:
    from featurectl.registry.session import Session


def upgrade(con: Session) -> None:
    """Make version 1 to version 2, within the transaction that is open.

    The generations are those of all bindings that there ever were. Each belongs to the environment
    that bound it first. What no binding names any more was removed at once by version 1: it counts
    as claimed, so that nobody is sent back to it and the next sweep takes what may be left.
    """
    for column in (
        "read_id TEXT NOT NULL DEFAULT ''",
        "fill_id TEXT",
        "target_id TEXT NOT NULL DEFAULT ''",
    ):
        con.execute(f"ALTER TABLE bindings ADD COLUMN {column}")
    for statement in schema.SINCE_2:
        con.execute(statement)
    bound = con.execute(
        "SELECT env, view, revision, document, since_us, until_us FROM bindings"
        " ORDER BY since_us, env, revision, view"
    ).fetchall()
    first: dict[str, tuple[str, int]] = {}
    last: dict[str, int | None] = {}
    for env, view, revision, document, since_us, until_us in bound:
        binding = read_binding(json.loads(document))
        con.execute(
            "UPDATE bindings SET read_id = ?, fill_id = ?, target_id = ?"
            " WHERE env = ? AND view = ? AND revision = ?",
            (*names(binding), env, view, revision),
        )
        for id_ in {binding.read.id, binding.target.id}:
            first.setdefault(id_, (env, since_us))
            last[id_] = _later(last.get(id_, 0), until_us)
    con.executemany(
        "INSERT INTO generations (generation, owner, data, since_us, retired_us, claimed_us)"
        " VALUES (?, ?, '', ?, ?, ?)",
        [(id_, *first[id_], until_us, until_us) for id_, until_us in last.items()],
    )
    con.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(schema.VERSION),))


def _later(one_us: int | None, other_us: int | None) -> int | None:
    """The later of two ends; None, still bound, is later than any."""
    return None if one_us is None or other_us is None else max(one_us, other_us)
