"""The errors of a registry in PostgreSQL: what happened, and what to do. Never with a password."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from featurectl.definitions.url import mask_url
from featurectl.errors import StoreError, first_line
from featurectl.registry.postgres_backup import restoring
from featurectl.registry.postgres_names import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import psycopg

_LOST: Final = ("08", "57P", "25P03")  # the server has ended the connection, or is about to
_BUSY: Final = ("55P03", "40001", "40P01", "57014")  # waited too long, or was chosen to make room
_NO_RIGHT: Final = "42501"
_READ_ONLY: Final = "25006"
_NO_ROOM: Final = ("53", "54", "58")  # resources, limits, the system below
_ODD: Final = ("42P01", "42703", "XX")  # a table or column is missing, or the files are corrupt
_ADVICE: Final = {
    "password": (
        "check user and password: in the URL as ${VARIABLE}, in PGPASSWORD, or in ~/.pgpass",
    ),
    "pg_hba": ("the server lets nobody in from here as this user: see its pg_hba.conf",),
    "database": ("make it (createdb), or correct the name at the end of the URL",),
    "role": ("make the user (createuser), or correct the name in the URL",),
}
_GRANTS: Final = (
    "GRANT USAGE ON SCHEMA {0} TO user;"
    " GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {0} TO user"
)


def place_of(url: str) -> str:
    """The URL as messages name it."""
    return mask_url(url)


@contextmanager
def told_of(url: str, schema: str, *, writing: bool) -> Iterator[None]:
    """Errors of the server and of the way to it inside the block, as errors of this registry."""
    try:
        import psycopg  # noqa: PLC0415 - slow, and only who has such a registry needs it
    except ImportError as error:
        raise _not_installed(url) from error
    try:
        yield
    except psycopg.Error as error:
        known = _of_server(error, url, schema, writing=writing)
        if known is None:
            raise
        raise known from error
    except json.JSONDecodeError as error:
        raise damaged(url, schema, f"a document in it is no JSON: {error}") from error


@contextmanager
def in_doubt(url: str) -> Iterator[None]:
    """A connection that is lost in the block may have done its work before."""
    import psycopg  # noqa: PLC0415 - as above

    try:
        yield
    except psycopg.OperationalError as error:
        if not _is_lost(error):
            raise
        raise StoreError(
            "FC611",
            f"the connection to the registry {place_of(url)} was lost at the end of a change",
            notes=["whether the change was made is not known"],
            help=["run the command again: it goes on from what was made"],
        ) from error


def connect(url: str, defaults: Mapping[str, Any]) -> psycopg.Connection[Any]:
    """A connection in autocommit mode; ``defaults`` hold where the URL says nothing else.

    Raises:
        StoreError: FC611 the URL can't be read, or nobody answers there, or not to us.
    """
    import psycopg  # noqa: PLC0415 - as above
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - as above

    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:
        raise _unreadable(url) from None  # what libpq says has parts of the password
    if not str(given.get("port", 0)).replace(",", "").isdigit():
        raise _unreadable(url)
    options = {key: value for key, value in defaults.items() if key not in given}
    try:
        return psycopg.connect(url, autocommit=True, prepare_threshold=None, **options)
    except psycopg.OperationalError as error:
        raise _unreached(url, first_line(error).removeprefix("connection failed: ")) from error


def forbidden(url: str, schema: str, why: str, *, writing: bool = False) -> StoreError:
    """FC611 or FC614: the user lacks a right."""
    return StoreError(
        "FC614" if writing else "FC611",
        f"the registry {place_of(url)} can't be {'written' if writing else 'read'}: {why}",
        notes=["nothing was changed"] if writing else [],
        help=[
            f"to use it: {_GRANTS.format(quoted(schema))}",
            "to make it: GRANT CREATE ON DATABASE name TO user",
        ],
    )


def damaged(url: str, schema: str, why: str) -> StoreError:
    """FC613: the tables are not those of a registry, or not all of them."""
    put_back = restoring(schema, f"{schema}_backup_TIME")
    return StoreError(
        "FC613",
        f"the registry {place_of(url)} schema {schema} is damaged or no registry: {why}",
        help=[
            f"put a copy in its place, with the TIME of the newest: psql -c '{put_back}'",
            "without a copy, rename the schema, then: featurectl apply, featurectl materialize",
        ],
    )


def _of_server(error: psycopg.Error, url: str, schema: str, *, writing: bool) -> StoreError | None:
    """The failure by the server's code; None: a mistake of ours."""
    code, words = error.sqlstate or "", first_line(error)
    if _is_lost(error):
        return _lost(url, words)
    if code.startswith(_BUSY):
        return _busy(url, words)
    if code == _NO_RIGHT:
        return forbidden(url, schema, words, writing=writing)
    if code == _READ_ONLY or code.startswith(_NO_ROOM):
        return _unwritable(url, words) if writing else _unreached(url, words)
    if code.startswith(_ODD):
        return damaged(url, schema, words)
    return None


def _is_lost(error: psycopg.Error) -> bool:
    import psycopg  # noqa: PLC0415 - as above

    code = error.sqlstate
    if code is None:
        return isinstance(error, psycopg.OperationalError)
    return code.startswith(_LOST)


def _not_installed(url: str) -> StoreError:
    return StoreError(
        "FC611",
        f"the registry {place_of(url)} can't be opened: psycopg is not installed",
        help=["pip install 'featurectl[postgres]'"],
    )


def _unreadable(url: str) -> StoreError:
    return StoreError(
        "FC611",
        f"the registry {place_of(url)} can't be opened: this is not how a URL is written",
        help=[
            "write postgresql://user:password@host:5432/database",
            "in a password write @ as %40, : as %3A, / as %2F, % as %25",
        ],
    )


def _unreached(url: str, words: str) -> StoreError:
    advice = next((lines for word, lines in _ADVICE.items() if word in words), ())
    other = "see whether the server runs, and whether host, port, user and database are right"
    return StoreError(
        "FC611",
        f"the registry {place_of(url)} can't be opened: {words}",
        help=advice or [other],
    )


def _lost(url: str, words: str) -> StoreError:
    return StoreError(
        "FC611",
        f"the connection to the registry {place_of(url)} was lost: {words}",
        notes=["the change that was being made, if any, was not made"],
        help=["run the command again when the server answers"],
    )


def _busy(url: str, words: str) -> StoreError:
    return StoreError(
        "FC611",
        f"the registry {place_of(url)} is kept busy by another process: {words}",
        notes=["a write takes milliseconds: a process may hang, or the server be very slow"],
        help=["try again; if it stays so, look for it: SELECT * FROM pg_stat_activity"],
    )


def _unwritable(url: str, words: str) -> StoreError:
    return StoreError(
        "FC614",
        f"the registry {place_of(url)} can't be written: {words}",
        notes=["nothing was changed"],
        help=["a standby takes no writes: connect to the primary; else free space on the server"],
    )
