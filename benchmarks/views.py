"""Twenty views of ten features: what a view adds, and what it takes to write and plan the query."""

from __future__ import annotations

import json
import statistics
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from historical import TTL
from measure import Figure, Spent, child, compared, run, spent_in_turn

if TYPE_CHECKING:
    from context import Context

SERVICES = {5: "first_5", 10: "first_10", 20: "all"}
LINEAR = 1.2  # a view among twenty may cost that much of one among five
COMPILED_S = 0.1
PLANNING = ("planner", "optimizer", "physical_planner")


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
    compiled = {
        "request to SQL": ours["written"],
        "SQL to DuckDB's plan": ours["planned"],
    }
    for name, seconds in compiled.items():
        times = f"{seconds * 1e3:.0f} ms", f"{COMPILED_S * 1e3:.0f} ms"
        found.append(Figure(f"  {name}, 20 views", *times, seconds / COMPILED_S, goal=1.0))
    return found


def _each(spent: Spent, views: int) -> Spent:
    return Spent(spent.wall / views, spent.cpu / views)


def _child(folder: Path) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415 - only in the process that measures

    from featurectl import FeatureStore  # noqa: PLC0415 - same

    store = FeatureStore(folder)
    labels = folder / "labels.parquet"
    one_row = pq.read_table(labels).slice(0, 1)

    def write() -> None:
        requests.append(store.get_historical_features(one_row, service="all"))

    def planning() -> float:
        asked, seconds = requests[-1], 0.0
        for join in asked._joins:  # noqa: SLF001 - what it would run
            profiled = replace(join.query, sql=f"EXPLAIN (ANALYZE, FORMAT JSON) {join.query.sql}")
            told = asked._engine.fetch(profiled).read_all()  # noqa: SLF001 - by what would run it
            profile = json.loads(told.column("explain_value")[0].as_py())
            seconds += sum(profile[part]["total_time"] for part in PLANNING)
        return seconds

    requests: list = []
    calls = [
        lambda s=service: store.get_historical_features(labels, service=s).to_arrow()
        for service in SERVICES.values()
    ]
    *joined, written = spent_in_turn([*calls, write], rounds=5)
    planned = statistics.median(planning() for _ in range(3))
    times = {n: (spent.wall, spent.cpu) for n, spent in zip(SERVICES, joined, strict=True)}
    print(json.dumps({**times, "written": written.wall, "planned": planned}))


if __name__ == "__main__":
    _child(Path(sys.argv[1]))
