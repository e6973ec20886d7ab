"""Which generations there are, who writes them, and since when nothing reads them any more, as SQL.

A generation is retired while no binding names it. Who is about to remove its rows claims it first:
from then on it can't be bound again, however long the removal takes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from featurectl.definitions.binding import read_binding
from featurectl.registry import failures, schema
from featurectl.registry.retention import GenerationRecord

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from featurectl.definitions.binding import Binding
    from featurectl.registry.session import Session

_BOUND: Final = """
    SELECT read_id FROM bindings WHERE until_us IS NULL
    UNION SELECT fill_id FROM bindings WHERE until_us IS NULL AND fill_id IS NOT NULL"""
_AT_ONCE: Final = 500  # SQLite before 3.32 takes no more than 999 values
# From the few generations that are left to the rows that name them: SQLite takes CROSS JOIN as an
# order, and PostgreSQL does so by itself.
_RECORDS: Final = """
    SELECT b.view, g.generation, b.document, b.serial, b.until_us, g.owner, g.data,
        EXISTS (SELECT 1 FROM bindings r WHERE r.read_id = g.generation), g.retired_us
    FROM generations g CROSS JOIN bindings b
    WHERE g.claimed_us IS NULL AND g.swept_us IS NULL
        AND b.env = ? AND b.target_id = g.generation
    ORDER BY b.revision, b.view"""

_LEFT: Final = """
    SELECT generation, data FROM generations
    WHERE retired_us IS NULL AND claimed_us IS NULL AND (generation, owner) NOT IN (
        SELECT read_id, env FROM bindings WHERE until_us IS NULL
        UNION SELECT fill_id, env FROM bindings WHERE until_us IS NULL AND fill_id IS NOT NULL)
    ORDER BY generation"""
_HEIR: Final = """
    SELECT b.env FROM bindings b WHERE b.env IN (
        SELECT n.env FROM bindings n
        WHERE n.until_us IS NULL AND (n.read_id = ? OR n.fill_id = ?))
    AND ? IN (b.read_id, b.fill_id)
    GROUP BY b.env ORDER BY min(b.since_us) DESC, b.env LIMIT 1"""


def owners(con: Session, env: str, bindings: Iterable[Binding]) -> dict[str, str]:
    """By generation that the environment's bindings name, the environment whose runs write it."""
    if schema.version(con) < schema.WITH_GENERATIONS:
        return {id_: env for binding in bindings for id_ in _named(binding)}
    found = con.execute(
        "SELECT g.generation, g.owner FROM bindings b"
        " JOIN generations g ON g.generation IN (b.read_id, b.fill_id)"
        " WHERE b.env = ? AND b.until_us IS NULL ORDER BY g.generation",
        (env,),
    )
    return dict(found.fetchall())


def shared(con: Session, env: str, bindings: Iterable[Binding]) -> frozenset[str]:
    """The generations that the bindings name, and those of another environment too."""
    if schema.version(con) < schema.WITH_GENERATIONS:
        return frozenset()
    others = con.execute(
        "SELECT read_id, fill_id FROM bindings WHERE env <> ? AND until_us IS NULL", (env,)
    )
    elsewhere = {id_ for row in others for id_ in row}
    return frozenset(id_ for binding in bindings for id_ in _named(binding) if id_ in elsewhere)


def read_records(con: Session, env: str) -> list[GenerationRecord]:
    """What the environment has bound views to, and nobody has begun to remove; newest last."""
    if schema.version(con) < schema.WITH_GENERATIONS:
        return []
    last: dict[tuple[str, str], Sequence[Any]] = {}
    for view, id_, *row in con.execute(_RECORDS, (env,)):
        last.pop((view, id_), None)
        last[view, id_] = row
    # One call for all documents, as of objects.
    documents = json.loads(f"[{','.join(row[0] for row in last.values())}]")
    commits = con.execute(
        "SELECT at_us, serial FROM commits WHERE env = ? ORDER BY serial", (env,)
    ).fetchall()
    return [
        _record(env, document, row[1:], commits)
        for document, row in zip(documents, last.values(), strict=True)
    ]


def _record(
    env: str,
    document: Mapping[str, Any],
    row: Sequence[Any],
    commits: Sequence[tuple[int, int]],
) -> GenerationRecord:
    since, until_us, owner, data, served, retired_us = row
    serial = _last_serial(since, until_us, commits)
    bound = read_binding(document)
    return GenerationRecord(
        *(env, bound.view, bound.target, serial, owner, data),
        served=bool(served),
        retired_us=retired_us,
        needs_fill=bound.needs_fill,
    )


def _last_serial(since: int, until_us: int | None, commits: Sequence[tuple[int, int]]) -> int:
    """The last serial of a binding made at ``since``, which the commit of ``until_us`` has ended.

    ``commits`` are (time, serial), oldest first. That of ``since`` where a flip has ended it, or
    the clock was set back.
    """
    if until_us is None:
        return commits[-1][1] if commits else since
    ended = (serial for at_us, serial in commits if serial > since and at_us == until_us)
    return next(ended, since + 1) - 1


