"""A text file of the repository, and the places in it that errors point to."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from featurectl.definitions.url import mask_url
from featurectl.errors import DefinitionError, Location

if TYPE_CHECKING:
    from pathlib import Path

# What ends a line differs, and line numbers must be those of the parser and of the editor.
_YAML_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_BREAK = re.compile("\r\n|[\n\r]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_MAX_COLUMN, _MAX_LINE = 200, 240
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class TextFile:
    """A file's text without its byte order mark; ``file`` is its path relative to the root."""

    file: str
    text: str

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines without what ends them, as the parser of this kind of file counts them."""
        return tuple((_BREAK if self.file.endswith(".py") else _YAML_BREAK).split(self.text))

    def location(self, line: int, column: int, length: int = 1) -> Location:
        """A place with its excerpt: the line before, unless it is blank, and the line itself.

        Passwords in URLs are masked in the excerpt, and long lines are cut. Where that would move
        the carets there is none: the column is the file's.
        """
        original = self.lines[line - 1] if line <= len(self.lines) else ""
        shown = _shown(original)
        end = column - 1 + length
        if shown[: column - 1] != _flat(original[: column - 1]) or column > _MAX_COLUMN:
            return Location(self.file, line, column, length)
        if shown[:end] != _flat(original[:end]):
            end += len(shown) - len(original)
        if not shown.strip():
            return Location(self.file, line, column, length)
        excerpt = [(line, _cut(shown))]
        end = min(end, len(excerpt[0][1]) + 1)
        if line > 1 and self.lines[line - 2].strip():
            excerpt.insert(0, (line - 1, _cut(_shown(self.lines[line - 2]))))
        return Location(self.file, line, column, max(1, end - column + 1), tuple(excerpt))

    def at_index(self, index: int) -> tuple[int, int]:
        """Line and column, from 1, of the character at ``index`` of the text."""
        before = self.text[:index]
        line = len(_YAML_BREAK.findall(before)) + 1
        return line, len(_YAML_BREAK.split(before)[-1]) + 1


def read_text(path: Path, file: str) -> TextFile:
    """The text of a file in UTF-8.

    Raises:
        DefinitionError: FC109, it can't be read, or is no UTF-8.
    """
    try:
        if path.exists() and not path.is_file():
            raise _unreadable(file, "it is no regular file")  # a pipe would be waited for
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable(file, error.strerror or str(error)) from error
    try:
        return TextFile(file, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _not_utf8(file, data, error.start) from None


def _unreadable(file: str, reason: str) -> DefinitionError:
    return DefinitionError(
        "FC109", f"the file can't be read: {reason}", location=Location(file, 1, 1)
    )


def _not_utf8(file: str, data: bytes, start: int) -> DefinitionError:
    before = data[:start].decode("utf-8", "replace")
    found = TextFile(file, data.decode("utf-8", "replace"))
    line, column = found.at_index(len(before))
    is_utf16 = data.startswith(_UTF_16)
    return DefinitionError(
        "FC109",
        "the file is in UTF-16, not in UTF-8"
        if is_utf16
        else f"the file is not in UTF-8: byte 0x{data[start]:02x}",
        location=Location(file, 1, 1) if is_utf16 else found.location(line, column),
        help=["save it in UTF-8"],
    )


def _shown(line: str) -> str:
    """The line as people may see it."""
    flat = _flat(line)
    return mask_url(flat) if "@" in flat or "?" in flat else flat


def _flat(line: str) -> str:
    """The line without what a terminal would obey; a tab is one space, so that the carets fit."""
    if line.isprintable():
        return line
    return _CONTROL.sub("\ufffd", line.replace("\t", " "))


def _cut(line: str) -> str:
    return line if len(line) <= _MAX_LINE else f"{line[: _MAX_LINE - 1]}…"
