"""Which runs moved which data, and how far each generation is loaded, as SQL."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import astuple, fields
from typing import TYPE_CHECKING, Any, Final

from featurectl.registry import bindings, failures, generations, leases, schema
from featurectl.registry.applied import position
from featurectl.registry.process import is_dead, process_mark
from featurectl.registry.protocol import Actor, Progress, RunRecord, ViewRun
from featurectl.registry.serving_history import Load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.definitions.binding import Binding
    from featurectl.registry.protocol import Lease, RunKind, RunStatus
    from featurectl.registry.session import Session

_PART: Final = ", ".join(f'"{field.name}"' for field in fields(ViewRun))
_LOAD: Final = ", ".join(field.name for field in fields(Load))
_AT_ONCE: Final = 500  # SQLite before 3.32 takes no more than 999 values
_PROGRESS: Final = ", ".join(field.name for field in fields(Progress))
_MOVED: Final = ", ".join(f"{field.name} = excluded.{field.name}" for field in fields(Progress))


def begin_run(
    con: Session, kind: RunKind, env: str, *, serial: int, actor: Actor, now_us: int
) -> int:
    """Open a run, and return its number."""
    # Writers take turns, and no run is ever deleted: the next number is nobody else's.
    run = int(con.execute("SELECT coalesce(max(run), 0) + 1 FROM runs").fetchone()[0])
    con.execute(
        f"INSERT INTO runs (run, kind, env, status, started_us, {schema.ACTOR}, process, serial)"
        " VALUES (?, ?, ?, 'running', ?, ?, ?, ?, ?, ?, ?)",
        (run, kind, env, now_us, *astuple(actor), process_mark(actor.pid), serial),
    )
    return run


def finish_run(con: Session, run: int, status: RunStatus, now_us: int) -> None:
    """Close a run; one that is closed stays as it is."""
    con.execute(
        "UPDATE runs SET status = ?, finished_us = ? WHERE run = ? AND status = 'running'",
        (status, now_us, run),
    )


def read_progress(con: Session, env: str, generations: Sequence[str]) -> dict[str, Progress]:
    """How far each of the generations is loaded, in the order asked for."""
    found: dict[str, Progress] = {
        generation: Progress(*rest)
        for generation, *rest in con.execute(
            f"SELECT generation, {_PROGRESS} FROM progress WHERE env = ?", (env,)
        )
    }
    return {name: found[name] for name in generations if name in found}


def write_part(
    con: Session,
    env: str,
    run: int,
    part: ViewRun,
    *,
    lease: Lease | None,
    expected: Progress | None,
    progress: Progress | None,
    binding: Binding | None,
    revision: int | None,
    now_us: int,
) -> int:
    """Record the part, move the progress and flip the binding, within the open transaction."""
    if lease:
        leases.check_held(con, lease)
    if progress:
        _move(con, env, part, expected=expected, progress=progress, now_us=now_us)
    con.execute(
        f"INSERT INTO run_views (id, run, env, {_PART})"
        " VALUES ((SELECT coalesce(max(id), 0) + 1 FROM run_views), ?, ?"
        f"{', ?' * len(fields(ViewRun))})",
        (run, env, *astuple(part)),
    )
    serial, at = position(con, env)
    if binding is None:
        return at
    seen = at if revision is None else revision
    bindings.check_unmoved(con, "FC504", env=env, views=[part.view], revision=seen, now_us=now_us)
    wanted = {part.view: binding}
    data = {part.view: generations.data_of(con, env, part.view)}
    generations.admit(con, env, wanted, data, now_us)
    bindings.replace(con, bindings.Stamp(env, serial, at + 1, run, now_us), wanted)
    generations.retire(con, now_us)
    con.execute("UPDATE envs SET revision = ? WHERE env = ?", (at + 1, env))
    return at + 1


def read_runs(con: Session, env: str | None, limit: int, now_us: int) -> list[RunRecord]:
    """Runs with their parts, newest first; a run whose process is gone has ``died``."""
    newest = f"FROM runs {'WHERE env = ?' if env else ''} ORDER BY run DESC LIMIT ?"
    which = (env, limit) if env else (limit,)
    rows = con.execute(
        f"SELECT run, kind, env, status, started_us, finished_us, {schema.ACTOR},"
        " coalesce((SELECT max(serial) FROM commits WHERE commits.run = runs.run), serial),"
        f" process {newest}",
        which,
    ).fetchall()
    parts: defaultdict[int, list[ViewRun]] = defaultdict(list)
    for run, *part in con.execute(
        f"SELECT run, {_PART} FROM run_views WHERE run IN (SELECT run {newest}) ORDER BY id", which
    ):
        parts[run].append(ViewRun(*part))
    seen = _last_signs(con)
    return [_record(row, tuple(parts[row[0]]), seen, now_us) for row in rows]


def read_loads(con: Session, generations: Sequence[str]) -> list[Load]:
    """What runs have loaded into the generations, whichever environment's they were."""
    found: list[tuple[int, Load]] = []
    for first in range(0, len(generations), _AT_ONCE):
        asked = generations[first : first + _AT_ONCE]
        # All environments by name: the index begins with them.
        rows = con.execute(
            f"SELECT id, {_LOAD} FROM run_views WHERE env IN (SELECT env FROM envs)"
            f" AND generation IN ({', '.join('?' * len(asked))}) AND status = 'ok'",
            asked,
        )
        found += [(id_, Load(*part)) for id_, *part in rows]
    return [load for _, load in sorted(found, key=lambda pair: pair[0])]


def _record(
    row: Sequence[Any], parts: tuple[ViewRun, ...], seen: dict[int, int], now_us: int
) -> RunRecord:
    run, kind, env, status, started_us, finished_us, user, host, pid, git, serial, mark = row
    if status == "running":
        seen_us = max(started_us, seen.get(run, 0), *(part.finished_us for part in parts), 0)
        if is_dead(host, pid, mark, seen_us=seen_us, now_us=now_us):
            status = "died"
    actor = Actor(user, host, pid, git)
    return RunRecord(run, kind, env, status, started_us, finished_us, actor, serial, parts)


def _last_signs(con: Session) -> dict[int, int]:
    """The last signs of life that runs have given through their leases."""
    return dict(con.execute("SELECT run, max(seen_us) FROM leases GROUP BY run"))


def _move(
    con: Session,
    env: str,
    part: ViewRun,
    *,
    expected: Progress | None,
    progress: Progress,
    now_us: int,
) -> None:
    found = read_progress(con, env, [part.generation]).get(part.generation)
    if found != expected:
        raise failures.progressed(part.view, part.generation, _mover(con, found, now_us))
    con.execute(
        f"INSERT INTO progress (env, generation, {_PROGRESS})"
        f" VALUES (?, ?{', ?' * len(fields(Progress))})"
        f" ON CONFLICT (env, generation) DO UPDATE SET {_MOVED}",
        (env, part.generation, *astuple(progress)),
    )


def _mover(con: Session, found: Progress | None, now_us: int) -> list[str]:
    if found is None:
        return ["its progress is no longer recorded in this registry"]
    row = con.execute(
        'SELECT kind, "user", host, coalesce(finished_us, started_us) FROM runs WHERE run = ?',
        (found.run,),
    ).fetchone()
    if row is None:
        return [f"run #{found.run} moved it"]
    kind, user, host, at_us = row
    return [failures.deed(found.run, kind, f"{user}@{host}", now_us - at_us)]
