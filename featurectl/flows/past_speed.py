"""How long a load will take, from how long past runs of the same view took. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from featurectl.registry.protocol import RunRecord, ViewRun

_FURTHEST = 20  # times as many rows or keys as the nearest run had: beyond it, it says too little


def past_parts(runs: Iterable[RunRecord], views: Collection[str]) -> list[ViewRun]:
    """What runs did to a view, under any of its names, that tells how fast they were."""
    return [
        part
        for run in runs
        for part in run.views
        if part.view in views and part.status == "ok" and part.keys and part.rows
    ]


def seconds_of(parts: Iterable[ViewRun], rows: int | None, keys: int | None) -> float | None:
    """The time for that many keys, or where they are not known for that many rows; else None.

    That of the run that was most like it, in proportion: of a small run much is the start, so it
    says little of a large one, and nothing of one that is more than twenty times as large.

    >>> from featurectl.registry.protocol import ViewRun
    >>> run = ViewRun("v", "g", 1, "f", None, 0, None, 0, 2_000_000, "ok", rows=100, keys=10)
    >>> seconds_of([run], 500, 50), seconds_of([run], 500, None), seconds_of([run], 9_000, 900)
    (10.0, 10.0, None)
    """
    size = rows if keys is None else keys
    if size is None:
        return None
    known = [
        ((part.rows if keys is None else part.keys), (part.finished_us - part.started_us) / 1e6)
        for part in parts
    ]
    if not known:
        return None
    if size == 0:
        return 0.0
    near, seconds = min(known, key=lambda found: abs(math.log(found[0] / size)))
    return None if size > _FURTHEST * near else seconds * size / near
