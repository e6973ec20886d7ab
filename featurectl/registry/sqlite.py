"""The registry in one SQLite file, for processes of one host."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from featurectl.registry.sql_registry import SqlRegistry
from featurectl.registry.sqlite_database import SqliteDatabase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def system_now_us() -> int:
    """The system's clock, in microseconds since 1970."""
    return time.time_ns() // 1000


class SqliteRegistry(SqlRegistry):
    """A registry in a file. Never on a network file system, whose locks can't be relied on."""

    def __init__(
        self,
        path: Path,
        project: str,
        *,
        now_us: Callable[[], int] = system_now_us,
        busy_s: float = 30,
    ) -> None:
        super().__init__(SqliteDatabase(path, project, now_us, busy_s), project)

    @classmethod
    def open(
        cls,
        path: Path,
        project: str,
        *,
        create: bool,
        now_us: Callable[[], int] = system_now_us,
        busy_s: float = 30,
    ) -> SqliteRegistry:
        """The registry of a file; with ``create`` it is made at once where it is missing."""
        registry = cls(path, project, now_us=now_us, busy_s=busy_s)
        if create:
            registry.create()
        return registry
