"""Online reads in process, beside a PING of the same Redis."""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from generate import END, SIZES, columns
from measure import Figure, child

if TYPE_CHECKING:
    from context import Context

ENTITIES = (1, 10, 100)
CALLS = 2000


def figures(context: Context) -> list[Figure]:
    """The median of reading ten features of 1, 10 and 100 entities."""
    folder, url = context.repository("S"), context.redis_url()
    ours = child(__file__, str(folder), url)
    feast = context.feast("online", str(folder), context.redis_url()) or {}
    found = []
    for count in ENTITIES:
        us, ping = ours[str(count)], ours["ping"]
        name = f"get-online: 10 features x {count}"
        found.append(Figure(name, f"{us:.0f} us", f"PING {ping:.0f} us", us / ping))
        if feast:
            theirs = feast[str(count)]
            found.append(Figure("  Feast", f"{us:.0f} us", f"{theirs:.0f} us", us / theirs))
    return found


def _child(folder: Path, url: str) -> None:
    import redis  # noqa: PLC0415 - only in the process that measures

    from featurectl import FeatureStore, OnlineClient  # noqa: PLC0415 - same

    store = FeatureStore(folder, online=url, registry=str(folder / ".featurectl" / "reads.db"))
    store.apply()
    store.materialize(end=END)
    client = OnlineClient(url, project="bench", env="dev")
    features = [f"fv0:{name}" for name in columns(0)]
    chosen = random.Random(1)
    result = {"ping": _median_us(redis.Redis.from_url(url).ping)}
    for count in ENTITIES:

        def call(count: int = count) -> object:
            users = [chosen.randrange(SIZES["S"].entities) for _ in range(count)]
            keys = [{"user_id": user} for user in users]
            return client.get_online_features(features=features, keys=keys).to_dicts()

        result[str(count)] = _median_us(call)
    print(json.dumps(result))


def _median_us(call: object) -> float:
    for _ in range(50):
        call()
    times = []
    for _ in range(CALLS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e6


if __name__ == "__main__":
    _child(Path(sys.argv[1]), sys.argv[2])
