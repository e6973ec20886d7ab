"""Which engine reads the sources, and how much of the machine it may take."""

from __future__ import annotations

import re
from dataclasses import dataclass

ENGINES = ("duckdb",)
NOT_YET = ("spark",)
_MAX_THREADS = 1024

_MEMORY = re.compile(r"\d+(\.\d+)?\s*([KMGT]i?B)", re.IGNORECASE)


@dataclass(frozen=True)
class OfflineConfig:
    """``memory_limit`` is a size such as ``4GB``; None leaves limit and threads to the engine."""

    engine: str = "duckdb"
    memory_limit: str | None = None
    threads: int | None = None


def read_memory_limit(text: str) -> str:
    """The size, as engines take it.

    Raises:
        ValueError: no number with a unit.
    """
    if not _MEMORY.fullmatch(text) or not re.search("[1-9]", text):
        raise ValueError("is not a size; write a number and KB, MB, GB or TB: 4GB")
    return "".join(text.split())


def read_threads(text: str) -> int:
    """The number of threads.

    Raises:
        ValueError: no whole number from 1 to 1024.
    """
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= _MAX_THREADS:
        raise ValueError(f"is not a number of threads; write a whole number, 1 to {_MAX_THREADS}")
    return int(text)
