"""The SQL of a registry, as PostgreSQL wants to have it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

_TYPES: Final = {
    "INTEGER": "BIGINT",
    # Sorted by bytes, as SQLite does, whatever the language of the database.
    "TEXT": 'TEXT COLLATE "C"',
}


class PostgresSession:
    """A transaction of PostgreSQL; see :class:`~featurectl.registry.session.Session`."""

    def __init__(self, con: psycopg.Connection[Any], now_us: int) -> None:
        self._con = con
        self.now_us = now_us
        self.meta: dict[str, str] = {}

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> psycopg.Cursor[Any]:
        """Run a statement with its values."""
        return self._con.execute(_statement(sql), [_storable(value) for value in values])

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]], /) -> None:
        """Run it for each row of values; all are sent before the first answer is waited for."""
        if rows:
            stored = [[_storable(value) for value in row] for row in rows]
            self._con.cursor().executemany(_statement(sql), stored)


def table(statement: str) -> str:
    """A statement that makes a table or an index, with PostgreSQL's names of the types."""
    return re.sub(r"\b(INTEGER|TEXT)\b", lambda found: _TYPES[found[0]], statement)


@cache
def _statement(sql: str) -> bytes:
    return sql.replace("?", "%s").encode()


def _storable(value: Any) -> Any:
    """PostgreSQL has no character 0 in a text, as the error of another library may."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value
