"""The keys of a YAML mapping: each once, with what its merge keys (``<<``) bring in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurectl.errors import DefinitionError
from featurectl.repo.yaml_nodes import Mapping, Scalar, Sequence, place

if TYPE_CHECKING:
    from featurectl.repo.text_file import TextFile
    from featurectl.repo.yaml_nodes import Node

Entries = dict[str, tuple[Scalar, Any]]  # the key's node and the value's


def merged(mapping: Mapping, file: TextFile, errors: list[DefinitionError]) -> Entries:
    """Keys to (key, value): merged ones first, in the order of their mapping; own ones win.

    Duplicate keys, keys that are no text, and merges of what is no mapping are added to ``errors``.
    """
    own: Entries = {}
    found: Entries = {}
    for key, value in mapping.pairs:
        if not isinstance(key, Scalar):
            errors.append(DefinitionError("FC105", "a key is a text", location=place(key, file)))
        elif key.text == "<<" and key.plain:
            for each in _mappings(value, file, errors):
                found |= {name: e for name, e in each.entries.items() if name not in found}
        elif key.text in own:
            errors.append(_duplicate(key, own[key.text][0], file))
        else:
            own[key.text] = (key, value)
    return {**found, **own}


def _mappings(value: Node, file: TextFile, errors: list[DefinitionError]) -> list[Mapping]:
    nodes = value.items if isinstance(value, Sequence) else [value]
    found = [node for node in nodes if isinstance(node, Mapping)]
    errors.extend(
        DefinitionError(
            "FC105",
            'a merge key "<<" takes a mapping, or a list of mappings',
            location=place(node, file),
        )
        for node in nodes
        if not isinstance(node, Mapping)
    )
    return found


def _duplicate(key: Scalar, first: Scalar, file: TextFile) -> DefinitionError:
    return DefinitionError(
        "FC102",
        f'duplicate key "{key.text}"',
        location=place(key, file),
        notes=[f"the first is at {place(first, file)}"],
    )
