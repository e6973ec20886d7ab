"""Twenty views of ten features: what a view adds, and what it takes to write and plan the query."""

from __future__ import annotations

import json
import statistics
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from historical import TTL
from measure import Figure, Spent, child, compared, run, spent, spent_in_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType
    from typing import Any

    import pyarrow as pa
    from context import Context

    from featurectl.offline.protocol import Query

SERVICES = {5: "first_5", 10: "first_10", 20: "all"}
LINEAR = 1.2  # a view among twenty may cost that much of one among five
COMPILED_S = 0.1


def figures(context: Context) -> list[Figure]:
    """The seconds per view among more and more of them; those from the request to the plan."""
    folder = context.repository("VIEWS", ttl=TTL)
    binary = str(Path(sys.executable).with_name("featurectl"))
    run([binary, "--repo", str(folder), "apply", "--yes"])
    ours = child(__file__, str(folder))
    per_view = {n: _each(Spent(*ours[str(n)]), n) for n in SERVICES}
    found = [
        compared(f"a view among {n} to one among 5", per_view[n], per_view[5], goal=LINEAR)
        for n in (10, 20)
    ]
    note = f"{ours['20'][0]:.2f} s with 20 views, {ours['peak_mb']:.0f} MB"
    found.append(Figure("20 views", f"{ours['20'][0]:.2f} s", "", None, note))
    written, planned = ours["written"], ours["planned"]
    parts = f"writing the SQL {written * 1e3:.0f} ms, DuckDB's planning {planned * 1e3:.0f} ms"
    times = f"{(written + planned) * 1e3:.0f} ms", f"{COMPILED_S * 1e3:.0f} ms"
    ratio = (written + planned) / COMPILED_S
    found.append(Figure("  their queries, CPU", *times, ratio, parts, goal=1.0))
    return found


def _each(spent: Spent, views: int) -> Spent:
    return Spent(spent.wall / views, spent.cpu / views)


def _child(folder: Path) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415 - only in the process that measures

    from featurectl import FeatureStore  # noqa: PLC0415 - same
    from featurectl.flows import view_join  # noqa: PLC0415 - same

    store = FeatureStore(folder)
    labels = folder / "labels.parquet"
    one_row = pq.read_table(labels).slice(0, 1)

    def compile_() -> tuple[float, float]:
        """CPU seconds of writing and of planning all queries of a join with one row."""
        written = [0.0]
        ran: list[Query] = []
        with timed(view_join, written):
            asked = store.get_historical_features(one_row, service="all")
            engine = asked._engine  # noqa: SLF001 - to see what it is asked
            fetch = engine.fetch
            engine.fetch = lambda query: ran.append(query) or fetch(query)
            asked.to_arrow()
            engine.fetch = fetch
        return written[0], sum(_planning(fetch, query) for query in ran)

    calls = [
        lambda s=service: store.get_historical_features(labels, service=s).to_arrow()
        for service in SERVICES.values()
    ]
    joined = spent_in_turn(calls, rounds=5)
    written, planned = (
        statistics.median(series) for series in zip(*(compile_() for _ in range(5)), strict=True)
    )
    times = {n: (one.wall, one.cpu) for n, one in zip(SERVICES, joined, strict=True)}
    print(json.dumps({**times, "written": written, "planned": planned}))


def _planning(fetch: Callable[[Query], pa.RecordBatchReader], query: Query) -> float:
    explained = replace(query, sql=f"EXPLAIN (FORMAT JSON) {query.sql}")
    return spent(lambda: fetch(explained).read_all()).cpu


@contextmanager
def timed(module: ModuleType, seconds: list[float]) -> Iterator[None]:
    """While it is open, the seconds in what writes the module's queries are added to the first."""
    writers = {name: made for name, made in vars(module).items() if _writes(name)}
    for name, made in writers.items():
        setattr(module, name, _timed(made, seconds))
    try:
        yield
    finally:
        for name, made in writers.items():
            setattr(module, name, made)


def _writes(name: str) -> bool:
    return name.endswith("_query") or name in {"to_sql", "relation"}


def _timed(call: Callable[..., Any], seconds: list[float]) -> Callable[..., Any]:
    def measured(*args: Any, **options: Any) -> Any:
        start = time.thread_time()
        found = call(*args, **options)
        seconds[0] += time.thread_time() - start
        return found

    return measured


if __name__ == "__main__":
    _child(Path(sys.argv[1]))
