"""Places in a text of SQL that a person wrote, as errors show them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from featurectl.errors import Location, RequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlglot import exp

_FILE = "sql"  # what stands for the file's name


def error_at(sql: str, start: int, end: int, message: str, help_: Sequence[str]) -> RequestError:
    """An error about the characters from ``start`` to ``end``, both inclusive, from 0."""
    return RequestError("FC331", message, location=_location(sql, start, end), help=help_)


def place_of(sql: str, node: exp.Expr, *words: str) -> Location | None:
    """Where a part of the query stands; failing that, the first of the words that is in it."""
    for each in (node, *node.walk()):
        if "start" in each.meta:
            return _location(sql, each.meta["start"], each.meta["end"])
    return next(filter(None, (place_of_word(sql, word) for word in words)), None)


def place_of_word(sql: str, word: str) -> Location | None:
    """Where a word first stands, by itself and in any case; None where it does not."""
    found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", sql, re.IGNORECASE)
    return _location(sql, found.start(), found.end() - 1) if found else None


def place_of_text(sql: str, line: int, column: int, text: str) -> Location:
    """The place of a text that ends at a line and column, both from 1."""
    lines = sql.split("\n")
    end = sum(len(each) + 1 for each in lines[: line - 1]) + column - 1
    return _location(sql, max(0, end - max(0, len(text) - 1)), end)


def _location(sql: str, start: int, end: int) -> Location:
    before = sql[:start]
    line, column = before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1
    lines = sql.split("\n")
    first = max(1, line - 1)
    excerpt = tuple((at, lines[at - 1]) for at in range(first, line + 1) if lines[at - 1].strip())
    length = max(1, min(end - start + 1, len(lines[line - 1]) - column + 1))
    return Location(_FILE, line, column, length, excerpt)
