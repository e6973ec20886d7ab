"""The forms of the join that give the same rows, and which one is the cheaper for given data.

The *hash* form streams the rows past the labels and keeps the greatest time of each label: it
sorts nothing, and looks at every pair of a label and a row of its entity. The *bucket* form cuts
time in buckets: of earlier ones it keeps the newest row of each entity, and it looks at the pairs
within a bucket only. The *ASOF* form sorts the rows of the labels' entities, and looks at each
once, whatever their times are.
"""

from __future__ import annotations

from dataclasses import dataclass

HASH, BUCKET, ASOF, STATIC = "hash", "bucket", "asof", "static"

# Labels of one entity up to which nothing is counted: at worst each row meets so many.
FEW_LABELS = 8
# Labels of one entity up to which a sample of the rows is enough: at worst that is how wrong it is.
SOME_LABELS = 64
SAMPLE_ROWS = 100_000
# CPU of hash against ASOF, by pairs per row: 1 pair (20M rows, 1M labels) 0.64; 20 pairs (1M rows,
# 20k labels) 1.6; 100 pairs (2M rows, 100k labels) 4. Of buckets, in the latter two: 0.45, 0.5.
PAIRS_PER_ROW = 6
_MOST_BUCKETS = 1024


@dataclass(frozen=True)
class Strategy:
    """A form of the join, and why it was chosen, for a person.

    ``width_us`` is how long a bucket is, in the form that has some.
    """

    name: str
    reason: str
    width_us: int = 1


@dataclass(frozen=True)
class Pairs:
    """How many pairs of a label and a row of its entity there are, in how many rows.

    ``in_bucket`` of them are of one bucket of ``width_us``.
    """

    all: int
    in_bucket: int
    rows: int
    width_us: int = 1


def rows_to_count(most_labels: int) -> int | None:
    """In how many rows the pairs are to be counted, where an entity has at most so many labels.

    0: in none, because they are few; None: in all.
    """
    if most_labels <= FEW_LABELS:
        return 0
    return SAMPLE_ROWS if most_labels <= SOME_LABELS else None


def bucket_width(most_labels: int, first_us: int, last_us: int) -> int:
    """How long a bucket is that has about one label of each entity, for labels of those times."""
    return (last_us - first_us) // min(max(most_labels, 1), _MOST_BUCKETS) + 1


def choose(most_labels: int, pairs: Pairs | None = None, *, known_at: bool = False) -> Strategy:
    """The cheapest form; the one with buckets can't tell when a row was known."""
    if pairs is None:
        labels = f"{most_labels:,} label{'' if most_labels == 1 else 's'}"
        return Strategy(HASH, f"no entity has more than {labels}")
    few = PAIRS_PER_ROW * pairs.rows
    said = f"{pairs.all:,} pairs of a label and a row in {pairs.rows:,} rows"
    if pairs.all <= few:
        return Strategy(HASH, f"{said}: few for each")
    if pairs.in_bucket <= few and not known_at:
        found = f"{said}: many for each, {pairs.in_bucket:,} within one bucket of time"
        return Strategy(BUCKET, found, pairs.width_us)
    return Strategy(ASOF, f"{said}: many for each")
