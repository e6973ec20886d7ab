"""One of several processes that write a view at the same time.

``python concurrent_writer.py FOLDER URL KIND SEED``: ``forward`` materializes on and on,
``backfill`` materializes ranges of the past, ``stray`` writes rows of any range without a lease, as
a process would that was held up while another took its lease over.
"""

from __future__ import annotations

import random
import sys
from contextlib import closing
from pathlib import Path

from loading import Loading

from featurectl.flows.store_writer import StoreWriter
from featurectl.flows.view_target import find_target
from featurectl.offline.protocol import Query
from featurectl.queries.expression import to_sql
from featurectl.queries.latest import Reading, latest
from featurectl.queries.relation import EventRange

END = 1_000
STEPS = 8


def main() -> None:
    folder, url, kind, seed = sys.argv[1:]
    chance = random.Random(seed)
    act = {"forward": forward, "backfill": backfill, "stray": stray}[kind]
    with closing(Loading(Path(folder), url)) as loading:
        for step in range(STEPS):
            act(loading, chance, step)


def forward(loading: Loading, _chance: random.Random, step: int) -> None:
    summary = loading.run(end=END * (step + 1) // STEPS, lock_timeout_s=60)
    assert not summary.failed, summary.failed


def backfill(loading: Loading, chance: random.Random, _step: int) -> None:
    start, end = some_range(chance)
    summary = loading.run(start=start, end=end, lock_timeout_s=60)
    assert not summary.failed, summary.failed


def stray(loading: Loading, chance: random.Random, _step: int) -> None:
    target = find_target(
        "stats", loading.snapshot, loading.registry, loading.online, loading.engine
    )
    query = latest(target.sourced, target.features, Reading(EventRange(*some_range(chance))))
    writer = StoreWriter(
        loading.online,
        loading.project,
        target.generation,
        is_static=False,
        expires_at_ms=None,
        before_put=lambda: None,
        after_put=lambda _: None,
    )
    with writer:
        loading.engine.deliver(Query(to_sql(query)), writer)
        writer.finish()


def some_range(chance: random.Random) -> tuple[int, int]:
    first, last = sorted(chance.sample(range(END), 2))
    return first, last


if __name__ == "__main__":
    main()
