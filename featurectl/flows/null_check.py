"""How many values of each feature are null, in what a run has filled and in what serves."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurectl.flows.key_sample import SIZE
from featurectl.online.codec import DamagedRowError, RowReader, UnknownLayoutError
from featurectl.online.keys import encode_keys

if TYPE_CHECKING:
    from typing import Any

    from featurectl.flows.store_writer import Counts
    from featurectl.flows.view_target import Target
    from featurectl.online.protocol import Online


@dataclass(frozen=True)
class NullShare:
    """A feature's share of nulls, 0 to 1: in ``rows`` of those that serve, and in all new ones."""

    feature: str
    before: float
    now: float
    rows: int


def null_shares(target: Target, found: Counts, online: Online) -> list[NullShare]:
    """Of each feature that both generations have; none where one of them has no rows.

    What serves is judged by the rows of the entities that were sampled from the new ones: one round
    trip. Where it has other join keys, any of its rows do.
    """
    served = dict(target.binding.read.layout.columns)
    names = [name for name in target.features if name in served]
    before = _served_rows(target, found, online, names)
    if not before or not found.keys:
        return []
    now = dict(zip(target.features, found.feature_nulls, strict=True))
    return [
        NullShare(
            name,
            sum(values[i] is None for values in before) / len(before),
            now[name] / found.keys,
            len(before),
        )
        for i, name in enumerate(names)
    ]


def _served_rows(
    target: Target, found: Counts, online: Online, names: list[str]
) -> list[tuple[Any, ...]]:
    """Values of some rows that serve."""
    project, read = target.snapshot.project, target.binding.read
    keys = found.sample.keys()
    if target.serving is None or keys is None:
        return []
    if read.join_keys == target.generation.join_keys:
        rows = online.get(encode_keys(keys, project, read.id, read.join_keys))
    else:
        rows = [row for _, row in online.sample(project, read.id, SIZE)]
    reader = RowReader(read.layouts, names)
    values = []
    for row in rows:
        with suppress(UnknownLayoutError, DamagedRowError):  # of what is about to be left
            if row and (read_values := reader.read(row)[2]):
                values.append(read_values)
    return values
