"""What a registry knows of what applied views once were: their generations, and their sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from featurectl.definitions.binding import Generation


@dataclass(frozen=True)
class GenerationRecord:
    """A generation that a view was bound to in ``env``, and whose rows nobody has swept yet.

    As it was when it was last the one to be written for the view under this name: its layouts, and
    the last ``serial`` at which it was, whose definitions its rows follow. ``owner`` is the
    environment whose runs write it, ``data`` where that one's sources are. ``served``: readers were
    sent to it at some time. ``needs_fill``: as the binding said then.
    ``retired_us`` is when the last binding of any environment let go of it, None while one names
    it.
    """

    env: str
    view: str
    generation: Generation
    serial: int
    owner: str
    data: str
    served: bool
    retired_us: int | None
    needs_fill: bool = False


class Retention(Protocol):
    """Which generations exist, so that what nothing reads any more is kept for a while, then swept.

    Laws: a generation is retired when no binding of any environment names it any more, and no
    longer when one does again. One that is claimed can't be bound again: a commit or a flip that
    names it is refused with ConflictError FC505.
    """

    def generations(self, env: str) -> list[GenerationRecord]:
        """What ``env`` has bound views to, without what is claimed or swept; newest last."""
        ...

    def claim(self, env: str, before_us: int, only: Collection[str] | None = None) -> list[str]:
        """The generations that ``env`` owns and that were retired before then, to be swept now.

        Where ``only`` are given, no others are. Those that were claimed before and not reported as
        swept are among them: whoever claimed them may have died. Another environment's may be in
        another store.
        """
        ...

    def swept(self, generations: Sequence[str]) -> None:
        """Note that their rows are gone; of one that a binding names nothing is noted."""
        ...


class SourceSchemas(Protocol):
    """The columns that sources had when they were last applied, to notice when they change."""

    def schemas(self, env: str) -> dict[str, dict[str, str]]:
        """By source, columns with their types."""
        ...

    def record_schemas(self, env: str, schemas: Mapping[str, Mapping[str, str]]) -> None:
        """Replace those of the sources that are given; the serial stays."""
        ...
