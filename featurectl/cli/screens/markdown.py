"""Text inside of Markdown: as it is, in its cell, in its fence, and in the room that there is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from featurectl.cli.paint import readable, strip

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"[\\`*\[\]|~$]|(?<![^\W_])_|_(?![^\W_])")
_UNSEEN = "\u200b"  # between @ or # and a word: nobody is notified, no other thread is linked


def plain(text: str, longest: int = 300) -> str:
    r"""One line that Markdown shows as it stands, also between the bars of a table.

    What is longer is cut to ``longest`` characters. No character takes more than five bytes.

    >>> plain("a|b_c *d*")
    'a\\|b_c \\*d\\*'
    """
    line = readable(strip(text[: 2 * longest]))
    line = line if len(line) <= longest else f"{line[: longest - 1]}…"
    line = _SPECIAL.sub(lambda match: f"\\{match[0]}", line)
    line = line.replace("&", "&amp;").replace("<", "&lt;")
    return re.sub("[@#]", lambda match: match[0] + _UNSEEN, line)


def row(cells: Sequence[str]) -> str:
    """A row of a table; the cells are Markdown in which a bar is escaped."""
    return f"| {' | '.join(cells)} |"


def fenced(lines: Sequence[str], language: str = "") -> list[str]:
    """The lines in a fence, which none of them can close: see :func:`literal`."""
    return [f"```{language}", *lines, "```"]


def literal(text: str, longest: int = 500) -> str:
    """One line for a fence, cut to ``longest`` characters."""
    line = readable(text[: longest + 1])
    line = line if len(line) <= longest else f"{line[: longest - 1]}…"
    return line.replace("```", "'''")


def folded(title: str, lines: Sequence[str]) -> list[str]:
    """The lines behind a title that opens them; an empty line before it."""
    return ["", f"<details><summary>{title}</summary>", "", *lines, "", "</details>"]


def cut(lines: Iterable[str], total: int, room: int, *, remark: str = "") -> list[str]:
    """As many of ``total`` lines as fit into ``room`` bytes, the last one saying how many don't.

    It begins with ``remark``. Nothing where not even that fits. No more lines are asked for than
    are needed to tell.
    """
    kept: list[str] = []
    fitting, used, used_fitting = 0, 0, 0  # how many fit with the last line behind them
    for line in lines:
        used += size([line])
        if used > room:
            last = _more(remark, total - fitting)
            return [*kept[:fitting], last] if used_fitting + size([last]) <= room else []
        kept.append(line)
        if used + size([_more(remark, total - len(kept))]) <= room:
            fitting, used_fitting = len(kept), used
    return kept


def size(lines: Sequence[str]) -> int:
    """The bytes of the lines with their ends, in UTF-8."""
    return sum(len(line.encode()) + 1 for line in lines)


def _more(remark: str, left: int) -> str:
    return f"{remark}… {left:,} more, see the job log"
