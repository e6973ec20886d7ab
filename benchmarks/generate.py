"""Synthetic histories and labels, the same for every run: users with features over a month.

About 1 % of the rows repeat the entity and event time of another and differ in created time, and
2 % of the values are null, so that ties and nulls take part in what is measured.

``python benchmarks/generate.py FOLDER SIZE`` writes a feature repository with its data.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

START_US = 1_735_689_600_000_000  # 2025-01-01
DAY_US = 86_400_000_000
DAYS = 30
NULLS = UNKNOWN = 0.02
END = "2025-01-31T00:00:00Z"
FEATURES = ("float64", "int64", "float64", "float64", "int64") * 2


@dataclass(frozen=True)
class Size:
    """Rows and entities of each view, the number of views, and the number of labels."""

    rows: int
    entities: int
    views: int
    labels: int


SIZES = {
    "S": Size(100_000, 10_000, 1, 10_000),
    "M": Size(2_000_000, 200_000, 3, 100_000),
    "L": Size(20_000_000, 1_000_000, 1, 1_000_000),
    "DEEP": Size(1_000_000, 1_000, 1, 20_000),
}


def write(folder: Path, size: Size, *, ttl: str = "3650d") -> Path:
    """Write a feature repository with its data and ``labels.parquet`` to ``folder``."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "features").mkdir(exist_ok=True)
    for view in range(size.views):
        pq.write_table(_history(size, view), folder / "data" / f"fv{view}.parquet")
    pq.write_table(_labels(size), folder / "labels.parquet")
    (folder / "features" / "bench.yaml").write_text(_definitions(size, ttl))
    (folder / "featurectl.yaml").write_text("project: bench\n")
    return folder


def columns(view: int) -> list[str]:
    """The feature columns of a view."""
    return [f"fv{view}_f{index}" for index in range(len(FEATURES))]


def _history(size: Size, view: int) -> pa.Table:
    random = np.random.default_rng([7, view])
    users = random.integers(0, size.entities, size.rows)
    event = np.sort(random.integers(0, DAYS * DAY_US, size.rows)) + START_US
    tied = random.choice(np.arange(1, size.rows), size.rows // 100, replace=False)
    users[tied], event[tied] = users[tied - 1], event[tied - 1]
    created = event + random.integers(1_000_000, 3_600_000_000, size.rows)
    return pa.table(
        {
            "user_id": users,
            "event_timestamp": _times(event),
            "created_timestamp": _times(created),
            **{
                name: _feature(random, size.rows, kind)
                for name, kind in zip(columns(view), FEATURES, strict=True)
            },
        }
    )


def _feature(random: np.random.Generator, rows: int, kind: str) -> pa.Array:
    values = random.random(rows) if kind == "float64" else random.integers(0, 1_000_000, rows)
    return pa.array(values, mask=random.random(rows) < NULLS)


def _labels(size: Size) -> pa.Table:
    random = np.random.default_rng(999)
    users = random.integers(0, size.entities, size.labels)
    users[random.random(size.labels) < UNKNOWN] += size.entities  # without any history
    event = random.integers(DAY_US, DAYS * DAY_US, size.labels) + START_US
    return pa.table(
        {
            "user_id": users,
            "event_timestamp": _times(event),
            "label": random.random(size.labels).round(4),
        }
    )


def _times(us: np.ndarray) -> pa.Array:
    return pa.array(us, pa.timestamp("us", "UTC"))


def _definitions(size: Size, ttl: str) -> str:
    lines = ["entities:", "  - {name: user, join_keys: {user_id: int64}}", "sources:"]
    lines += [
        f"  - {{name: fv{view}_file, path: data/fv{view}.parquet, "
        "event_timestamp: event_timestamp, created_timestamp: created_timestamp}"
        for view in range(size.views)
    ]
    lines.append("feature_views:")
    for view in range(size.views):
        lines += [
            f"  - name: fv{view}",
            "    entities: [user]",
            f"    source: fv{view}_file",
            f"    ttl: {ttl}",
            "    features:",
            *(f"      {n}: {k}" for n, k in zip(columns(view), FEATURES, strict=True)),
        ]
    names = ", ".join(f"fv{view}" for view in range(size.views))
    return "\n".join([*lines, "feature_services:", f"  - {{name: all, features: [{names}]}}", ""])


if __name__ == "__main__":
    write(Path(sys.argv[1]), SIZES[sys.argv[2]])
    print(json.dumps({"folder": sys.argv[1]}))
