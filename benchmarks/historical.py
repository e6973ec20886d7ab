"""A training set, beside a bare DuckDB scan of the same columns, and beside Feast."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generate import FEATURES, SIZES, columns, source_path
from measure import Spent, child, compared, median, run, spent, spent_in_turn

if TYPE_CHECKING:
    from context import Context
    from generate import Size
    from measure import Figure

TTL = "10d"
# What Feast loads when it is imported, which is not counted either, and this only when needed.
LOADED_LATER = ("pandas", "featurectl.flows.historical", "featurectl.registry.sqlite")
LARGE = 10_000_000  # rows of a view that is not read many times


@dataclass(frozen=True)
class Goals:
    """The most that the call may take of a scan, of Feast's call, and the command of its process.

    ``feast_gb`` limits the memory that Feast's engine takes, where it would take all there is.
    """

    scan: float | None = None
    feast_call: float | None = None
    feast_process: float | None = None
    feast_gb: int | None = None


GOALS = {
    "M": Goals(scan=2.5, feast_call=1 / 3, feast_process=1 / 5),
    "L": Goals(scan=4.5, feast_call=1 / 2.5),
    "DEEP": Goals(feast_call=1 / 8),
    "DENSE": Goals(feast_call=1 / 8, feast_gb=6),
}


def figures(context: Context) -> list[Figure]:
    """The call and the whole process: wall and CPU seconds as ratios, and peak memory."""
    folder = context.repository(ttl=TTL)
    size, goals = SIZES[context.size], GOALS.get(context.size, Goals())
    binary = str(Path(sys.executable).with_name("featurectl"))
    run([binary, "--repo", str(folder), "apply", "--yes"])
    ours = child(__file__, str(folder), context.size)
    scan, first, warm = (Spent(*ours[name]) for name in ("scan", "first", "warm"))
    command, peak_mb = _command(binary, folder, rounds=1 if size.rows > LARGE else 3)
    name = f"get-historical {context.size}"
    rows = f"{ours['rows']:,} rows, {ours['peak_mb']:.0f} MB"
    found = [
        compared(f"{name}: call to scan", warm, scan, goal=goals.scan, note=rows),
        compared("  command to scan", command, scan, note=f"to Parquet, {peak_mb:.0f} MB"),
    ]
    feast = None if size.is_daily else _feast(context, folder, goals)
    if feast:
        process = Spent(feast["process_seconds"], feast["process_cpu"])
        goal = goals.feast_call
        theirs = f"Feast {feast['rows']:,} rows, {feast['peak_mb']:.0f} MB"
        found += [
            compared("  first call to Feast's", first, Spent(*feast["first"]), goal=goal),
            compared("  later calls", warm, Spent(*feast["warm"]), goal=goal, note=theirs),
            compared("  command to its process", command, process, goal=goals.feast_process),
        ]
    return found


def _command(binary: str, folder: Path, rounds: int) -> tuple[Spent, float]:
    """The command as a whole, and the most memory that it took."""
    with tempfile.TemporaryDirectory() as scratch:
        out = str(Path(scratch) / "train.parquet")
        words = [binary, "--repo", str(folder), "get-historical", "--service", "all"]
        command = [*words, "--entities", str(folder / "labels.parquet"), "--out", out]
        done = [run(command) for _ in range(rounds)]
    spent = median([Spent(process.seconds, process.cpu) for process in done])
    return spent, max(process.peak_mb for process in done)


def _feast(context: Context, folder: Path, goals: Goals) -> dict[str, Any] | None:
    limits = [str(goals.feast_gb)] if goals.feast_gb else []
    return context.feast("historical", str(folder), context.size, TTL, *limits)


def scan_queries(folder: Path, size: Size) -> list[str]:
    """The floor: every column that the join needs is read once, of the days that labels reach."""
    keys = ", ".join(f'max("{name}")' for name, _ in size.keys)
    times = "max(epoch_us(event_timestamp)), max(epoch_us(created_timestamp))"
    where = _reachable(size)
    found = []
    for view in range(size.views):
        path = folder / source_path(view, size)
        files = path / "*" / "*.parquet" if size.is_daily else path
        kinds = zip(columns(view), FEATURES, strict=True)
        read = [f"{'max' if kind == 'string' else 'sum'}({name})" for name, kind in kinds]
        wanted = ", ".join([*read, keys, times])
        found.append(f"select {wanted} from read_parquet('{files}'){where}")
    return found


def _reachable(size: Size) -> str:
    if size.label_days is None:
        return ""
    first, last = size.label_days[0] - int(TTL.removesuffix("d")), size.label_days[1]
    start = "timestamptz '2025-01-01 00:00:00+00'"
    return (
        f" where event_timestamp >= {start} + interval {first} day"
        f" and event_timestamp < {start} + interval {last} day"
    )


def _child(folder: Path, size: Size) -> None:
    import duckdb  # noqa: PLC0415 - only in the process that measures

    from featurectl import FeatureStore  # noqa: PLC0415 - same

    for module in LOADED_LATER:
        import_module(module)
    store = FeatureStore(folder)
    labels = folder / "labels.parquet"
    queries = scan_queries(folder, size)

    def scan() -> None:
        with duckdb.connect() as connection:
            for query in queries:
                connection.sql(query).fetchall()
            connection.sql(f"from '{labels}'").to_arrow_table()

    def call() -> None:
        rows.append(store.get_historical_features(labels, service="all").to_arrow().num_rows)

    rows: list[int] = []
    first = spent(call)
    scanned, warm = spent_in_turn([scan, call], rounds=3 if size.rows > LARGE else 5)
    found = {"scan": scanned, "first": first, "warm": warm}
    print(json.dumps({**{k: (v.wall, v.cpu) for k, v in found.items()}, "rows": rows[-1]}))


if __name__ == "__main__":
    _child(Path(sys.argv[1]), SIZES[sys.argv[2]])
