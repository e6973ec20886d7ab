"""Copies of a project's tables, each set in a schema of its own.

A copy has all that the tables have, indexes too, so that it takes their place when it gets their
schema's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.registry.postgres_names import copy_of, is_copy_of, quoted

if TYPE_CHECKING:
    from featurectl.registry.session import Session


def copies(con: Session, schema: str) -> list[str]:
    """The schemas of the copies, oldest first."""
    found = con.execute("SELECT nspname FROM pg_namespace").fetchall()
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
    for old in copies(con, schema)[: -keep or None]:
        con.execute(f"DROP SCHEMA {quoted(old)} CASCADE")


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
