"""YAML as a tree of nodes that know their places. Scalars are text, whatever YAML makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from featurectl.errors import Location
    from featurectl.repo.text_file import TextFile


@dataclass(eq=False)
class Node:
    """``start`` and ``end`` are marks of the parser, which count lines and columns from 0."""

    start: Any
    end: Any
    size: int = 1


@dataclass(eq=False)
class Scalar(Node):
    """A text. ``plain`` is one without quotes."""

    text: str = ""
    plain: bool = True


@dataclass(eq=False)
class Sequence(Node):
    """A list."""

    items: list[Node] = field(default_factory=list)


@dataclass(eq=False)
class Mapping(Node):
    """A mapping: keys to (key, value), merge keys resolved. ``pairs`` is as it was written."""

    pairs: list[tuple[Node, Node]] = field(default_factory=list)
    entries: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)


def is_empty(node: Node) -> bool:
    """Whether nothing is written where a value could stand."""
    return isinstance(node, Scalar) and node.plain and not node.text


def place(node: Node, file: TextFile) -> Location:
    """Where a node begins, underlined to its end or to the end of its first line."""
    line = node.start.line
    end = _end_in_line(node, line, file)
    return file.location(line + 1, node.start.column + 1, max(1, end - node.start.column))


def _end_in_line(node: Node, line: int, file: TextFile) -> int:
    if node.end.line == line:
        return int(node.end.column)
    if isinstance(node, Mapping) and node.pairs:
        key, value = node.pairs[0]
        return _end_in_line(value if value.start.line == line else key, line, file)
    if isinstance(node, Sequence) and node.items and node.items[0].start.line == line:
        return _end_in_line(node.items[0], line, file)
    return len(file.lines[line].rstrip())
