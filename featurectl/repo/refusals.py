"""What the classes of the definitions refuse, as errors of ours at the place in the user's file.

The classes validate with pydantic; nothing of its wording reaches the reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from featurectl.definitions.definition import MAX_NAME, NotYetError
from featurectl.definitions.url import mask_url
from featurectl.errors import DefinitionError, did_you_mean, nearest
from featurectl.repo.faults import shortened, unknown_key, wrong_shape
from featurectl.repo.kinds import HINTS, HINTS_IN_PYTHON, keys_of, part_at, subject
from featurectl.repo.type_names import is_cut, type_meant

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from pydantic import ValidationError

    from featurectl.definitions.definition import Part
    from featurectl.repo.places import Places

Path = tuple[str, ...]

_NAMES = "names are letters, digits and _, and do not begin with a digit"
_KEY = "[key]"  # what stands last in a path that leads to the key of a mapping, not to its value
_WANTED = {
    "string_type": "a text",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
}


@dataclass(frozen=True)
class Written:
    """What was refused: how messages name it, its class, and where its parts stand.

    ``refused`` are paths that an error was already found for; with ``is_later`` the object has keys
    of a later release, so that what it lacks says nothing. ``in_python`` names keys as Python does.
    ``bad_names`` are those of definitions that were refused themselves.
    """

    kind: str
    name: str
    cls: type[Part]
    places: Places
    refused: Collection[Path] = ()
    is_later: bool = False
    in_python: bool = False
    bad_names: Collection[str] = ()

    def said(self, path: Path) -> str:
        """How messages name what is at the path."""
        return subject(self.kind, self.name, path)

    def hint(self, path: Path) -> str:
        """What to write at a path, or an empty string."""
        hints = HINTS_IN_PYTHON if self.in_python else HINTS
        return hints.get((self.kind, path[-1]), "") if len(path) == 1 else ""


def refusals(error: ValidationError, written: Written) -> list[DefinitionError]:
    """One error for each thing that is wrong, but none for what only follows from another."""
    details = [(_path(each), each) for each in error.errors(include_url=False)]
    return [
        _TRANSLATIONS.get(each["type"], _shape)(path, each, written)
        for path, each in details
        if not _follows(path, each, details, written)
    ]


def _path(detail: Any) -> Path:
    return tuple(str(step) for step in detail["loc"])


def _follows(path: Path, detail: Any, details: list[tuple[Path, Any]], written: Written) -> bool:
    if path in written.refused or (not path and written.refused):
        return True
    if detail["type"] == "string_pattern_mismatch" and path != ("name",):
        return detail["input"] in written.bad_names
    if detail["type"] == "missing":
        unknown = [
            other[-1]
            for other, each in details
            if each["type"] == "extra_forbidden" and other[:-1] == path[:-1]
        ]
        meant = {nearest(key, _keys(path, written)) for key in unknown}
        return path[-1] in meant or (written.is_later and len(path) == 1)
    if detail["type"] == "too_short":
        deeper = [*written.refused, *(other for other, _ in details if other != path)]
        return any(other[: len(path)] == path for other in deeper)
    return False


def _keys(path: Path, written: Written) -> list[str]:
    cls, _ = part_at(written.cls, path)
    return list(cls.model_fields) if written.in_python else keys_of(cls)


def _unknown(path: Path, _detail: Any, written: Written) -> DefinitionError:
    _, owner = part_at(written.cls, path)
    at = written.places.key(*path)
    return unknown_key(path[-1], _keys(path, written), at, owner=owner)


def _missing(path: Path, _detail: Any, written: Written) -> DefinitionError:
    key = path[-1]
    hint = written.hint(path)
    return DefinitionError(
        "FC104",
        f'{written.said(path[:-1])} lacks the key "{key}"',
        location=written.places.value(*path[:-1]),
        help=[f"write {hint}"] if hint else [],
    )


def _bad_name(path: Path, detail: Any, written: Written) -> DefinitionError:
    is_key = path[-1] == _KEY
    path = path[:-1] if is_key else path
    said = f'"{shortened(detail["input"])}" is not a name'
    return DefinitionError(
        "FC105",
        said if is_key or path == ("name",) else f"{written.said(path)}: {said}",
        location=written.places.key(*path) if is_key else written.places.value(*path),
        notes=[_NAMES],
    )


def _long_name(path: Path, detail: Any, written: Written) -> DefinitionError:
    is_key = path[-1] == _KEY
    return DefinitionError(
        "FC105",
        f'"{shortened(detail["input"], 30)}" is longer than {MAX_NAME} characters',
        location=written.places.key(*path[:-1]) if is_key else written.places.value(*path),
    )


def _empty(path: Path, _detail: Any, written: Written) -> DefinitionError:
    hint = written.hint(path)
    return DefinitionError(
        "FC105",
        f"{written.said(path)} must not be empty",
        location=written.places.value(*path),
        help=[f"write {hint}"] if hint else [],
    )


def _choice(path: Path, detail: Any, written: Written) -> DefinitionError:
    choices = re.findall(r"'([^']*)'", detail["ctx"]["expected"])
    found = detail["input"]
    said = f'"{shortened(found)}"' if isinstance(found, str) else _found(found)
    return DefinitionError(
        "FC105",
        f"{written.said(path)}: {said} is none of its values",
        location=written.places.value(*path),
        caret=did_you_mean(str(found), choices),
        notes=[f"values: {', '.join(choices)}"],
    )


def _case_clash(path: Path, detail: Any, written: Written) -> DefinitionError:
    other, name = detail["ctx"]["other"], detail["ctx"]["name"]
    word = "join keys" if path[-1] == "join_keys" else path[-1]
    return DefinitionError(
        "FC107",
        f'{word} "{other}" and "{name}" differ only in case',
        location=written.places.key(*path, name),
        notes=[f"the first is at {written.places.key(*path, other)}"],
    )


def _value(path: Path, detail: Any, written: Written) -> DefinitionError:
    error, found = detail["ctx"]["error"], detail["input"]
    if isinstance(error, NotYetError):
        key = re.match(r'"(\w+)"', str(error))
        at = written.places.key(*path, key[1]) if key else written.places.value(*path)
        return DefinitionError("FC106", str(error), location=at)
    text = re.sub(r"^'(.*?)' is", r'"\1" is', str(error))
    if isinstance(found, str):
        text = text.replace(found, shortened(found)) if found else text
    elif not isinstance(found, (int, float)):
        text = text.replace(repr(found), _found(found))
    said, _, remark = text.partition("; ")
    if isinstance(found, str) and is_cut(found):
        remark = f'write it in quotes: "{found},…)"'
    is_help = remark.startswith("write ")
    return DefinitionError(
        "FC105",
        mask_url(f"{written.said(path)}: {said}"),
        location=written.places.value(*path),
        caret=type_meant(found) if said.endswith("is not a type") and not is_help else "",
        notes=[remark] if remark and not is_help else [],
        help=[remark] if is_help else [],
    )


def _shape(path: Path, detail: Any, written: Written) -> DefinitionError:
    kind = detail["type"]
    wanted = _WANTED.get(kind, "something else")
    if path[-1] == _KEY:
        return wrong_shape(
            f"a key of {written.said(path[:1])}",
            wanted,
            _found(detail["input"]),
            written.places.key(*path[:-1]),
        )
    if kind.startswith("model_"):
        wanted = f"{'a text' if written.kind == 'service' else 'a type'} or a mapping"
    elif path[-1:] == ("type",):
        wanted = "a type"
    found = detail["input"]
    return wrong_shape(
        written.said(path),
        wanted,
        f'"{shortened(found)}"'
        if kind == "bool_parsing" and isinstance(found, str)
        else _found(found),
        written.places.value(*path),
        example=written.hint(path),
    )


def _found(value: Any) -> str:
    """How messages name a value of a wrong shape."""
    if isinstance(value, bool) or value is None:
        return str(value)
    for types, words in (
        (str, "a text"),
        (dict, "a mapping"),
        ((list, tuple, set, frozenset), "a list"),
        ((int, float), "a number"),
    ):
        if isinstance(value, types):
            return words
    name = type(value).__name__
    return f"an {name}" if name[0] in "AEIOaeio" else f"a {name}"


_TRANSLATIONS: dict[str, Callable[[Path, Any, Written], DefinitionError]] = {
    "extra_forbidden": _unknown,
    "missing": _missing,
    "string_pattern_mismatch": _bad_name,
    "string_too_long": _long_name,
    "string_too_short": _empty,
    "too_short": _empty,
    "literal_error": _choice,
    "case_clash": _case_clash,
    "value_error": _value,
}
