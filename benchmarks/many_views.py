"""A large feature repository: 1,000 views of 10 features in 50 YAML files over 50 Parquet files.

``python benchmarks/many_views.py FOLDER`` writes it; the data are few rows of a day ago.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

FILES = 50
VIEWS = 20  # of each file
ROWS = 1_000
TYPES = ("float64", "int64", "float64", "string", "bool", "float64", "int64", "float32", "int32")
ARROW = {"float64": pa.float64(), "float32": pa.float32(), "bool": pa.bool_()}


def write(folder: Path) -> Path:
    """Write the repository to ``folder``."""
    for name in ("data", "features"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for part in range(FILES):
        views = range(part * VIEWS, (part + 1) * VIEWS)
        pq.write_table(_rows(views), folder / "data" / f"part_{part:02}.parquet")
        (folder / "features" / f"part_{part:02}.yaml").write_text(_definitions(part, views))
    (folder / "featurectl.yaml").write_text("project: large\n")
    return folder


def edit(folder: Path) -> None:
    """Give one view a longer TTL."""
    file = folder / "features" / "part_25.yaml"
    file.write_text(file.read_text().replace("ttl: 24h", "ttl: 48h", 1))


def _features(view: int) -> dict[str, str]:
    return {f"v{view}_f{i}": TYPES[i % len(TYPES)] for i in range(10)}


def _rows(views: range) -> pa.Table:
    now_us = time.time_ns() // 1_000
    columns = {
        "user_id": pa.array(range(ROWS), pa.int64()),
        "at": pa.array([now_us - i * 60_000_000 for i in range(ROWS)], pa.timestamp("us", "UTC")),
    }
    for view in views:
        for name, kind in _features(view).items():
            target = ARROW.get(kind) or getattr(pa, kind)()
            columns[name] = pa.array([0] * ROWS, pa.int64()).cast(target)
    return pa.table(columns)


def _definitions(part: int, views: range) -> str:
    lines = [] if part else ["entities:", "  - name: user", "    join_keys: {user_id: int64}"]
    lines += [
        "sources:",
        f"  - name: part_{part}",
        f"    path: data/part_{part:02}.parquet",
        "    event_timestamp: at",
        "feature_views:",
    ]
    for view in views:
        lines += [
            f"  - name: view_{view}",
            f"    description: what users did, part {view}",
            "    entities: [user]",
            f"    source: part_{part}",
            "    ttl: 24h",
            "    features:",
            *(f"      {name}: {kind}" for name, kind in _features(view).items()),
        ]
    lines += ["feature_services:", f"  - name: model_{part}", "    features:"]
    return "\n".join([*lines, *(f"      - view_{view}" for view in views[:5])]) + "\n"


if __name__ == "__main__":
    write(Path(sys.argv[1]))
