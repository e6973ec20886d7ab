"""What featurectl.yaml says, key by key with places; what it means is decided in ``config``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from featurectl.errors import DefinitionError, raise_all
from featurectl.repo.faults import needs_value, shape, unknown_key, wrong_shape
from featurectl.repo.text_file import read_text
from featurectl.repo.yaml_nodes import Mapping, Scalar, Sequence, is_empty, place
from featurectl.repo.yaml_parser import parse_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from featurectl.errors import Location
    from featurectl.repo.text_file import TextFile
    from featurectl.repo.yaml_nodes import Node

CONFIG_NAME = "featurectl.yaml"

# A text is "", a list of texts is [], a mapping is {key: shape} with "*" for any key; a tuple
# allows one of several.
_ENV = {
    "registry": "",
    "online": "",
    "offline": ("", {"engine": "", "memory_limit": "", "threads": ""}),
    "data_root": "",
    "grace": "",
}
_SHAPE = {
    "project": "",
    **_ENV,
    "definitions": [],
    "defaults": {"owner": "", "tags": {"*": ""}},
    "envs": {"*": {**_ENV, "promote_from": ""}},
}
_WORDS: dict[type, str] = {str: "a text", list: "a list", dict: "a mapping"}
_EXAMPLES = {
    "definitions": "definitions: [features/]",
    "tags": "tags: {tier: gold}",
    "envs": 'envs: {prod: {online: "${REDIS_URL}"}}',
    "defaults": "defaults: {owner: team@example.com}",
}


@dataclass(frozen=True)
class Setting:
    """A text as it stands in the file, with its place: variables are not replaced yet."""

    text: str
    location: Location


@dataclass(frozen=True)
class ConfigFile:
    """The settings by key, the places of the keys by path, and what is wrong with the file.

    A setting is a :class:`Setting`, a tuple of them, or a mapping of keys to them. A path is
    ``("envs", "prod", "online")``.
    """

    file: TextFile
    top: dict[str, Any] = field(default_factory=dict)
    keys: dict[tuple[str, ...], Location] = field(default_factory=dict)
    errors: list[DefinitionError] = field(default_factory=list)

    @property
    def envs(self) -> dict[str, Any]:
        """The settings of each environment."""
        found: dict[str, Any] = self.top.get("envs", {})
        return found

    @property
    def env_names(self) -> set[str]:
        """The environments that are named, also those whose settings are wrong."""
        return {path[1] for path in self.keys if path[0] == "envs" and len(path) > 1}


def read_config_file(path: Path) -> ConfigFile:
    """What the file says.

    Raises:
        DefinitionError: FC109 it can't be read, FC101 or FC116 it is no YAML. All else that is
            wrong is in ``errors``.
    """
    file = read_text(path, CONFIG_NAME)
    documents, errors = parse_yaml(file)
    if not documents:
        raise_all(errors)
    read = ConfigFile(file, errors=errors)
    written = [node for node in documents if not is_empty(node)]
    for node in written[:1]:
        read.top.update(_read(node, (), _SHAPE, read) or {})
    for node in written[1:]:
        said = f"{CONFIG_NAME} must be one document"
        errors.append(
            DefinitionError("FC105", said, location=place(node, file), help=["remove ---"])
        )
    return read


def _read(node: Node, path: tuple[str, ...], wanted: Any, to: ConfigFile) -> Any:
    """The settings of a node, or None when it has the wrong shape."""
    shapes = wanted if isinstance(wanted, tuple) else (wanted,)
    if is_empty(node):
        to.errors.append(needs_value(path[-1], to.keys.get(path, place(node, to.file))))
        return None
    for allowed in shapes:
        if isinstance(node, Scalar) and isinstance(allowed, str):
            return Setting(node.text, place(node, to.file))
        if isinstance(node, Sequence) and isinstance(allowed, list):
            items = [_read(item, path, "", to) for item in node.items]
            return tuple(item for item in items if item is not None)
        if isinstance(node, Mapping) and isinstance(allowed, dict):
            return _read_mapping(node, path, allowed, to)
    words = " or ".join(_WORDS[type(each)] for each in shapes)
    example = _EXAMPLES.get(path[-1], "") if path else ""
    at = place(node, to.file)
    to.errors.append(wrong_shape(_said(path), words, shape(node), at, example=example))
    return None


def _read_mapping(
    node: Mapping, path: tuple[str, ...], allowed: dict[str, Any], to: ConfigFile
) -> dict[str, Any]:
    found = {}
    for key, (key_node, value) in node.entries.items():
        at = place(key_node, to.file)
        wanted = allowed.get(key, allowed.get("*"))
        if wanted is None:
            to.errors.append(unknown_key(key, list(allowed), at, owner=_said(path)))
            continue
        inner = (*path, key)
        to.keys[inner] = at
        setting = _read(value, inner, wanted, to)
        if setting is not None:
            found[key] = setting
    return found


def _said(path: tuple[str, ...]) -> str:
    return f'"{path[-1]}"' if path else CONFIG_NAME
