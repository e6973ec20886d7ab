"""The errors that every file can have: one wording for YAML, Python and featurectl.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.errors import DefinitionError, did_you_mean
from featurectl.repo.yaml_nodes import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Collection

    from featurectl.errors import Location
    from featurectl.repo.yaml_nodes import Node

_SHAPES = {Scalar: "a text", Sequence: "a list", Mapping: "a mapping"}


def unknown_key(
    key: str, known: Collection[str], location: Location, *, owner: str
) -> DefinitionError:
    """FC103, with the nearest key, or all of them when none is near."""
    near = did_you_mean(key, known)
    return DefinitionError(
        "FC103",
        f'unknown key "{shortened(key)}"',
        location=location,
        caret=near,
        notes=[] if near else [f"keys of {owner}: {', '.join(known)}"],
    )


def not_yet(key: str, location: Location) -> DefinitionError:
    """FC106 for a key of a later release."""
    return DefinitionError("FC106", f'"{key}" is not supported yet', location=location)


def needs_value(key: str, location: Location, *, item: int | None = None) -> DefinitionError:
    """FC105 for a key with nothing behind it, or an item of a list (the first is 1)."""
    said = f'"{shortened(key)}"' if item is None else f'item {item} of "{key}"'
    return DefinitionError(
        "FC105",
        f"{said} needs a value",
        location=location,
        help=["write one, or remove it"],
    )


def wrong_shape(
    what: str, wanted: str, found: str, location: Location, *, example: str = ""
) -> DefinitionError:
    """FC105 for a list where a mapping is wanted, and the like; ``what`` is as it is said."""
    return DefinitionError(
        "FC105",
        f"{what} must be {wanted}, not {found}",
        location=location,
        help=[f"write {example}"] if example else [],
    )


def shape(node: Node) -> str:
    """``a text``, ``a list`` or ``a mapping``."""
    return _SHAPES[type(node)]


def shortened(text: str, limit: int = 60) -> str:
    """One line of at most ``limit`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
