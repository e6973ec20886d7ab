"""A YAML file of definitions: its sections and objects, read by the classes that they declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from featurectl.errors import did_you_mean
from featurectl.repo.faults import needs_value, not_yet, shape, unknown_key, wrong_shape
from featurectl.repo.kinds import ARTICLES, FORMS, KEYS_NOT_YET, SECTIONS, SECTIONS_NOT_YET, subject
from featurectl.repo.places import Declared, YamlPlaces
from featurectl.repo.refusals import Written, refusals
from featurectl.repo.type_names import is_cut
from featurectl.repo.yaml_nodes import Mapping, Node, Scalar, Sequence, is_empty, place
from featurectl.repo.yaml_parser import parse_yaml

if TYPE_CHECKING:
    from featurectl.errors import DefinitionError, Location
    from featurectl.repo.text_file import TextFile

_FILE = "a file of definitions"
_BOOLEANS = {"true": True, "false": False}  # the only two words, whatever else YAML takes for one
_BOOLEAN_FIELDS = {
    kind: {name for name, field in cls.model_fields.items() if field.annotation is bool}
    for kind, cls in FORMS.items()
}
_ITEMS = {"acknowledge": "- {view: NAME, change: CLASS, reason: …}"}
_MEANT = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def read_yaml(file: TextFile) -> tuple[list[Declared], list[DefinitionError]]:
    """What the file declares, and all that is wrong with it."""
    documents, errors = parse_yaml(file)
    reader = _Reader(file, errors)
    for node in documents:
        if not is_empty(node):
            reader.document(node)
    return reader.declared, reader.errors


class _Reader:
    """The objects and errors of one file."""

    def __init__(self, file: TextFile, errors: list[DefinitionError]) -> None:
        self.file = file
        self.errors = errors
        self.declared: list[Declared] = []

    def document(self, node: Node) -> None:
        """One document: sections of objects."""
        if not isinstance(node, Mapping):
            self._wrong(_FILE, "a mapping", node, "feature_views: and other sections")
            return
        for section, (key, value) in node.entries.items():
            self._section(section, value, place(key, self.file))

    def _section(self, section: str, value: Node, at: Location) -> None:
        if section in SECTIONS_NOT_YET:
            self.errors.append(not_yet(section, at))
        elif section not in SECTIONS:
            self.errors.append(unknown_key(section, list(SECTIONS), at, owner=_FILE))
        elif is_empty(value):
            self.errors.append(needs_value(section, at))
        elif isinstance(value, Sequence):
            for item in value.items:
                self._item(SECTIONS[section], item)
        else:
            example = _ITEMS.get(section, "each object as an item: - name: …")
            self._wrong(f'"{section}"', "a list", value, example)

    def _item(self, kind: str, node: Node) -> None:
        if isinstance(node, Mapping):
            found = _ObjectReader(kind, node, self.file, self.errors)
            self.declared.append(found.read())
        else:
            example = _ITEMS.get(kind, "- name: … and its other keys")
            self._wrong(ARTICLES[kind], "a mapping", node, example)

    def _wrong(self, what: str, wanted: str, node: Node, example: str) -> None:
        at = place(node, self.file)
        self.errors.append(wrong_shape(what, wanted, shape(node), at, example=example))


class _ObjectReader:
    """One object: its values as plain data, then the object that its class makes of them."""

    def __init__(
        self, kind: str, node: Mapping, file: TextFile, errors: list[DefinitionError]
    ) -> None:
        self.kind = kind
        self.node = node
        self.file = file
        self.errors = errors
        self.refused: set[tuple[str, ...]] = set()  # paths whose error is found already
        self.fields: dict[str, Any] = {}

    def read(self) -> Declared:
        """The object; without a definition when something is wrong with it."""
        later = KEYS_NOT_YET.get(self.kind, ())
        for key, (key_node, value) in self.node.entries.items():
            if key in later:
                self.errors.append(not_yet(key, place(key_node, self.file)))
            elif key in _BOOLEAN_FIELDS[self.kind]:
                self._boolean(key, key_node, value)
            else:
                self._add(self.fields, key, (key,), key_node, value)
        return self._construct(is_later=any(key in self.node.entries for key in later))

    def _construct(self, *, is_later: bool) -> Declared:
        cls = FORMS[self.kind]
        name = self.fields.get("name", "") if "name" in cls.model_fields else ""
        places = YamlPlaces(self.file, self.node)
        definition = None
        try:
            definition = cls(**self.fields)
        except ValidationError as error:
            name = name if isinstance(name, str) else ""
            written = Written(self.kind, name, cls, places, self.refused, is_later)
            self.errors.extend(refusals(error, written))
        return Declared(self.kind, name, places, definition, self.fields)

    def _boolean(self, key: str, key_node: Scalar, value: Node) -> None:
        if isinstance(value, Scalar) and value.text in _BOOLEANS:
            self.fields[key] = _BOOLEANS[value.text]
            return
        self.refused.add((key,))
        if is_empty(value):
            self.errors.append(needs_value(key, place(key_node, self.file)))
            return
        found = f'"{value.text}"' if isinstance(value, Scalar) else shape(value)
        error = wrong_shape(
            subject(self.kind, self._name(), (key,)),
            "true or false",
            found,
            place(value, self.file),
        )
        if isinstance(value, Scalar):
            word = value.text.lower()
            error.caret = did_you_mean(_MEANT.get(word, word), _BOOLEANS)
        self.errors.append(error)

    def _name(self) -> str:
        node = self.node.entries["name"][1] if "name" in self.node.entries else None
        return node.text if isinstance(node, Scalar) else ""

    def _add(
        self, to: dict[str, Any], key: str, path: tuple[str, ...], key_node: Scalar, node: Node
    ) -> None:
        if is_empty(node):
            self.errors.append(needs_value(key, place(key_node, self.file)))
            self.refused.add(path)
        else:
            to[key] = self._plain(path, node)

    def _plain(self, path: tuple[str, ...], node: Node) -> Any:
        """The node as text, list or dict; places in a list are kept, so that paths stay right."""
        if isinstance(node, Scalar):
            return node.text
        if isinstance(node, Sequence):
            return [self._element(path, i, item) for i, item in enumerate(node.items)]
        found: dict[str, Any] = {}
        before: Node = node
        for key, (key_node, value) in node.entries.items() if isinstance(node, Mapping) else ():
            if not (is_empty(value) and isinstance(before, Scalar) and is_cut(before.text)):
                self._add(found, key, (*path, key), key_node, value)
            before = value
        return found

    def _element(self, path: tuple[str, ...], index: int, node: Node) -> Any:
        if is_empty(node):
            at = place(node, self.file)
            self.errors.append(needs_value(path[-1], at, item=index + 1))
            self.refused.add((*path, str(index)))
        return self._plain((*path, str(index)), node)
