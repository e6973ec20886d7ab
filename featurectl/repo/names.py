"""Names: each once in its kind over all files, and told apart by more than case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.definitions.acknowledgement import Acknowledgement
from featurectl.errors import DefinitionError
from featurectl.repo.kinds import PLURALS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.repo.places import Declared


def duplicate_names(declared: Sequence[Declared]) -> list[DefinitionError]:
    """FC107 for every second use of a name, at that place; the first is told in a note."""
    errors = []
    first: dict[tuple[str, str], Declared] = {}
    for each in declared:
        if not each.name:
            continue
        other = first.setdefault((each.kind, each.name.lower()), each)
        if other is not each:
            errors.append(_duplicate(each, other))
    return errors


def duplicate_acknowledgements(declared: Sequence[Declared]) -> list[DefinitionError]:
    """FC107 for every second line for one change, at that place: one of them is not read."""
    errors = []
    first: dict[str, Declared] = {}
    for each in declared:
        if not isinstance(each.definition, Acknowledgement):
            continue
        other = first.setdefault(str(each.definition), each)
        if other is not each:
            errors.append(
                DefinitionError(
                    "FC107",
                    f"{each.definition} is acknowledged twice",
                    location=each.places.value(),
                    notes=[f"the first is at {other.places.value()}"],
                    help=["keep one: what was applied already can go"],
                )
            )
    return errors


def _duplicate(second: Declared, first: Declared) -> DefinitionError:
    kinds = PLURALS[second.kind]
    if second.name == first.name:
        said = f'two {kinds} are named "{second.name}"'
    else:
        said = f'{kinds} "{first.name}" and "{second.name}" differ only in case'
    return DefinitionError(
        "FC107",
        said,
        location=second.places.value("name"),
        notes=[f"the first is at {first.places.value('name')}"],
    )
