"""A training set, beside a bare DuckDB scan of the same columns."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from measure import Figure, alternate, child, run

if TYPE_CHECKING:
    from context import Context


def figures(context: Context) -> list[Figure]:
    """The call and the whole process: seconds as ratios to the scan, and peak memory."""
    folder = context.repository()
    binary = str(Path(sys.executable).with_name("featurectl"))
    run([binary, "--repo", str(folder), "apply", "--yes"])
    ours = child(__file__, str(folder))
    with tempfile.TemporaryDirectory() as scratch:
        out = str(Path(scratch) / "train.parquet")
        command = [binary, "--repo", str(folder), "get-historical", "--service", "all"]
        process = run([*command, "--entities", str(folder / "labels.parquet"), "--out", out])
    scan = f"scan {ours['scan']:.2f} s"
    found = [
        Figure(
            f"get-historical {context.size}: call",
            f"{ours['call']:.2f} s",
            scan,
            ours["call"] / ours["scan"],
            f"{ours['rows']:,} rows, {ours['peak_mb']:.0f} MB",
        ),
        Figure(
            f"get-historical {context.size}: command",
            f"{process.seconds:.2f} s",
            scan,
            process.seconds / ours["scan"],
            f"to Parquet, {process.peak_mb:.0f} MB",
        ),
    ]
    feast = context.feast("historical", str(folder))
    if feast:
        found += [
            Figure("  Feast: call", f"{ours['call']:.2f} s", f"{feast['call']:.2f} s",
                   ours["call"] / feast["call"], f"Feast {feast['peak_mb']:.0f} MB"),
            Figure("  Feast: process", f"{process.seconds:.2f} s",
                   f"{feast['process_seconds']:.2f} s",
                   process.seconds / feast["process_seconds"]),
        ]  # fmt: skip
    return found


def _child(folder: Path) -> None:
    import duckdb  # noqa: PLC0415 - only in the process that measures
    from generate import columns  # noqa: PLC0415 - same

    from featurectl import FeatureStore  # noqa: PLC0415 - same

    store = FeatureStore(folder)
    files = sorted((folder / "data").glob("*.parquet"))

    def scan() -> None:
        cursor = duckdb.connect().cursor()
        for view, file in enumerate(files):
            sums = ", ".join(f"sum({name})" for name in columns(view))
            times = "max(epoch_us(event_timestamp)), max(epoch_us(created_timestamp))"
            cursor.sql(f"select {sums}, max(user_id), {times} from '{file}'").fetchall()

    def call() -> None:
        training_set = store.get_historical_features(folder / "labels.parquet", service="all")
        rows.append(training_set.to_arrow().num_rows)

    rows: list[int] = []
    scan_s, call_s = alternate([scan, call], rounds=3)
    print(json.dumps({"scan": scan_s, "call": call_s, "rows": rows[-1]}))


if __name__ == "__main__":
    _child(Path(sys.argv[1]))
