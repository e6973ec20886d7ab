"""What the YAML parser refuses, as errors of ours: at its line and column, with what helps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from featurectl.errors import DefinitionError

if TYPE_CHECKING:
    import yaml

    from featurectl.errors import Location
    from featurectl.repo.text_file import TextFile

# YAML's printable characters; PyYAML and libyaml give positions of the others in different units.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_CANT_BEGIN = "that cannot start any token"
_HELP = {
    "mapping values are not allowed": 'quote a text with ": " in it: "a: b"',
    "could not find expected ':'": 'write a key and its value as "key: value"',
    "did not find expected key": "check the indentation, and quote a text with special characters",
    "did not find expected '-' indicator": "give every item of a list the same indentation",
}


def forbidden_character(file: TextFile) -> None:
    """Refuse control characters, which YAML does not allow even in quotes.

    Raises:
        DefinitionError: FC101.
    """
    if match := _FORBIDDEN.search(file.text):
        line, column = file.at_index(match.start())
        raise DefinitionError(
            "FC101",
            f"the character U+{ord(match[0]):04X} can't stand in YAML",
            location=file.location(line, column),
        )


def syntax_error(error: yaml.YAMLError, file: TextFile) -> DefinitionError:
    """FC101 for an error of the parser."""
    context: str = getattr(error, "context", None) or ""
    problem: str = getattr(error, "problem", None) or str(error)
    at: Any = getattr(error, "problem_mark", None)
    begin: Any = getattr(error, "context_mark", None)
    if _is_tab(at, file):
        return _tab(at, file)
    if begin is not None and _is_end(at, file):
        # What was begun and has no end is the mistake, not the place where the parser gave up.
        at, begin = begin, None
        problem = problem if "simple key" in context else f"the file ends {context}"
    notes = []
    if begin is not None and (begin.line, begin.column) != (at.line, at.column):
        notes.append(f"{context}, which begins at {begin.line + 1}:{begin.column + 1}")
    return DefinitionError(
        "FC101",
        f"broken YAML: {_said(problem, at, file)}",
        location=_place(at, file),
        notes=notes,
        help=_help(problem),
    )


def _said(problem: str, at: Any, file: TextFile) -> str:
    if _CANT_BEGIN in problem:
        return f'"{file.lines[at.line][at.column]}" can\'t begin a text'
    return problem


def _help(problem: str) -> list[str]:
    if _CANT_BEGIN in problem:
        return ["quote a text that begins with a special character"]
    return [text for start, text in _HELP.items() if problem.startswith(start)]


def _is_end(at: Any, file: TextFile) -> bool:
    rest = file.lines[at.line :] if at is not None else ()
    return not "".join([*(line[at.column :] for line in rest[:1]), *rest[1:]]).strip()


def _is_tab(at: Any, file: TextFile) -> bool:
    if at is None or at.line >= len(file.lines):
        return False
    line = file.lines[at.line]
    return "\t" in line[: len(line) - len(line.lstrip())]


def _tab(at: Any, file: TextFile) -> DefinitionError:
    column = file.lines[at.line].index("\t")
    return DefinitionError(
        "FC101",
        "broken YAML: a tab can't indent a line",
        location=file.location(at.line + 1, column + 1),
        help=["indent with spaces"],
    )


def _place(at: Any, file: TextFile) -> Location | None:
    if at is None:
        return None
    if not _is_end(at, file):
        return file.location(at.line + 1, at.column + 1)
    last = max((i for i, line in enumerate(file.lines, 1) if line.strip()), default=1)
    return file.location(last, len(file.lines[last - 1].rstrip()) + 1)
