"""What makes a SQLite file a registry, and one that has the tables of today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from featurectl.registry import schema, sqlite_failures
from featurectl.registry.sqlite_upgrade import upgrade

if TYPE_CHECKING:
    from pathlib import Path

    from featurectl.registry.session import Session

_APPLICATION_ID: Final = 0x6663746C  # "fctl" in the file's header: told from any other SQLite file


def check(con: Session, path: Path, project: str) -> int:
    """The version of the project's registry in the file; 0 when the file is still empty.

    Raises:
        StoreError: FC611 it is another project's, FC612 it is of a newer version, FC613 it is no
            registry.
    """
    if con.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION_ID:
        if con.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise sqlite_failures.damaged(path, "it is a SQLite file of something else")
        return 0
    version = schema.check_meta(con, str(path), project)
    if not version:
        raise sqlite_failures.damaged(path, "its table meta lacks the version or the lineage")
    return version


def bring_up_to_date(con: Session, path: Path, project: str) -> None:
    """Make the tables where there are none, or today's of older ones, in the open transaction."""
    version = check(con, path, project)
    if version == schema.VERSION:
        return
    if not version:
        con.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        for statement in schema.TABLES:
            con.execute(statement)
        schema.fill_meta(con, project)
    else:
        upgrade(con)
    check(con, path, project)
