"""What the SQL of a registry runs on: a session in a transaction, of a database that gives it one.

The SQL is written once, in what SQLite and PostgreSQL both understand, with ``?`` for values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_Answer = TypeVar("_Answer")


class Rows(Protocol):
    """What a statement has found."""

    def fetchone(self) -> Any:
        """The next row as a tuple, None after the last."""
        ...

    def fetchall(self) -> list[Any]:
        """All that are left."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Session(Protocol):
    """Statements of one transaction.

    ``now_us`` is the time at which its turn had come; ``meta`` what the registry says of itself.
    """

    now_us: int
    meta: dict[str, str]

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Rows:
        """Run a statement with its values."""
        ...

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]], /) -> None:
        """Run it for each row of values, in one go where each would cost a round trip."""
        ...


class Database(Protocol):
    """Where one project's registry is kept; it need not exist before the first write.

    Laws: writers take turns, so that a change sees all earlier ones and history is linear; a reader
    sees one moment and waits for no writer. Safe between threads, which take turns.
    """

    place: str  # as messages name it; no secrets

    def read(self, query: Callable[[Session], _Answer], nothing: _Answer) -> _Answer:
        """The answer of ``query`` at one moment, or ``nothing`` when there is no registry yet."""
        ...

    def write(self, change: Callable[[Session], _Answer]) -> _Answer:
        """Make a change, all of it or nothing, after other writers; made if missing."""
        ...

    def copy_aside(self, keep: int) -> None:
        """Keep a copy of what is there, and the newest ``keep`` copies; none of no registry."""
        ...

    def describe(self) -> str:
        """Where and what it is, in one line for a person."""
        ...

    def close(self) -> None:
        """Give connections back; they are made again when needed."""
        ...
