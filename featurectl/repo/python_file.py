"""Python files of definitions: run, and what they construct is what they declare."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

from featurectl.definitions.acknowledgement import Acknowledgement
from featurectl.definitions.definition import Definition, declared_to
from featurectl.repo.kinds import called, part_at
from featurectl.repo.places import Declared
from featurectl.repo.python_errors import failure
from featurectl.repo.python_modules import RepoModules
from featurectl.repo.python_places import PythonPlaces, PythonSource, span_of
from featurectl.repo.refusals import Written, refusals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from types import FrameType

    from pydantic import ValidationError

    from featurectl.definitions.definition import Part
    from featurectl.errors import DefinitionError


def read_python(
    paths: Iterable[Path], root: Path
) -> tuple[list[Declared], list[DefinitionError], list[str]]:
    """What the files declare, all that is wrong, and the texts of files that did not run through.

    What a file prints goes to stderr: stdout is the command's result.
    """
    paths = list(paths)
    reader = _Reader(root, paths)
    with reader.modules, redirect_stdout(sys.stderr), declared_to(reader.declare, reader.refuse):
        for path in paths:
            reader.modules.load(path)
    return reader.declared, reader.errors, reader.unfinished


class _Reader:
    """What one load of Python files has found."""

    def __init__(self, root: Path, paths: Sequence[Path]) -> None:
        self.modules = RepoModules(root, paths, self.fail)
        self.declared: list[Declared] = []
        self.errors: list[DefinitionError] = []
        self.unfinished: list[str] = []
        self._sources: dict[str, PythonSource] = {}
        self._refused: list[Part] = []
        self._bad_names: set[str] = set()  # of definitions that were refused

    def declare(self, part: Part) -> None:
        """A definition or an acknowledgement was constructed."""
        places = self._places(called(type(part)))
        fields = {name: getattr(part, name) for name in part.model_fields_set}
        if isinstance(part, Acknowledgement):
            self.declared.append(Declared(part.kind, "", places, part, fields))
        elif isinstance(part, Definition):
            whole = None if self._has_refused_parts(part) else part
            self.declared.append(Declared(part.kind, part.name, places, whole, fields))

    def refuse(self, part: Part, error: ValidationError) -> None:
        """A definition, or a part of one, could not be constructed as it was asked for."""
        self._refused.append(part)
        fields = dict(part.__dict__)
        name = fields.get("name", "")
        places = self._places(called(type(part)))
        is_whole = isinstance(part, Definition)
        kind = (
            part.kind
            if isinstance(part, (Definition, Acknowledgement))
            else part_at(type(part), ())[1]
        )
        name = name if is_whole and isinstance(name, str) else ""
        written = Written(
            kind, name, type(part), places, in_python=True, bad_names=frozenset(self._bad_names)
        )
        self.errors.extend(refusals(error, written))
        if is_whole:
            self._bad_names.add(name)
            self.declared.append(Declared(kind, name, places, None, fields))

    def fail(self, path: Path, error: BaseException, running: Sequence[Path]) -> None:
        """A file did not run to its end."""
        file = self.modules.files.get(str(path))
        self.unfinished.append(file.text if file else "")
        found = failure(error, path, running, self.modules.root, self._source)
        refused_here = any(
            e.location and file and e.location.file == file.file for e in self.errors
        )
        if refused_here and isinstance(error, (AttributeError, TypeError)):
            return  # it stumbled over what was refused before
        self.errors.append(found)

    def _has_refused_parts(self, definition: Definition) -> bool:
        """Whether a feature or a reference in it was refused: a part is taken as it was made."""
        parts = getattr(definition, "features", ())
        inside = parts.values() if isinstance(parts, dict) else parts
        return any(part is refused for part in inside for refused in self._refused)

    def _source(self, name: str) -> PythonSource | None:
        """The file of ours that a code object or a traceback names, or None."""
        if name in self.modules.files and name not in self._sources:
            self._sources[name] = PythonSource(self.modules.files[name])
        return self._sources.get(name)

    def _places(self, cls: str) -> PythonPlaces:
        """The call in a file of ours that is constructing an object now."""
        frame: FrameType | None = sys._getframe(2)  # noqa: SLF001 - the only way to tell
        while frame is not None and frame.f_code.co_filename not in self.modules.files:
            frame = frame.f_back
        if frame is None:
            raise RuntimeError("a definition was constructed by no file of the repository")
        source: Any = self._source(frame.f_code.co_filename)
        span = span_of(frame.f_code, frame.f_lasti)
        return PythonPlaces(source, frame.f_lineno, source.call(frame.f_lineno, span, cls))
