"""One changed field as a person reads it: its mark, its name, old and new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurectl.cli.figures import plural
from featurectl.cli.paint import paint, readable

if TYPE_CHECKING:
    from featurectl.plan.plan import Change, FieldChange

_COLORS = {"+": "green", "~": "yellow", "!": "magenta", "-": "red", ">": "cyan"}
_SHORT = 40


def mark(symbol: str) -> str:
    """A symbol in its color."""
    return paint(symbol, _COLORS[symbol], "bold")


def symbol_of(change: FieldChange) -> str:
    """``+`` for what comes, ``-`` for what goes, ``>`` for a new name, else ``~``."""
    if change.path.endswith(".name") or change.path == "name":
        return ">"
    if change.old in (None, ""):
        return "+"
    return "-" if change.new is None else "~"


def name_of(change: FieldChange) -> str:
    """The field without the words that the screen says already.

    ``features.tips_avg`` is ``tips_avg``; ``features.tips_avg.description`` stays apart from it.
    """
    top, _, rest = change.path.partition(".")
    if top != "features" or not rest:
        return change.path
    feature, _, part = rest.partition(".")
    return feature if part in ("", "type", "name") else f"{feature} {part}"


def value_of(change: FieldChange) -> str:
    """``24h -> 48h``, or the one side that there is."""
    old, new = text_of(change.old), text_of(change.new)
    if change.path.endswith("description"):
        return _prose(change.old, change.new)
    if change.old is None or change.new is None:
        side = new if change.old is None else old
        return "" if side == name_of(change) else side  # a service's column that says it already
    return f"{old} -> {new}"


def text_of(value: Any) -> str:
    """A JSON value in one line."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(map(text_of, value)) or "nothing"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {text_of(item)}" for key, item in value.items()) or "nothing"
    return readable(str(value)) or '""'


def place_of(change: FieldChange | Change) -> str:
    """``features/driver.yaml:31``, or nothing."""
    return f"{change.file}:{change.line}" if change.file else ""


def _prose(old: str | None, new: str | None) -> str:
    text = new or old or ""
    if "\n" in text.strip():
        return f"({plural(len(text.strip().splitlines()), 'line')})"
    words = readable(text.strip())
    return words if len(words) <= _SHORT else words[: _SHORT - 1] + "…"
