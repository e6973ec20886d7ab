"""Where text goes: results to stdout; progress, warnings and questions to stderr."""

from __future__ import annotations

import json
import os
import sys
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any, TextIO

from featurectl.cli.paint import paint, strip
from featurectl.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager


class Console:
    """The two streams of a process, with colours only where they are wanted.

    ``quiet`` drops progress and notes; results, warnings, questions and errors stay. A stdout that
    takes no more is an error (FC209), a stderr that doesn't is no reason to stop.
    """

    def __init__(
        self,
        *,
        color: bool = True,
        quiet: bool = False,
        out: TextIO | None = None,
        err: TextIO | None = None,
        addressed: Callable[[str], str] = str,
    ) -> None:
        """``addressed`` completes the commands that a note names (see ``session.py``)."""
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._color = color
        self.addressed = addressed
        self.quiet = quiet

    @property
    def is_live(self) -> bool:
        """Whether progress may be redrawn: stderr is a terminal that can."""
        return not self.quiet and _is_terminal(self._err) and os.environ.get("TERM") != "dumb"

    @property
    def can_ask(self) -> bool:
        """Whether somebody is there to answer."""
        return _is_terminal(sys.stdin) and _is_terminal(self._err)

    @property
    def is_shown(self) -> bool:
        """Whether results go to a terminal."""
        return _is_terminal(self._out)

    @property
    def columns(self) -> int | None:
        """How wide a result may be: the terminal's width, None where stdout is none."""
        return _columns(self._out)

    @property
    def note_columns(self) -> int | None:
        """How wide a note may be: the same of stderr."""
        return _columns(self._err)

    @property
    def colors_notes(self) -> bool:
        """Whether stderr takes colours."""
        return _takes_color(self._err, allowed=self._color)

    def result(self, lines: Iterable[str]) -> None:
        """Print lines of the result."""
        self._write(self._out, lines)

    def document(self, document: Any) -> None:
        """Print a result as JSON."""
        self._write(
            self._out, [json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)]
        )

    def note(self, lines: Iterable[str]) -> None:
        """Print progress, or what a person may want to know."""
        if not self.quiet:
            self._write(self._err, map(self.addressed, lines))

    def warn(self, text: str) -> None:
        """Print a warning: a yellow word and the text."""
        self._write(self._err, [f"{paint('warning:', 'yellow', 'bold')} {text}"])

    def error(self, lines: Iterable[str]) -> None:
        """Print lines of an error."""
        self._write(self._err, lines)

    def ask(self, question: str) -> str:
        """The answer to a question, without its spaces; empty when the input ends."""
        shown = question if self.colors_notes else strip(question)
        self._out.flush()
        self._err.write(f"{shown} ")
        self._err.flush()
        answer = sys.stdin.readline()
        if not answer.endswith("\n"):
            self._err.write("\n")
        return answer.strip()

    def working(self, text: str) -> AbstractContextManager[Any]:
        """While the block runs, a live line at a terminal says that it does."""
        if not self.is_live:
            return nullcontext()
        from rich.console import Console as RichConsole  # noqa: PLC0415 - at a terminal only

        live = RichConsole(stderr=True, no_color=not self.colors_notes, highlight=False)
        return live.status(text, spinner="line")

    def _write(self, stream: TextIO, lines: Iterable[str]) -> None:
        text = "".join(f"{line}\n" for line in lines)
        try:
            stream.write(text if _takes_color(stream, allowed=self._color) else strip(text))
            stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:  # such as a full disk that the stream leads to
            _give_up(stream)
            if stream is self._out:
                why = error.strerror or str(error)
                raise SourceError("FC209", f"stdout can't be written: {why}") from error


def _give_up(stream: TextIO) -> None:
    """Let go of what the stream still holds, so that the interpreter's own flush does not fail."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _takes_color(stream: TextIO, *, allowed: bool) -> bool:
    return (
        allowed
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
        and _is_terminal(stream)
    )


def _columns(stream: TextIO) -> int | None:
    if not _is_terminal(stream):
        return None
    with suppress(OSError, ValueError, AttributeError):
        return os.get_terminal_size(stream.fileno()).columns or None
    return None


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()
