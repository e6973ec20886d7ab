"""Which type the values of a text column have: one that gives back the same texts, or text."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from featurectl.offline.csv_text import csv_column

# In this order: what is an integer could be a float too.
_KINDS = (
    pa.int64(),
    pa.float64(),
    pa.bool_(),
    pa.date32(),
    pa.timestamp("s", "UTC"),
    pa.timestamp("s"),
)

# Texts that are surely given back: written plainly, with no more digits than a value holds. It is
# quicker to see that than to convert and compare [1M floats: 0.1 s against 0.5 s].
_PLAIN = {
    pa.int64(): r"^(0|-?[1-9][0-9]{0,17})$",
    pa.float64(): r"^-?(0|[1-9][0-9]{0,8})(\.[0-9]{0,4}[1-9])?$",
}


class GuessedType:
    """The type of one column, found while its texts go by.

    A type is one only if each value written as CSV is the text that was read: ``7`` is an integer,
    ``007`` is not; ``1.5`` is a float, ``1.50`` and ``1e5`` are not; ``true`` is a boolean,
    ``TRUE`` is not. A column without any value stays text.
    """

    def __init__(self) -> None:
        self._possible = list(_KINDS)
        self._has_values = False

    @property
    def type(self) -> pa.DataType:
        """The type of all texts so far."""
        return self._possible[0] if self._possible and self._has_values else pa.string()

    def look(self, texts: pa.Array) -> None:
        """Take more of the column's texts into account."""
        self._has_values = self._has_values or texts.null_count < len(texts)
        self._possible = [kind for kind in self._possible if _is_same(texts, kind)]


def _is_same(texts: pa.Array, kind: pa.DataType) -> bool:
    plain = _PLAIN.get(kind)
    if plain and pc.all(pc.match_substring_regex(texts, plain)).as_py() is not False:
        return True
    try:
        values = texts.cast(kind)
    except pa.ArrowException:
        return False
    return bool(csv_column(values).cast(pa.string()).equals(texts))
