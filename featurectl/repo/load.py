"""Files of a repository in, its definitions out: or everything that is wrong in any file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from featurectl.definitions.acknowledgement import Acknowledgement
from featurectl.definitions.decode import CLASSES
from featurectl.definitions.definition import Definition
from featurectl.definitions.repository import Repository
from featurectl.errors import DefinitionError, raise_all
from featurectl.repo.files import definition_files
from featurectl.repo.names import duplicate_acknowledgements, duplicate_names
from featurectl.repo.places import Declared, WrittenPlaces
from featurectl.repo.python_file import read_python
from featurectl.repo.references import Names, reference_errors
from featurectl.repo.services import service_errors
from featurectl.repo.sources import source_errors
from featurectl.repo.text_file import read_text
from featurectl.repo.yaml_file import read_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from featurectl.errors import Location
    from featurectl.repo.config import Config

_UNREAD = ("FC101", "FC116")  # with these nothing of a YAML file is read


def load_repository(config: Config) -> Repository:
    """The definitions in the files that the configuration lists, checked against each other.

    Owner and tags of ``defaults`` are part of each definition. Python files are run.

    Raises:
        FeaturectlError: FC1xx, the only error, or all of all files in one
            :class:`~featurectl.errors.ManyErrors`.
    """
    files, errors = definition_files(config)
    found = _Found(errors=list(errors), unread=["" for _ in errors])
    for file, path in files.items():
        if path.suffix != ".py":
            found.take_yaml(path, file)
    declared, errors, unfinished = read_python(
        [path for path in files.values() if path.suffix == ".py"], config.root
    )
    found.add(declared, errors, unfinished)
    found.declared.sort(key=lambda each: _order(each.places.value()))
    names = Names(found.declared, found.may_define)
    found.errors += duplicate_names(found.declared)
    found.errors += duplicate_acknowledgements(found.declared)
    found.errors += reference_errors(names)
    found.errors += source_errors(names)
    found.errors += service_errors(names)
    raise_all(found.errors)
    return _repository(config, found.declared)


@dataclass
class _Found:
    """What the files declare, what is wrong, and the texts of files not read to their end."""

    declared: list[Declared] = field(default_factory=list)
    errors: list[DefinitionError] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def take_yaml(self, path: Path, file: str) -> None:
        """Read a YAML file."""
        try:
            text = read_text(path, file)
        except DefinitionError as error:
            self.add([], [error], [""])
            return
        declared, errors = read_yaml(text)
        is_broken = not declared and any(error.code in _UNREAD for error in errors)
        self.add(declared, errors, [text.text] if is_broken else [])

    def add(
        self, declared: list[Declared], errors: list[DefinitionError], unread: list[str]
    ) -> None:
        """Take what a file declares, what is wrong with it, and its text if it isn't read whole."""
        self.declared += declared
        self.errors += errors
        self.unread += unread

    def may_define(self, name: str) -> bool:
        """Whether a file that was not read to its end may define the name, as far as that shows."""
        word = re.compile(rf"\b{re.escape(name)}\b")
        return any(not text or word.search(text) for text in self.unread)


def _order(at: Location) -> tuple[str, int, int]:
    return at.file, at.line, at.column


def _repository(config: Config, declared: Sequence[Declared]) -> Repository:
    by_kind: dict[str, dict[str, Any]] = {kind: {} for kind in CLASSES}
    lines: list[Acknowledgement] = []
    for each in declared:
        if isinstance(each.definition, Definition):
            by_kind[each.kind][each.name] = _with_defaults(each.definition, config)
        elif each.definition is not None:
            lines.append(each.definition)
    return Repository(
        config.project,
        by_kind["entity"],
        by_kind["source"],
        by_kind["view"],
        by_kind["service"],
        WrittenPlaces(map(_placed, declared)),
        tuple(lines),
    )


def _placed(declared: Declared) -> Declared:
    """What has a place under its name: of an acknowledgement that is all that it says."""
    line = declared.definition
    return replace(declared, name=str(line)) if isinstance(line, Acknowledgement) else declared


def _with_defaults(definition: Definition, config: Config) -> Definition:
    owner = definition.owner or config.default_owner
    tags = {**config.default_tags, **definition.tags}
    return definition.model_copy(update={"owner": owner, "tags": tags})