def admit(
    con: Session,
    env: str,
    bindings: Mapping[str, Binding | None],
    data: Mapping[str, str],
    now_us: int,
) -> None:
    """Note those that the bindings are the first to name; ``data`` is by view where sources are.

    Raises:
        ConflictError: FC505 the rows of one are being removed, or are gone.
    """
    found = {
        id_: (view, id_) for view, binding in bindings.items() if binding for id_ in _named(binding)
    }
    known = _doomed(con, found)
    for id_, (view, _) in found.items():
        if known.get(id_):
            raise failures.being_swept(view, id_)
    con.executemany(
        "INSERT INTO generations (generation, owner, data, since_us) VALUES (?, ?, ?, ?)",
        [
            (id_, env, data.get(view, ""), now_us)
            for id_, (view, _) in found.items()
            if id_ not in known
        ],
    )


def retire(con: Session, now_us: int) -> None:
    """Retire what no binding of any environment names any more, and bring back what one names.

    What its owner has let go of goes to the environment that has come to name it last.
    """
    con.execute(
        "UPDATE generations SET retired_us = ?"
        f" WHERE retired_us IS NULL AND generation NOT IN ({_BOUND})",
        (now_us,),
    )
    con.execute(
        "UPDATE generations SET retired_us = NULL"
        f" WHERE retired_us IS NOT NULL AND generation IN ({_BOUND})"
    )
    for id_, data in con.execute(_LEFT).fetchall():
        (heir,) = con.execute(_HEIR, (id_,) * 3).fetchone()
        take(con, heir, [id_], data)


def take(con: Session, env: str, generations: Collection[str], data: str) -> bool:
    """Have ``env`` write them from now on, from where their owners are; whether any changed hands.

    Those that nobody has bound yet are left to :func:`admit`.
    """
    changed = False
    for id_ in generations:
        row = con.execute("SELECT owner FROM generations WHERE generation = ?", (id_,)).fetchone()
        if row is None or row[0] == env:
            continue
        changed = True
        con.execute(
            "UPDATE generations SET owner = ?, data = ? WHERE generation = ?", (env, data, id_)
        )
        con.execute("DELETE FROM progress WHERE env = ? AND generation = ?", (env, id_))
        con.execute(
            "INSERT INTO progress (env, generation, watermark_us, created_bound_us, source_digest,"
            " run, newest_us)"
            " SELECT ?, generation, watermark_us, created_bound_us, source_digest, run, newest_us"
            " FROM progress WHERE env = ? AND generation = ?",
            (env, row[0], id_),
        )
    return changed


def claim(
    con: Session, env: str, before_us: int, now_us: int, only: Collection[str] | None = None
) -> list[str]:
    """The environment's own that were retired before then, or claimed and not yet swept; by age."""
    mark = "UPDATE generations SET claimed_us = ? WHERE owner = ? AND retired_us < ?"
    mark += " AND claimed_us IS NULL AND swept_us IS NULL"
    values = (now_us, env, before_us)
    if only is None:
        con.execute(mark, values)
    else:
        con.executemany(f"{mark} AND generation = ?", [(*values, id_) for id_ in only])
    found = con.execute(
        "SELECT generation FROM generations"
        " WHERE owner = ? AND claimed_us IS NOT NULL AND swept_us IS NULL"
        " ORDER BY retired_us, generation",
        (env,),
    )
    return [id_ for (id_,) in found if only is None or id_ in only]


def note_swept(con: Session, generations: Sequence[str], now_us: int) -> None:
    """Note that rows are gone; one that a binding names again is left as it is."""
    con.executemany(
        "UPDATE generations SET swept_us = ?"
        " WHERE generation = ? AND retired_us IS NOT NULL AND swept_us IS NULL",
        [(now_us, id_) for id_ in generations],
    )


def data_of(con: Session, env: str, view: str) -> str:
    """Where the sources are that the view's rows come from now; empty where another env has them.

    What a run makes beside them, on its own, comes from there too.
    """
    row = con.execute(
        "SELECT g.data FROM bindings b JOIN generations g ON g.generation = b.target_id"
        " WHERE b.env = ? AND b.view = ? AND b.until_us IS NULL AND g.owner = b.env",
        (env, view),
    ).fetchone()
    return str(row[0]) if row else ""


def _named(binding: Binding) -> list[str]:
    return [each.id for each in (binding.read, binding.fill) if each]


def _doomed(con: Session, generations: Collection[str]) -> dict[str, bool]:
    """Of those that are known: whether their rows are being removed or gone."""
    ids = list(generations)
    found: dict[str, bool] = {}
    for first in range(0, len(ids), _AT_ONCE):
        asked = ids[first : first + _AT_ONCE]
        rows = con.execute(
            "SELECT generation, coalesce(claimed_us, swept_us) FROM generations"
            f" WHERE generation IN ({', '.join('?' * len(asked))})",
            asked,
        )
        found |= {id_: gone_us is not None for id_, gone_us in rows}
    return found
