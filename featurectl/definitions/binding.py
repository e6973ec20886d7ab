"""Where a view's rows are in the online store, and how they are to be read.

A generation is a set of rows under one key prefix. What changes a view's meaning is filled as a new
generation beside the one that serves, then the binding flips to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Layout:
    """How to read a packed row: ``columns`` are (name, type) in the order they are packed.

    Several layouts of a generation may be live. A column whose feature was removed has the name
    ``""``: its bytes are still there in old rows, and nothing reads them.
    """

    id: int
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Generation:
    """Rows under one key prefix. ``id`` is unique in the store; the last layout is written."""

    id: str
    join_keys: tuple[tuple[str, str], ...]
    layouts: tuple[Layout, ...]

    @property
    def layout(self) -> Layout:
        """The layout that new rows are written in."""
        return self.layouts[-1]


@dataclass(frozen=True)
class Binding:
    """The generation that readers of a view are sent to, and the one that is being filled, if any.

    ``needs_fill``: features or a longer TTL were added, so the next run covers a first run's
    window.
    """

    view: str
    read: Generation
    fill: Generation | None = None
    needs_fill: bool = False

    @property
    def target(self) -> Generation:
        """The generation that the next run writes."""
        return self.fill or self.read

    def document(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "view": self.view,
            "read": generation_document(self.read),
            "fill": generation_document(self.fill) if self.fill else None,
            "needs_fill": self.needs_fill,
        }


def generation_document(generation: Generation) -> dict[str, Any]:
    """The JSON form of a generation."""
    return {
        "id": generation.id,
        "join_keys": [list(pair) for pair in generation.join_keys],
        "layouts": [
            {"id": layout.id, "columns": [list(pair) for pair in layout.columns]}
            for layout in generation.layouts
        ],
    }


def read_generation(document: Mapping[str, Any]) -> Generation:
    """The generation of its JSON form."""
    return Generation(
        document["id"],
        tuple((name, type_name) for name, type_name in document["join_keys"]),
        tuple(
            Layout(layout["id"], tuple((name, kind) for name, kind in layout["columns"]))
            for layout in document["layouts"]
        ),
    )


def read_binding(document: Mapping[str, Any]) -> Binding:
    """The binding of its JSON form."""
    fill = document["fill"]
    return Binding(
        document["view"],
        read_generation(document["read"]),
        read_generation(fill) if fill else None,
        document["needs_fill"],
    )
