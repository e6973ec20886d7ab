"""Columns of text: as wide as their widest cell, aware of wide characters and colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.paint import pad, paint, width

if TYPE_CHECKING:
    from collections.abc import Sequence

INDENT = "  "
GAP = "  "


def table(
    rows: Sequence[Sequence[str]], *, header: Sequence[str] = (), right: Sequence[int] = ()
) -> list[str]:
    """The rows as aligned lines, indented by two; the columns in ``right`` are aligned right.

    A row may be shorter than the others. The last cell of a row is never filled up with spaces.
    """
    heads = [[paint(cell, "bold") for cell in header]] if header else []
    lines = [*heads, *rows]
    widths = [
        max((width(line[at]) for line in lines if at < len(line)), default=0)
        for at in range(max((len(line) for line in lines), default=0))
    ]
    return [_line(line, widths, right) for line in lines]


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> str:
    padded = [pad(cell, widths[at], right=at in right) for at, cell in enumerate(cells)]
    return (INDENT + GAP.join(padded)).rstrip()
