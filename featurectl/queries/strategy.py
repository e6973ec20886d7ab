"""The forms of the join that give the same rows, and which one is the cheaper for given data.

The *hash* form streams the rows past the labels and keeps the greatest time of each label. It sorts
nothing, and looks at every pair of a label and a row of its entity. The *ASOF* form sorts the rows
of the labels' entities, and looks at each once, however many labels an entity has.
"""

from __future__ import annotations

from dataclasses import dataclass

HASH, ASOF, STATIC = "hash", "asof", "static"

# Labels of one entity up to which nothing is counted: at worst each row meets so many.
FEW_LABELS = 8
# CPU of hash against ASOF, by pairs per row: 1 pair (20M rows, 1M labels) 0.64; 20 pairs (1M rows,
# 20k labels) 1.6; 100 pairs (2M rows, 100k labels) 4.
PAIRS_PER_ROW = 6


@dataclass(frozen=True)
class Strategy:
    """A form of the join, and why it was chosen, for a person."""

    name: str
    reason: str


def counts_pairs(most_labels: int) -> bool:
    """Whether the pairs must be counted, where an entity has at most so many labels."""
    return most_labels > FEW_LABELS


def choose(*, most_labels: int, labels: int, rows: int | None, pairs: int | None) -> Strategy:
    """The cheaper form.

    ``rows`` are those of the source and ``pairs`` those of the hash form, None where not counted.
    """
    if pairs is None:
        return Strategy(HASH, f"no entity has more than {most_labels:,} labels")
    read = (rows or 0) + labels
    said = f"{pairs:,} pairs of {labels:,} labels and {rows or 0:,} rows"
    if pairs <= PAIRS_PER_ROW * read:
        return Strategy(HASH, f"{said}: few for each")
    return Strategy(ASOF, f"{said}: many for each")
