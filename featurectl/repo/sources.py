"""Sources: what can be said of them without reading any."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from featurectl.errors import DefinitionError
from featurectl.repo.config_file import CONFIG_NAME

if TYPE_CHECKING:
    from featurectl.definitions.source import FileSource
    from featurectl.repo.places import Declared
    from featurectl.repo.references import Names

_VARIABLE = re.compile(r"\$\{[^}]*\}")


def source_errors(names: Names) -> list[DefinitionError]:
    """What is wrong in each source."""
    errors: list[DefinitionError] = []
    for each in names.declared:
        if each.kind == "source" and each.definition is not None:
            source = cast("FileSource", each.definition)
            errors += [*_variables(each, source), *_renames(each, source)]
    return errors


def _variables(declared: Declared, source: FileSource) -> list[DefinitionError]:
    """FC105 for ``${VAR}`` in a path: definitions say the same in every environment."""
    variable = _VARIABLE.search(source.path)
    if variable is None:
        return []
    return [
        DefinitionError(
            "FC105",
            f'path of source "{source.name}": variables work in {CONFIG_NAME} only',
            location=declared.places.value("path"),
            help=[f"write a relative path here, and in {CONFIG_NAME} data_root: {variable[0]}"],
        )
    ]


def _renames(declared: Declared, source: FileSource) -> list[DefinitionError]:
    """FC115 for columns that get one name, also one that differs only in case."""
    errors: list[DefinitionError] = []
    seen: dict[str, str] = {}
    for column, name in source.columns.items():
        other = seen.setdefault(name.lower(), column)
        if other != column:
            said = f'columns "{other}" and "{column}" of source "{source.name}" get one name'
            at = declared.places.value("columns", column)
            errors.append(DefinitionError("FC115", said, location=at))
    return errors
