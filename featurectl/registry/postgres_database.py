"""The PostgreSQL database of a registry: connecting, and transactions that take turns.

The tables are in a schema named after the project, so that several projects share a database. The
name is set anew in each transaction, and no statement is prepared: so it works behind a pool that
gives each transaction another connection.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from featurectl.registry import postgres_failures as failures
from featurectl.registry import schema
from featurectl.registry.postgres_backup import copy_aside
from featurectl.registry.postgres_description import text
from featurectl.registry.postgres_names import lock_of, quoted, schema_of
from featurectl.registry.postgres_session import PostgresSession, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    from featurectl.registry.session import Session

_Answer = TypeVar("_Answer")
_IDLE_S: Final = 60
_CONNECTION: Final = {
    "application_name": "featurectl",
    "connect_timeout": 10,
    # Of a server that is gone without a word: a lost connection is noticed in a minute, not hours.
    "keepalives_idle": 30,
    "tcp_user_timeout": 60_000,
}
_READING: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
# Each statement after the lock must see what was committed while it was waited for. Under
# REPEATABLE READ the moment that is seen would be the one before the wait: updates would be lost.
_WRITING: Final = "BEGIN ISOLATION LEVEL READ COMMITTED"
# All are in one message to the server: the time is taken when the lock is held.
_STANDING: Final = """
    SELECT to_regclass('meta') IS NOT NULL,
        (SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = '{name}'),
        CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"""


class PostgresDatabase:
    """One registry in a database; see :class:`~featurectl.registry.session.Database`.

    Time is the server's, unless ``now_us`` tells it: leases are judged by it, and the clocks of the
    hosts that hold them may differ by more than the minute after which a silent holder is dead.
    """

    def __init__(
        self, url: str, project: str, now_us: Callable[[], int] | None, busy_s: float
    ) -> None:
        self.schema = schema_of(project)
        self.place = failures.place_of(url)
        self._url = url
        self._project = project
        self._now_us = now_us
        self._busy_s = busy_s
        self._lock = threading.RLock()
        self._con: psycopg.Connection[Any] | None = None

    def read(self, query: Callable[[Session], _Answer], nothing: _Answer) -> _Answer:
        """The answer of ``query`` at one moment, or ``nothing`` when there is no registry yet."""
        with self._transaction(_READING, writing=False) as (session, exists):
            return query(session) if exists and self._check(session) else nothing

    def write(self, change: Callable[[Session], _Answer]) -> _Answer:
        """Make a change, all of it or nothing, after other writers; the schema if missing."""
        with self._transaction(self._turn(), writing=True) as (session, exists):
            if not exists:
                self._create(session)
            self._check(session)
            answer = change(session)
            with failures.in_doubt(self._url):
                session.execute("COMMIT")
            return answer

    def copy_aside(self, keep: int) -> None:
        """Copy the tables into a schema of their own, and keep the newest ``keep`` of these.

        None is made by who may not make schemas in the database: there, copies are the task of who
        runs the server.
        """
        with self._transaction(self._turn(), writing=True) as (session, exists):
            if exists:
                copy_aside(session, self.schema, keep)
            session.execute("COMMIT")

    def describe(self) -> str:
        """Server, schema, serials, version, size and copies."""
        where = f"{self.place}, {self.schema}"
        return self.read(lambda con: f"{where}  {text(con, self.schema)}", f"{where} (new)")

    def close(self) -> None:
        """Give the connection back; it is made again when needed."""
        with self._lock:
            con, self._con = self._con, None
            if con is not None:
                con.close()

    def __del__(self) -> None:
        if hasattr(self, "_con"):
            self.close()

    @contextmanager
    def _transaction(self, begin: str, *, writing: bool) -> Iterator[tuple[PostgresSession, bool]]:
        """A transaction in the project's schema, and whether there is a registry in it.

        What is not committed in the block is undone.
        """
        with self._lock, failures.told_of(self._url, self.schema, writing=writing):
            try:
                yield self._begin(begin)
            finally:
                self._end()

    def _begin(self, begin: str) -> tuple[PostgresSession, bool]:
        name = self.schema
        path = f"SET LOCAL search_path = {quoted(name)}"
        batch = f"{begin}; {path}; {_STANDING.format(name=name)}".encode()
        con, exists, may_use, now_us = self._first_answer(batch)
        if may_use is False:
            raise failures.forbidden(self._url, name, f"no right to use schema {name}")
        return PostgresSession(con, self._now_us() if self._now_us else now_us), exists

    def _first_answer(self, batch: bytes) -> tuple[psycopg.Connection[Any], bool, bool | None, int]:
        """What the batch finds, over the connection of before or, if that was lost, a new one."""
        import psycopg  # noqa: PLC0415 - slow, and only who has such a registry needs it

        if self._con is not None and not self._con.closed:
            try:
                return (self._con, *_last(self._con.execute(batch)))
            except psycopg.OperationalError:
                if not self._con.closed:
                    raise
        self.close()
        self._con = failures.connect(self._url, _CONNECTION)
        return (self._con, *_last(self._con.execute(batch)))

    def _turn(self) -> str:
        """Begin to write: after who is at it, and without a claim on the lock if this host dies."""
        return (
            f"{_WRITING}; SET LOCAL lock_timeout = {round(self._busy_s * 1000)};"
            f" SET LOCAL idle_in_transaction_session_timeout = {_IDLE_S * 1000};"
            f" SELECT pg_advisory_xact_lock({lock_of(self.schema)})"
        )

    def _check(self, session: PostgresSession) -> bool:
        if not schema.check_meta(session, self.place, self._project):
            why = "its table meta lacks the version or the lineage"
            raise failures.damaged(self._url, self.schema, why)
        return True

    def _create(self, session: PostgresSession) -> None:
        name = self.schema
        held = session.execute("SELECT 1 FROM pg_namespace WHERE nspname = ?", (name,)).fetchone()
        if not held:
            session.execute(f"CREATE SCHEMA {quoted(name)}")
        for statement in schema.TABLES:
            session.execute(table(statement))
        schema.fill_meta(session, self._project)

    def _end(self) -> None:
        """Undo what was not committed; a connection that takes no more orders is given up."""
        import psycopg  # noqa: PLC0415 - as above

        if self._con is not None and not _is_idle(self._con):
            with suppress(psycopg.Error):
                self._con.execute("ROLLBACK")
            if not _is_idle(self._con):
                self.close()


def _is_idle(con: psycopg.Connection[Any]) -> bool:
    return con.info.transaction_status.name == "IDLE"


def _last(cursor: psycopg.Cursor[Any]) -> tuple[bool, bool | None, int]:
    """The row of the last of several statements."""
    while cursor.nextset():
        continue
    exists, may_use, now_us = cursor.fetchall()[0]
    return exists, may_use, now_us
