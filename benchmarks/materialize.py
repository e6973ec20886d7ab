"""Materialization into Redis: rows per second, beside plain SETs of rows of that size."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from generate import END
from measure import Figure, child

if TYPE_CHECKING:
    from context import Context


def figures(context: Context) -> list[Figure]:
    """The first run, the same range again, and a run that finds nothing new."""
    folder, url = context.repository(), context.redis_url()
    ours = child(__file__, str(folder), url)
    rate = ours["keys"] / ours["first"]
    found = [
        Figure(
            f"materialize {context.size}: first run",
            f"{rate:,.0f} keys/s",
            f"plain SET {ours['floor']:,.0f}/s",
            rate / ours["floor"],
            f"{ours['rows']:,} rows, {ours['keys']:,} keys, {ours['peak_mb']:.0f} MB, "
            f"{ours['bytes_per_key']:.0f} B/key",
        ),
        Figure("  the same range again", f"{ours['again']:.2f} s", f"first {ours['first']:.2f} s",
               ours["again"] / ours["first"]),
        Figure("  nothing new", f"{ours['nothing']:.2f} s", f"first {ours['first']:.2f} s",
               ours["nothing"] / ours["first"]),
    ]  # fmt: skip
    feast = context.feast("materialize", str(folder), context.redis_url())
    if feast:
        theirs = feast["keys"] / feast["first"]
        found.append(
            Figure("  Feast: first run", f"{rate:,.0f} keys/s", f"{theirs:,.0f} keys/s",
                   rate / theirs, f"Feast {feast['peak_mb']:.0f} MB")
        )  # fmt: skip
    return found


def _child(folder: Path, url: str) -> None:
    import redis  # noqa: PLC0415 - only in the process that measures

    from featurectl import FeatureStore  # noqa: PLC0415 - same

    client = redis.Redis.from_url(url)
    client.flushdb()
    store = FeatureStore(folder, online=url, registry=str(folder / ".featurectl" / "runs.db"))
    store.apply()
    before = client.info("memory")["used_memory"]

    def seconds(**options: str) -> float:
        start = time.perf_counter()
        summaries.append(store.materialize(end=END, **options))
        return time.perf_counter() - start

    summaries: list = []
    first = seconds()
    used = client.info("memory")["used_memory"] - before
    nothing = seconds()
    again = seconds(start="2025-01-01T00:00:00Z")
    keys = sum(view.keys for view in summaries[0].views)
    print(
        json.dumps(
            {
                "first": first,
                "again": again,
                "nothing": nothing,
                "keys": keys,
                "rows": sum(view.rows for view in summaries[0].views),
                "bytes_per_key": used / keys,
                "floor": _plain_sets_per_second(client),
            }
        )
    )


def _plain_sets_per_second(client: object, count: int = 100_000) -> float:
    value = b"x" * 102  # a packed row of ten doubles
    start = time.perf_counter()
    for offset in range(0, count, 1000):
        pipeline = client.pipeline(transaction=False)
        for number in range(offset, offset + 1000):
            pipeline.set(f"floor:{number}", value)
        pipeline.execute()
    return count / (time.perf_counter() - start)


if __name__ == "__main__":
    _child(Path(sys.argv[1]), sys.argv[2])
