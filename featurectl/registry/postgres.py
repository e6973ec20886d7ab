"""The registry in a PostgreSQL database, for processes of any number of hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.registry.postgres_database import PostgresDatabase
from featurectl.registry.sql_registry import SqlRegistry

if TYPE_CHECKING:
    from collections.abc import Callable


class PostgresRegistry(SqlRegistry):
    """A registry in a schema of a database that belongs to the project alone."""

    def __init__(
        self,
        url: str,
        project: str,
        *,
        now_us: Callable[[], int] | None = None,
        busy_s: float = 30,
    ) -> None:
        super().__init__(PostgresDatabase(url, project, now_us, busy_s), project)

    @classmethod
    def open(
        cls,
        url: str,
        project: str,
        *,
        create: bool,
        now_us: Callable[[], int] | None = None,
        busy_s: float = 30,
    ) -> PostgresRegistry:
        """The registry at ``url``; with ``create`` it is made at once where it is missing.

        Nothing is connected before the first call of a method, unless it is made here. ``now_us``
        tells the time in the place of the server; ``busy_s`` is how long a writer waits for others.
        """
        registry = cls(url, project, now_us=now_us, busy_s=busy_s)
        if create:
            registry.create()
        return registry
