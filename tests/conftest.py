"""What all tests share: real Redis and PostgreSQL servers, found or started by the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import postgres_server as postgres
import pytest
from redis_server import RedisServer, find_server, start_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A server for this session (with xdist: for this worker): flushed, never stopped."""
    server = find_server(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A server of the test's own, to be stopped, filled up or given a password."""
    server = start_server(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The URL of an empty database on the session's server."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.PostgresServer]:
    """A server for this session (with xdist: for this worker), never stopped."""
    server = postgres.find_server()
    yield server
    server.remove()


@pytest.fixture
def own_postgres() -> Iterator[postgres.PostgresServer]:
    """A server of the test's own, to be stopped."""
    server = postgres.start_server()
    yield server
    server.remove()


@pytest.fixture
def postgres_url(postgres_server: postgres.PostgresServer) -> str:
    """The URL of an empty database on the session's server."""
    postgres_server.empty()
    return postgres_server.database


@pytest.fixture(params=["sqlite", "redis"])
def online_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty online store: the test runs once for each kind of store."""
    if request.param == "redis":
        return str(request.getfixturevalue("redis_url"))
    return f"sqlite:///{tmp_path / 'online.db'}"
