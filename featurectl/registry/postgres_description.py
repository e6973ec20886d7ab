"""What a registry in PostgreSQL is, in one line for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from featurectl.registry.applied import standing
from featurectl.registry.postgres_backup import copies

if TYPE_CHECKING:
    from featurectl.registry.session import Session

_MEGABYTE: Final = 1_000_000
_SIZE: Final = """
    SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ? AND c.relkind = 'r'"""


def text(con: Session, schema: str) -> str:
    """Environments with their serials, versions, size of the tables, and how many copies."""
    version = con.execute("SHOW server_version").fetchone()[0].split()[0]
    size = int(con.execute(_SIZE, (schema,)).fetchone()[0])
    shown = f"{size / _MEGABYTE:.1f} MB" if size >= _MEGABYTE else f"{max(1, size // 1000)} kB"
    number = len(copies(con, schema))
    kept = "1 copy" if number == 1 else f"{number or 'no'} copies"
    return f"{standing(con)}, PostgreSQL {version}, {shown}, {kept}"
