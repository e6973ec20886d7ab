"""What is applied in an environment: snapshots, commits and their history, as SQL."""

from __future__ import annotations

import json
from dataclasses import astuple
from typing import TYPE_CHECKING, Any, Final

from featurectl.definitions.snapshot import Applied, Snapshot
from featurectl.errors import listed
from featurectl.registry import bindings, failures, generations, schema, source_schemas
from featurectl.registry.leases import check_held
from featurectl.registry.protocol import Actor, Commit, CommitRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from featurectl.registry.session import Session

_NAMED: Final = 5  # changed objects that a message lists
_TOLD: Final = 3  # commits that a message lists


def read_snapshot(con: Session, place: str, project: str, env: str, serial: int | None) -> Snapshot:
    """What was applied at ``serial``, or is now: a few queries, whatever the number of objects."""
    now, revision = position(con, env)
    at = now if serial is None else serial
    if not 0 <= at <= now:
        raise failures.no_such_serial(place, env, at, now)
    lineage = con.meta["lineage"]
    bound = bindings.current(con, env)
    owners = generations.owners(con, env, bound.values())
    shared = generations.shared(con, env, bound.values())
    objects = _objects(con, env, at)
    return Snapshot(project, env, lineage, at, revision, objects, bound, owners, shared)


def write_commit(con: Session, commit: Commit, now_us: int) -> int:
    """Make the commit within the open transaction; the serial stays when nothing differs."""
    for lease in commit.leases:
        check_held(con, lease)
    serial, revision = position(con, commit.env)
    if serial != commit.serial:
        raise failures.stale(
            commit.env, commit.serial, serial, _since(con, commit.env, commit.serial, now_us)
        )
    source_schemas.write(con, commit.env, commit.schemas, now_us)
    stamp = bindings.Stamp(commit.env, serial + 1, revision + 1, commit.run, now_us)
    changed = _write_objects(con, commit, serial + 1)
    changed |= _write_bindings(con, commit, stamp)
    if not changed:
        return serial
    con.execute(
        "INSERT INTO envs (env, serial, revision) VALUES (?, ?, ?) ON CONFLICT (env)"
        " DO UPDATE SET serial = excluded.serial, revision = excluded.revision",
        (commit.env, serial + 1, revision + 1),
    )
    con.execute(
        f"INSERT INTO commits (env, serial, revision, run, at_us, {schema.ACTOR}, plan)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(commit.env, serial + 1, revision + 1, commit.run, now_us),
            *astuple(commit.actor),
            _json(commit.plan),
        ),
    )
    return serial + 1


def read_history(con: Session, env: str, limit: int) -> list[CommitRecord]:
    """Commits, newest first."""
    found = con.execute(
        f"SELECT env, serial, run, at_us, {schema.ACTOR}, plan FROM commits"
        " WHERE env = ? ORDER BY serial DESC LIMIT ?",
        (env, limit),
    )
    return [
        CommitRecord(env, serial, run, at_us, Actor(user, host, pid, git), json.loads(plan))
        for env, serial, run, at_us, user, host, pid, git, plan in found
    ]


def standing(con: Session) -> str:
    """Which environments there are, with their serials, and the version of the tables."""
    envs = con.execute("SELECT env, serial FROM envs ORDER BY env").fetchall()
    serials = ", ".join(f"{env} at serial {serial}" for env, serial in envs) or "nothing applied"
    return f"{serials}, schema {schema.version(con)}"


def moment(con: Session) -> object:
    """What differs whenever a snapshot of any environment may: cheap to ask, and to compare."""
    found = con.execute(
        "SELECT e.env, e.revision, c.at_us FROM envs e"
        " LEFT JOIN commits c ON c.env = e.env AND c.serial = e.serial ORDER BY e.env"
    )
    return con.meta["lineage"], found.fetchall()


