"""A file of entity rows as it was first found, and what is said when it can't be read."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from featurectl.errors import RequestError, SourceError, first_line

if TYPE_CHECKING:
    from collections.abc import Iterator


class FrameFile:
    """A file that is read several times and must be the same each time.

    ``label`` is its name for people. ``keeps`` is held as long as this is, such as the folder of a
    temporary file.
    """

    def __init__(self, path: str, label: str, keeps: Any = None) -> None:
        self.path = path
        self.label = label
        self._keeps = keeps
        with self.told():
            self._found = self._now()

    @contextmanager
    def reading(self) -> Iterator[str]:
        """A pass over the file, whose path it gives.

        Raises:
            RequestError: FC314 it can't be read.
            SourceError: FC207 it was written again since it was first looked at.
        """
        self._check_unchanged()
        with self.told():
            yield self.path
        self._check_unchanged()

    @contextmanager
    def told(self) -> Iterator[None]:
        """What fails in the block fails because of what the file holds, by now or always.

        Raises:
            RequestError: FC314, SourceError: FC207; see :meth:`reading`.
        """
        try:
            yield
        except (OSError, ValueError, pa.ArrowException) as error:
            if hasattr(self, "_found"):
                self._check_unchanged()
            raise unreadable(self.label, error) from error

    def _check_unchanged(self) -> None:
        try:
            same = self._now() == self._found
        except OSError:
            same = False
        if not same:
            raise SourceError(
                "FC207",
                f"{self.label} was changed while it was read",
                help=["run it again; a file is best replaced by renaming a whole one"],
            )

    def _now(self) -> tuple[int, int, int]:
        found = os.stat(self.path)  # noqa: PTH116 - as text, like all paths here
        return found.st_size, found.st_mtime_ns, found.st_ino


def unreadable(label: str, error: Exception) -> RequestError:
    """What is said of a frame that another library, or the system, could not read."""
    words = getattr(error, "strerror", None) or first_line(error)
    return RequestError("FC314", f"{label} can't be read: {words}")
