"""``${VAR}`` and ``${VAR:-default}`` in featurectl.yaml, replaced when a setting is needed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from featurectl.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.errors import Location
    from featurectl.repo.config_file import Setting
    from featurectl.repo.text_file import TextFile

_REFERENCE = re.compile(r"\$\{([^}]*)\}?")
_INSIDE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)


def expand(setting: Setting, environ: Mapping[str, str], file: TextFile) -> str:
    """The text with its variables replaced; as in a shell, a default also stands for an empty one.

    Raises:
        DefinitionError: FC121 a variable that is not set, FC105 what is no ``${VAR}``; never with
            the value of a variable in its text.
    """
    return _REFERENCE.sub(lambda match: _value(match, setting, environ, file), setting.text)


def _value(
    match: re.Match[str], setting: Setting, environ: Mapping[str, str], file: TextFile
) -> str:
    inside = _INSIDE.fullmatch(match[1]) if match[0].endswith("}") else None
    if not inside:
        raise DefinitionError(
            "FC105",
            f'"{match[0]}" is no variable',
            location=_at(match[0], setting, file),
            help=["write ${VAR} or ${VAR:-default}"],
        )
    name, default = inside.groups()
    value = environ.get(name)
    if default is not None:
        return value or default
    if value is None:
        raise DefinitionError(
            "FC121",
            f"the environment variable {name} is not set",
            location=_at(match[0], setting, file),
            help=[f"set it, or write what stands for it: ${{{name}:-default}}"],
        )
    return value


def _at(text: str, setting: Setting, file: TextFile) -> Location:
    """The place of the variable inside of the setting; the setting's own where it isn't found."""
    at = setting.location
    column = file.lines[at.line - 1].find(text, at.column - 1)
    return file.location(at.line, column + 1, len(text)) if column >= 0 else at
