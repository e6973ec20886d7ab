"""Where the registry of a test is: a file, or a PostgreSQL whose rules of access are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from postgres_server import PostgresServer, start_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file in a folder of its own; neither is there yet."""
    return tmp_path / ".featurectl" / "registry.db"


@pytest.fixture(scope="session")
def postgres_server(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    """The session's server or, where that was given, one of our own: tests try to get in here."""
    if postgres_server.binaries:
        yield postgres_server
        return
    server = start_server()
    yield server
    server.remove()
