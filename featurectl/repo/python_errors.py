"""Why a Python file did not run to its end, at the user's own line and without a traceback."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic import ValidationError

from featurectl.definitions.definition import NotYetError
from featurectl.definitions.url import mask_url
from featurectl.errors import DefinitionError, FeaturectlError, Location, did_you_mean
from featurectl.repo.faults import shortened
from featurectl.repo.kinds import CLASS_NAMES
from featurectl.repo.python_places import span_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from featurectl.repo.python_places import PythonSource

_MAX_NOTES = 5
_MAX_LINE = 200


def failure(
    error: BaseException,
    path: Path,
    running: Sequence[Path],
    root: Path,
    source: Callable[[str], PythonSource | None],
) -> DefinitionError:
    """FC108 for what a file raised (FC101 … FC116 where it is one of these).

    ``running`` are the files that were being run, outermost first; ``source`` gives the file of the
    repository that a traceback names. The exception itself is the error's cause.
    """
    if isinstance(error, DefinitionError) and error.code == "FC109":
        return error
    found = _explained(error, path, running, root, source)
    found.__cause__ = error
    return found


def _explained(
    error: BaseException,
    path: Path,
    running: Sequence[Path],
    root: Path,
    source: Callable[[str], PythonSource | None],
) -> DefinitionError:
    file = path.relative_to(root).as_posix()
    at = _syntax_place(error, source) or _place(error, source) or Location(file, 1, 1)
    if isinstance(error, NotYetError):
        return DefinitionError("FC106", str(error), location=at)
    if isinstance(error, SyntaxError):
        return DefinitionError("FC108", f"broken Python: {error.msg}", location=at)
    if isinstance(error, SystemExit):
        return DefinitionError(
            "FC108",
            "a definition file ends the program",
            location=at,
            help=["remove the call of sys.exit: the file is run to read its definitions"],
        )
    circle = _circle(error, running)
    if circle:
        return _import_cycle([each.relative_to(root).as_posix() for each in circle], at)
    if isinstance(error, ValidationError) and _is_change(error):
        said = (
            f"{error.title}.{error.errors()[0]['loc'][0]} can't be changed once the object is made"
        )
        return DefinitionError("FC108", said, location=at)
    said, *rest = _message(error)
    return DefinitionError(
        "FC108",
        f"a definition file raised {said}",
        location=at,
        caret=_name_meant(error),
        notes=rest[:_MAX_NOTES],
    )


def _message(error: BaseException) -> list[str]:
    """The exception's name and text, in lines; of ours and of pydantic's without what is extra."""
    text = str(error)
    if isinstance(error, FeaturectlError):
        text = error.message
    elif isinstance(error, ValidationError):
        text = _validation_text(error)
    elif isinstance(error, ImportError):
        text = re.sub(r" \([^)]*\)$", "", text)  # the path of an installed file
    lines = [mask_url(shortened(line, _MAX_LINE)) for line in text.splitlines() if line.strip()]
    name = type(error).__name__
    return [f"{name}: {lines[0]}", *lines[1:]] if lines else [name]


def _validation_text(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join([error.title, *(str(step) for step in first['loc'])])}: {first['msg']}"


def _is_change(error: ValidationError) -> bool:
    return error.errors()[0]["type"] == "frozen_instance"


def _name_meant(error: BaseException) -> str:
    """``did you mean "FeatureView"?`` for a name that featurectl does not have."""
    match = re.match(r"cannot import name '(\w+)' from 'featurectl'", str(error))
    return did_you_mean(match[1], CLASS_NAMES) if match else ""


def _syntax_place(
    error: BaseException, source: Callable[[str], PythonSource | None]
) -> Location | None:
    if not isinstance(error, SyntaxError) or not error.filename or not error.lineno:
        return None
    found = source(error.filename)
    if found is None or error.lineno > len(found.file.lines):
        return None
    column = max(1, error.offset or 1)
    same_line = getattr(error, "end_lineno", None) == error.lineno
    end = (getattr(error, "end_offset", None) or 0) if same_line else 0
    return found.file.location(error.lineno, column, max(1, end - column))


def _place(error: BaseException, source: Callable[[str], PythonSource | None]) -> Location | None:
    """The innermost place in a file of the repository."""
    at = None
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        found = source(code.co_filename)
        if found is not None:
            at = found.span_location(trace.tb_lineno, span_of(code, trace.tb_lasti))
        trace = trace.tb_next
    return at


def _circle(error: BaseException, running: Sequence[Path]) -> list[Path]:
    """The files that import each other, when a name was asked of one that is still being run."""
    asked = getattr(error, "path", None) if isinstance(error, ImportError) else None
    if isinstance(error, AttributeError):
        asked = getattr(getattr(error, "obj", None), "__file__", None)
    for index, path in enumerate(running):
        if asked is not None and str(path) == str(asked):
            return [*running[index:], path]
    return []


def _import_cycle(files: list[str], at: Location) -> DefinitionError:
    match files[:-1]:
        case [one]:
            said = f"{one} imports itself"
        case [one, other]:
            said = f"{one} and {other} import each other"
        case _:
            said = f"files import each other in a circle: {' -> '.join(files)}"
    return DefinitionError(
        "FC116",
        said,
        location=at,
        help=["move what both need into a file that imports neither"],
    )
