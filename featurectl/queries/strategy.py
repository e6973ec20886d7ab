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
# Labels of one entity up to which a sample of the rows is enough: at worst that is how wrong it is.
SOME_LABELS = 64
SAMPLE_ROWS = 100_000
# CPU of hash against ASOF, by pairs per row: 1 pair (20M rows, 1M labels) 0.64; 20 pairs (1M rows,
# 20k labels) 1.6; 100 pairs (2M rows, 100k labels) 4.
PAIRS_PER_ROW = 6


@dataclass(frozen=True)
class Strategy:
    """A form of the join, and why it was chosen, for a person."""

    name: str
    reason: str


def rows_to_count(most_labels: int) -> int | None:
    """In how many rows the pairs are to be counted, where an entity has at most so many labels.

    0: in none, because they are few; None: in all.
    """
    if most_labels <= FEW_LABELS:
        return 0
    return SAMPLE_ROWS if most_labels <= SOME_LABELS else None


def choose(most_labels: int, counted: tuple[int, int] | None = None) -> Strategy:
    """The cheaper form; ``counted`` are pairs of a label and a row, and in how many rows."""
    if counted is None:
        return Strategy(HASH, f"no entity has more than {most_labels:,} labels")
    pairs, rows = counted
    said = f"{pairs:,} pairs of a label and a row in {rows:,} rows"
    if pairs <= PAIRS_PER_ROW * rows:
        return Strategy(HASH, f"{said}: few for each")
    return Strategy(ASOF, f"{said}: many for each")
