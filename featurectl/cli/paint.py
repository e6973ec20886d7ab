"""Text for a terminal: colours, display width, and what a stray control character looks like.

Screens are painted unconditionally; the console strips the colours where they are not wanted.
"""

from __future__ import annotations

import re
import unicodedata

_CODES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_NO_WIDTH = ("Mn", "Me", "Cf")
_JOINERS = "\u200c\u200d"  # parts of words in many scripts


def paint(text: str, *styles: str) -> str:
    r"""The text in the styles; an empty text stays empty.

    >>> paint("ok", "green")
    '\x1b[32mok\x1b[0m'
    """
    if not text or not styles:
        return text
    return f"\x1b[{';'.join(_CODES[style] for style in styles)}m{text}\x1b[0m"


def strip(text: str) -> str:
    """The text without its colours."""
    return _ESCAPES.sub("", text)


def width(text: str) -> int:
    """How many columns of a terminal the text takes: wide characters two, combining marks none."""
    plain = strip(text)
    if plain.isascii():
        return len(plain)
    return sum(map(_columns, plain))


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """The text filled up with spaces to that many columns, on the right side or the left."""
    space = " " * max(0, columns - width(text))
    return space + text if right else text + space


def readable(text: str) -> str:
    r"""One line on any terminal: what is not printable or not visible is escaped.

    >>> readable("a\tb")
    'a\\tb'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in _JOINERS else _escape(c) for c in text)


def shown(value: object) -> str:
    """A value as one readable word: a text that would not be seen, or be taken for none, quoted.

    >>> shown("JFK"), shown(""), shown(" a"), shown(None)
    ('JFK', '""', '" a"', '-')
    """
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    text = readable(value if isinstance(value, str) else str(value))
    hidden = not text or text != text.strip() or text == "-"
    return f'"{text}"' if hidden and isinstance(value, str) else text


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _columns(character: str) -> int:
    if unicodedata.category(character) in _NO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
