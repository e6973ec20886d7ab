"""How far generations are loaded, also those that another environment writes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.definitions.snapshot import Snapshot
    from featurectl.registry.protocol import Ledger, Progress


def progress_of(
    snapshot: Snapshot, ledger: Ledger, generations: Sequence[str]
) -> dict[str, Progress]:
    """By generation, as the environment that writes it has recorded; one read for each of these."""
    by_owner: defaultdict[str, list[str]] = defaultdict(list)
    for generation in generations:
        by_owner[snapshot.owner(generation)].append(generation)
    found: dict[str, Progress] = {}
    for env, owned in by_owner.items():
        found |= ledger.progress(env, owned)
    return found