def position(con: Session, env: str) -> tuple[int, int]:
    """Serial and revision of an environment, 0 and 0 before its first commit."""
    row = con.execute("SELECT serial, revision FROM envs WHERE env = ?", (env,)).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def _objects(con: Session, env: str, at: int) -> dict[tuple[str, str], Applied]:
    rows = con.execute(
        "SELECT kind, name, document, fingerprint, serial_from FROM objects"
        " WHERE env = ? AND serial_from <= ? AND (serial_to IS NULL OR serial_to > ?)"
        " ORDER BY kind, name",
        (env, at, at),
    ).fetchall()
    # One call for all documents: a quarter less time than a call for each (7 ms of 1,000).
    documents = json.loads(f"[{','.join(row[2] for row in rows)}]")
    return {
        (kind, name): Applied(kind, name, document, fingerprint, since)
        for (kind, name, _, fingerprint, since), document in zip(rows, documents, strict=True)
    }


def _write_objects(con: Session, commit: Commit, serial: int) -> bool:
    held = {
        (kind, name): fingerprint
        for kind, name, fingerprint in con.execute(
            "SELECT kind, name, fingerprint FROM objects WHERE env = ? AND serial_to IS NULL",
            (commit.env,),
        )
    }
    new = [row for row in _canonical(commit.objects) if held.get(row[:2], "") != row[3]]
    con.executemany(
        "UPDATE objects SET serial_to = ?"
        " WHERE env = ? AND kind = ? AND name = ? AND serial_to IS NULL",
        [(serial, commit.env, kind, name) for kind, name, *_ in new if (kind, name) in held],
    )
    con.executemany(
        "INSERT INTO objects (env, kind, name, document, fingerprint, serial_from)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [(commit.env, *row, serial) for row in new if row[2]],
    )
    return bool(new)


def _write_bindings(con: Session, commit: Commit, stamp: bindings.Stamp) -> bool:
    if commit.revision is not None and commit.bindings:
        bindings.check_unmoved(
            con,
            "FC501",
            env=commit.env,
            views=commit.bindings,
            revision=commit.revision,
            now_us=stamp.at_us,
        )
    changed = generations.take(con, commit.env, commit.takes, commit.data)
    data = dict.fromkeys(commit.bindings, commit.data)
    generations.admit(con, commit.env, commit.bindings, data, stamp.at_us)
    if not bindings.replace(con, stamp, commit.bindings):
        return changed
    generations.retire(con, stamp.at_us)
    return True


def _canonical(
    objects: Mapping[tuple[str, str], Mapping[str, Any] | None],
) -> Iterator[tuple[str, str, str, str]]:
    # Loads pydantic, which who only reads is spared.
    from featurectl.definitions.definition import canonical_json, fingerprint  # noqa: PLC0415

    for (kind, name), document in objects.items():
        if document is None:
            yield kind, name, "", ""
        else:
            plain = dict(document)
            yield kind, name, canonical_json(plain), fingerprint(plain)


def _since(con: Session, env: str, serial: int, now_us: int) -> list[str]:
    """Who moved the serial, newest first: run, command, who, how long ago, which objects."""
    found = con.execute(
        "SELECT c.serial, c.run, coalesce(r.kind, 'apply'), c.\"user\", c.host, c.at_us"
        " FROM commits c LEFT JOIN runs r ON r.run = c.run"
        " WHERE c.env = ? AND c.serial > ? ORDER BY c.serial DESC LIMIT ?",
        (env, serial, _TOLD),
    ).fetchall()
    return [
        f"{failures.deed(run, kind, f'{user}@{host}', now_us - at_us)},"
        f" changed {_changed(con, env, moved)}"
        for moved, run, kind, user, host, at_us in found
    ]


def _changed(con: Session, env: str, serial: int) -> str:
    names = [
        f"{kind} {name}"
        for kind, name in con.execute(
            "SELECT DISTINCT kind, name FROM objects"
            " WHERE env = ? AND (serial_from = ? OR serial_to = ?) ORDER BY kind, name",
            (env, serial, serial),
        )
    ]
    return listed(names, _NAMED) if names else "bindings only"


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
