"""Every error that featurectl raises on purpose, as one tree.

::

    FeaturectlError                 exit 1
    ├── DefinitionError             FC1xx  a definition or the configuration is wrong
    ├── SourceError                 FC2xx  a source can't be read, or does not fit its definition
    ├── RequestError                FC3xx  a request for features can't be answered as asked
    ├── RefusedError                FC4xx  needs an approval that was not given      (exit 4)
    ├── ConflictError               FC5xx  somebody else changed or holds something  (exit 5)
    ├── StoreError                  FC6xx  registry or online store unreachable, broken, or full
    └── ManyErrors                  several of the above, found in one run

An error is a value: what (``message``), where (``location``), what to do (``help``), and facts that
explain it (``notes``). :meth:`FeaturectlError.render` turns it into the text that a person reads.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, order=True)
class Location:
    """A place in a file of the feature repository; lines and columns count from 1.

    ``excerpt`` holds ``(line number, text)`` pairs for the frame: usually the line before and the
    line itself. ``length`` is the number of characters that the carets underline.
    """

    file: str
    line: int
    column: int
    length: int = 1
    excerpt: tuple[tuple[int, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class FeaturectlError(Exception):
    """What went wrong, where, and what to do about it.

    Args:
        code: ``FC`` and three digits; ``featurectl check --explain CODE`` has a page for each.
        message: one line without a full stop.
        location: the place in a definition file, where there is one.
        caret: what the underlined text should be, shown behind the carets (``did you mean "x"?``).
        notes: facts that explain the error, one line each.
        help: what to do, one line each, most useful first.
    """

    exit_code = 1

    def __init__(
        self,
        code: str,
        message: str,
        *,
        location: Location | None = None,
        caret: str = "",
        notes: Sequence[str] = (),
        help: Sequence[str] = (),  # noqa: A002 - the word a reader of the screen sees
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.location = location
        self.caret = caret
        self.notes = tuple(notes)
        self.help = tuple(help)

    def __str__(self) -> str:
        at = f"{self.location}: " if self.location else ""
        return f"{at}{self.message} [{self.code}]"

    def render(self) -> str:
        """The error as a frame: first line, place with its source lines and carets, notes, help."""
        lines = [f"error[{self.code}] {self.message}"]
        if self.location:
            lines += _frame(self.location, self.caret)
        elif self.caret:
            lines.append(f"  help: {self.caret}")
        margin = "   = " if self.location else "  "
        lines += [f"{margin}note: {note}" for note in self.notes]
        lines += [f"{margin}help: {line}" for line in self.help]
        return "\n".join(lines)


class DefinitionError(FeaturectlError):
    """A definition or the configuration is wrong (FC1xx)."""


class SourceError(FeaturectlError):
    """A source can't be read, or does not fit what is declared of it (FC2xx)."""


class RequestError(FeaturectlError):
    """A request for features can't be answered as it was asked (FC3xx)."""


class RefusedError(FeaturectlError):
    """Needs an approval that was not given (FC4xx)."""

    exit_code = 4


class ConflictError(FeaturectlError):
    """Somebody else changed or holds what this needs (FC5xx)."""

    exit_code = 5


class StoreError(FeaturectlError):
    """The registry or the online store is unreachable, broken or full (FC6xx)."""


class ManyErrors(FeaturectlError):  # noqa: N818 - it is several
    """Several errors found in one run, in the order of their files and lines."""

    def __init__(self, errors: Iterable[FeaturectlError]) -> None:
        self.errors = tuple(sorted(errors, key=_by_place))
        first = self.errors[0]
        super().__init__(first.code, f"{len(self.errors)} errors, the first: {first.message}")

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors))

    def render(self) -> str:
        """Each error's frame, one blank line between two."""
        return "\n\n".join(error.render() for error in self.errors)


def raise_all(errors: Sequence[FeaturectlError]) -> None:
    """Raise what is in ``errors``: nothing, the only one, or all as :class:`ManyErrors`."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ManyErrors(errors)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant, or None.

    >>> nearest("featurs", ["features", "source"])
    'features'
    """
    found = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """``did you mean "features"?``, or an empty string when nothing is near."""
    found = nearest(name, names)
    return f'did you mean "{found}"?' if found else ""


def listed(names: Iterable[str], most: int = 20) -> str:
    """The names in one line, and how many there are beyond ``most``; ``none`` where there are none.

    >>> listed(["a", "b", "c"], 2), listed([])
    ('a, b and 1 more', 'none')
    """
    found = list(names)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return (", ".join(found[:most]) or "none") + more


def first_line(error: BaseException) -> str:
    """The first line of what another library's error says, or the error's name where it is mute."""
    return next((line for line in str(error).strip().splitlines()), type(error).__name__)


def _by_place(error: FeaturectlError) -> tuple[str, int, int]:
    at = error.location
    return (at.file, at.line, at.column) if at else ("\uffff", 0, 0)


def _frame(at: Location, caret: str) -> list[str]:
    lines = [f"  --> {at}"]
    if not at.excerpt:
        return [*lines, f"   = help: {caret}"] if caret else lines
    width = max(2, len(str(at.excerpt[-1][0])))
    lines.append(f"{' ' * width} |")
    for number, text in at.excerpt:
        lines.append(f"{number:>{width}} | {text}")
        if number == at.line:
            before = " " * _columns(text[: at.column - 1].ljust(at.column - 1))
            carets = "^" * max(at.length, _columns(text[at.column - 1 :][: at.length]))
            lines.append(f"{' ' * width} | {before}{carets} {caret}".rstrip())
    return lines


def _columns(text: str) -> int:
    """How many columns of a terminal the text takes: two for each wide character."""
    if text.isascii():
        return len(text)
    from unicodedata import east_asian_width  # noqa: PLC0415 - most texts don't need it

    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
