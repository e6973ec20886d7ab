"""Copies of a project's tables, each set in a schema of its own.

A copy has all that the tables have, indexes too, so that it takes their place when it gets their
schema's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from featurectl.registry.postgres_names import copy_of, is_copy_of, quoted

if TYPE_CHECKING:
    from featurectl.registry.session import Session

_PATIENCE_MS: Final = 100


def copies(con: Session, schema: str, *, droppable: bool = False) -> list[str]:
    """The schemas of the copies, oldest first; ``droppable``: those of this user only."""
    whose = "WHERE pg_has_role(nspowner, 'USAGE')" if droppable else ""
    found = con.execute(f"SELECT nspname FROM pg_namespace {whose}").fetchall()
    return sorted(name for (name,) in found if is_copy_of(name, schema))


def copy_aside(con: Session, schema: str, keep: int) -> None:
    """Copy the tables within the transaction that is open, and drop all copies but ``keep``."""
    if not _may_copy(con):
        return
    target = copy_of(schema, con.now_us)
    con.execute(f"CREATE SCHEMA {quoted(target)}")
    tables = con.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = ? ORDER BY tablename", (schema,)
    ).fetchall()
    for (name,) in tables:
        old, new = (f"{quoted(each)}.{quoted(name)}" for each in (schema, target))
        con.execute(f"CREATE TABLE {new} (LIKE {old} INCLUDING ALL)")
        con.execute(f"INSERT INTO {new} SELECT * FROM {old}")
    for old in copies(con, schema, droppable=True)[: -keep or None]:
        _drop(con, old)


def restoring(schema: str, copy: str) -> str:
    """The statements that put a copy in the place of the registry, which they set aside."""
    aside = quoted(f"{schema}_aside")
    return (
        f"BEGIN; ALTER SCHEMA {quoted(schema)} RENAME TO {aside};"
        f" ALTER SCHEMA {quoted(copy)} RENAME TO {quoted(schema)}; COMMIT"
    )


def _may_copy(con: Session) -> bool:
    asked = "SELECT has_database_privilege(current_database(), 'CREATE')"
    return bool(con.execute(asked).fetchone()[0])


def _drop(con: Session, copy: str) -> None:
    """Drop it, unless somebody reads it, as a dump of the database does for as long as it takes."""
    import psycopg  # noqa: PLC0415 - only where it is at work already

    con.execute("SAVEPOINT pruning")
    con.execute(f"SET LOCAL lock_timeout = {_PATIENCE_MS}")
    try:
        con.execute(f"DROP SCHEMA {quoted(copy)} CASCADE")
    except psycopg.errors.LockNotAvailable:
        con.execute("ROLLBACK TO SAVEPOINT pruning")
