"""Columns of text: as wide as their widest cell, aware of wide characters and colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.paint import pad, paint, width

if TYPE_CHECKING:
    from collections.abc import Sequence

_INDENT = "  "
_GAP = "  "


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


def fitting_table(
    rows: Sequence[Sequence[str]],
    *,
    header: Sequence[str],
    right: Sequence[str] = (),
    columns: int | None,
    optional: Sequence[str] = (),
) -> list[str]:
    """A table that leaves out ``optional`` columns, in that order, until it fits.

    Columns are named by their headers; ``columns`` is the width that there is, None for any.
    """
    kept = list(header)
    for name in ("", *optional):
        if name:
            kept.remove(name)
        at = [list(header).index(title) for title in kept]
        lines = table(
            [[row[i] for i in at] for row in rows],
            header=kept,
            right=[kept.index(title) for title in right if title in kept],
        )
        if columns is None or max(map(width, lines)) <= columns:
            break
    return lines


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> str:
    padded = [pad(cell, widths[at], right=at in right) for at, cell in enumerate(cells)]
    return (_INDENT + _GAP.join(padded)).rstrip()
