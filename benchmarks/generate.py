"""Synthetic histories and labels, the same for every run: users with features over days.

About 1 % of the rows repeat the entity and event time of another and differ in created time, and
2 % of the values are null, so that ties and nulls take part in what is measured. Of ten features
six are doubles, three are integers and one is a text.

``python benchmarks/generate.py FOLDER SIZE [TTL]`` writes a feature repository with its data.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Sequence

START_US = 1_735_689_600_000_000  # 2025-01-01
DAY_US = 86_400_000_000
DAYS = 30
NULLS = UNKNOWN = 0.02
END = "2025-01-31T00:00:00Z"
EVER = "3650d"
_F, _I, _S = "float64", "int64", "string"
FEATURES = (_F, _F, _I, _F, _F, _I, _F, _S, _F, _I)
WORDS = 64


@dataclass(frozen=True)
class Size:
    """What is generated: rows and entities of each view, the number of views, and of labels.

    ``keys`` names the join keys with their types. With ``is_daily`` each view is a file per day, in
    folders named ``day=…``; ``label_days`` are the first and last day of the labels.
    """

    rows: int
    entities: int
    views: int
    labels: int
    days: int = DAYS
    keys: tuple[tuple[str, str], ...] = (("user_id", "int64"),)
    is_daily: bool = False
    label_days: tuple[int, int] | None = None


_COMPOSITE = (("region", "string"), ("user_id", "int64"))
SIZES = {
    "S": Size(100_000, 10_000, 1, 10_000),
    "M": Size(2_000_000, 200_000, 3, 100_000),
    "L": Size(20_000_000, 1_000_000, 1, 1_000_000),
    "DEEP": Size(1_000_000, 1_000, 1, 20_000),
    "DENSE": Size(2_000_000, 1_000, 1, 100_000),
    "STRING": Size(2_000_000, 200_000, 1, 100_000, keys=(("user_id", "string"),)),
    "COMPOSITE": Size(2_000_000, 200_000, 1, 100_000, keys=_COMPOSITE),
    "DAILY": Size(2_000_000, 20_000, 1, 20_000, days=365, is_daily=True, label_days=(350, 357)),
    "VIEWS": Size(200_000, 20_000, 20, 100_000),
}


def write(folder: Path, size: Size, *, ttl: str = EVER) -> Path:
    """Write a feature repository with its data and ``labels.parquet`` to ``folder``."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "features").mkdir(exist_ok=True)
    for view in range(size.views):
        _write_history(folder / "data", size, view)
    pq.write_table(_labels(size), folder / "labels.parquet")
    (folder / "features" / "bench.yaml").write_text(_definitions(size, ttl))
    (folder / "featurectl.yaml").write_text("project: bench\n")
    return folder


def columns(view: int) -> list[str]:
    """The feature columns of a view."""
    return [f"fv{view}_f{index}" for index in range(len(FEATURES))]


def source_path(view: int, size: Size) -> str:
    """Where a view's rows are, below the repository."""
    return f"data/fv{view}" if size.is_daily else f"data/fv{view}.parquet"


def _write_history(data: Path, size: Size, view: int) -> None:
    random = np.random.default_rng([7, view])
    users = random.integers(0, size.entities, size.rows)
    event = np.sort(random.integers(0, size.days * DAY_US, size.rows)) + START_US
    tied = random.choice(np.arange(1, size.rows), size.rows // 100, replace=False)
    users[tied], event[tied] = users[tied - 1], event[tied - 1]
    created = event + random.integers(1_000_000, 3_600_000_000, size.rows)
    features = zip(columns(view), FEATURES, strict=True)
    rows = pa.table(
        {
            **_keys(size, users),
            "event_timestamp": _times(event),
            "created_timestamp": _times(created),
            **{name: _feature(random, size.rows, kind) for name, kind in features},
        }
    )
    if not size.is_daily:
        pq.write_table(rows, data / f"fv{view}.parquet", row_group_size=262_144)
        return
    bounds = np.searchsorted(event, START_US + np.arange(size.days + 1) * DAY_US)
    days = np.datetime64("2025-01-01") + np.arange(size.days)
    for day, first, last in zip(days, bounds, bounds[1:], strict=False):
        folder = data / f"fv{view}" / f"day={day}"
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(rows.slice(first, last - first), folder / "rows.parquet")


def _keys(size: Size, users: np.ndarray) -> dict[str, pa.Array]:
    found = {}
    for name, kind in size.keys:
        if name == "region":
            found[name] = pc.take(_words("region"), pa.array(users % WORDS))
        elif kind == "string":
            text = pa.array(users + 10_000_000).cast(pa.string())
            found[name] = pc.binary_join_element_wise("user", text, "-")
        else:
            found[name] = pa.array(users)
    return found


def _feature(random: np.random.Generator, rows: int, kind: str) -> pa.Array:
    nulls = random.random(rows) < NULLS
    if kind == "float64":
        return pa.array(random.normal(100.0, 25.0, rows).round(4), mask=nulls)
    if kind == "int64":
        return pa.array(random.integers(0, 10_000, rows), mask=nulls)
    return pc.take(_words("category"), pa.array(random.integers(0, WORDS, rows), mask=nulls))


def _words(name: str) -> pa.Array:

    return pa.array([f"{name}_{number:02d}" for number in range(WORDS)])


def _labels(size: Size) -> pa.Table:

    random = np.random.default_rng(999)
    users = random.integers(0, size.entities, size.labels)
    users[random.random(size.labels) < UNKNOWN] += size.entities  # without any history
    first, last = size.label_days or (1, size.days)
    event = random.integers(first * DAY_US, last * DAY_US, size.labels) + START_US
    return pa.table(
        {
            **_keys(size, users),
            "event_timestamp": _times(event),
            "label": random.random(size.labels).round(4),
        }
    )


def _times(us: np.ndarray) -> pa.Array:

    return pa.array(us, pa.timestamp("us", "UTC"))


def _definitions(size: Size, ttl: str) -> str:
    keys = ", ".join(f"{name}: {kind}" for name, kind in size.keys)
    lines = ["entities:", f"  - {{name: user, join_keys: {{{keys}}}}}", "sources:"]
    lines += [
        f"  - {{name: fv{view}_file, path: {source_path(view, size)}, "
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
    lines.append("feature_services:")
    lines += [_service(f"first_{count}", range(count)) for count in (5, 10) if count < size.views]
    return "\n".join([*lines, _service("all", range(size.views)), ""])


def _service(name: str, views: Sequence[int]) -> str:
    return f"  - {{name: {name}, features: [{', '.join(f'fv{view}' for view in views)}]}}"


if __name__ == "__main__":
    chosen, *ttl = sys.argv[2:]
    write(Path(sys.argv[1]), SIZES[chosen], **({"ttl": ttl[0]} if ttl else {}))
    print(json.dumps({"folder": sys.argv[1]}))
