"""Removing the rows of generations that no binding has named for the grace time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from featurectl.online.protocol import Generations
    from featurectl.registry.retention import Retention


def sweep_retired(
    online: Generations, retention: Retention, project: str, env: str, *, grace_us: int
) -> dict[str, int]:
    """Remove the environment's rows that were retired ``grace_us`` ago; how many, by generation.

    Those too that an earlier sweep did not come to remove. Takes a pass over the store's keys for
    each generation, and none when there is nothing to remove.

    Raises:
        StoreError: as the store says; a later sweep removes what is left.
    """
    found: dict[str, int] = {}
    for generation in retention.claim(env, time.time_ns() // 1_000 - grace_us + 1):
        found[generation] = online.sweep(project, generation)
        retention.swept([generation])
    return found
