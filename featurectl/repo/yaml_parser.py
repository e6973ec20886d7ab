"""Text to nodes, by PyYAML's parser.

The tree is built from the parser's events rather than by PyYAML's composer: that one is recursive
(50,000 opening brackets kill the process) and takes three times as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from featurectl.errors import DefinitionError, did_you_mean
from featurectl.repo.yaml_merge import merged
from featurectl.repo.yaml_nodes import Mapping, Node, Scalar, Sequence, place
from featurectl.repo.yaml_syntax import forbidden_character, syntax_error

if TYPE_CHECKING:
    from featurectl.repo.text_file import TextFile

_MAX_DEPTH = 100
_MAX_NODES = 1_000_000  # aliases counted as often as they are used

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_yaml(file: TextFile) -> tuple[list[Node], list[DefinitionError]]:
    """The root nodes of a file's documents, and what is wrong with its keys, tags and aliases.

    With a syntax error there is no document: nothing behind it can be read safely.
    """
    composer = _Composer(file)
    try:
        forbidden_character(file)
        for event in yaml.parse(file.text, Loader=_LOADER):
            composer.take(event)
    except yaml.YAMLError as error:
        return [], [*composer.errors, syntax_error(error, file)]
    except DefinitionError as error:
        return [], [*composer.errors, error]
    return composer.documents, composer.errors


class _Composer:
    """Events in, nodes out; without recursion, and within bounds."""

    def __init__(self, file: TextFile) -> None:
        self.file = file
        self.documents: list[Node] = []
        self.errors: list[DefinitionError] = []
        self._anchors: dict[str, Node] = {}
        self._open: list[Sequence | Mapping] = []
        self._keys: list[Node | None] = []  # of each open node, the key that waits for its value

    def take(self, event: Any) -> None:
        """One event of the parser."""
        if isinstance(event, yaml.ScalarEvent):
            node = Scalar(event.start_mark, event.end_mark, 1, event.value, not event.style)
            self._add(self._anchored(node, event))
        elif isinstance(event, yaml.MappingStartEvent):
            self._begin(self._anchored(Mapping(event.start_mark, event.end_mark), event))
        elif isinstance(event, yaml.SequenceStartEvent):
            self._begin(self._anchored(Sequence(event.start_mark, event.end_mark), event))
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end(event)
        elif isinstance(event, yaml.AliasEvent):
            self._add(self._aliased(event))
        elif isinstance(event, yaml.DocumentStartEvent):
            self._anchors = {}

    def _anchored(self, node: Any, event: Any) -> Any:
        if event.anchor:
            self._anchors[event.anchor] = node
        if event.tag and not event.tag.startswith("tag:yaml.org,2002:"):
            self.errors.append(
                DefinitionError(
                    "FC105",
                    f'the tag "{event.tag}" means nothing here',
                    location=self.file.location(
                        event.start_mark.line + 1, event.start_mark.column + 1, len(event.tag)
                    ),
                )
            )
        return node

    def _aliased(self, event: Any) -> Node:
        node = self._anchors.get(event.anchor)
        at = self.file.location(
            event.start_mark.line + 1, event.start_mark.column + 1, len(event.anchor) + 1
        )
        if node is None:
            raise DefinitionError(
                "FC101",
                f'the alias "*{event.anchor}" has no anchor "&{event.anchor}" before it',
                location=at,
                caret=did_you_mean(event.anchor, self._anchors),
                help=["quote a text that begins with *"],
            )
        if node in self._open:
            raise DefinitionError(
                "FC116",
                f'the alias "*{event.anchor}" stands inside of what it stands for',
                location=at,
                notes=[f'"&{event.anchor}" begins at {place(node, self.file)}'],
            )
        if isinstance(node, Scalar):
            return Scalar(event.start_mark, event.end_mark, 1, node.text, node.plain)
        return node

    def _begin(self, node: Sequence | Mapping) -> None:
        if len(self._open) >= _MAX_DEPTH:
            raise self._too_much(f"nested deeper than {_MAX_DEPTH} levels", node)
        self._open.append(node)
        self._keys.append(None)

    def _end(self, event: Any) -> None:
        node = self._open.pop()
        self._keys.pop()
        node.end = event.end_mark
        if isinstance(node, Mapping):
            node.entries = merged(node, self.file, self.errors)
            node.size += sum(key.size + value.size for key, value in node.pairs)
        else:
            node.size += sum(item.size for item in node.items)
        if node.size > _MAX_NODES:
            raise self._too_much(f"more than {_MAX_NODES:,} values, aliases expanded", node)
        self._add(node)

    def _add(self, node: Node) -> None:
        if not self._open:
            self.documents.append(node)
            return
        parent = self._open[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif (key := self._keys[-1]) is None:
            self._keys[-1] = node
        else:
            parent.pairs.append((key, node))
            self._keys[-1] = None

    def _too_much(self, what: str, node: Node) -> DefinitionError:
        at = self.file.location(node.start.line + 1, node.start.column + 1)
        return DefinitionError("FC101", what, location=at)
