"""The same work in Feast, run by the Python of an environment with ``feast[redis,duckdb]``.

``feast_side.py materialize|online FOLDER REDIS_URL`` and ``feast_side.py historical FOLDER SIZE TTL
[GIGABYTES]``, the most memory that its engine may take, print one line of JSON.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import ibis
import pandas as pd
from feast import Entity, FeatureService, FeatureStore, FeatureView, Field, FileSource, ValueType
from feast.repo_config import RepoConfig
from feast.types import Float64, Int64, String
from generate import DAYS, END, EVER, FEATURES, SIZES, Size, columns
from measure import median, spent

TYPES = {"float64": Float64, "int64": Int64, "string": String}
KEYS = {"int64": ValueType.INT64, "string": ValueType.STRING}


def store(folder: Path, url: str | None, size: Size = SIZES["S"], ttl: str = EVER) -> FeatureStore:
    """A Feast store over the same files, applied."""
    parts = urlparse(url or "redis://127.0.0.1:6379/0")
    online = f"{parts.hostname}:{parts.port},db={parts.path.lstrip('/') or 0}"
    registry = folder / "feast_registry.db"
    registry.unlink(missing_ok=True)
    found = FeatureStore(
        config=RepoConfig(
            project="bench",
            registry=str(registry),
            provider="local",
            offline_store={"type": "duckdb"},
            online_store={"type": "redis", "connection_string": online},
            entity_key_serialization_version=3,
        )
    )
    keys = [Entity(name=key, join_keys=[key], value_type=KEYS[kind]) for key, kind in size.keys]
    views = [_view(file, keys, ttl) for file in sorted((folder / "data").glob("*.parquet"))]
    found.apply([*keys, *views, FeatureService(name="all", features=views)])
    return found


def historical(folder: Path, size: str, ttl: str, gigabytes: str | None = None) -> dict[str, Any]:
    """Wall and CPU seconds of the call, the first and later ones, and the rows that it gave.

    One that takes so much memory that it is limited to some gigabytes is not called again.
    """
    feast = store(folder, None, SIZES[size], ttl)
    if gigabytes:
        ibis.set_backend(ibis.duckdb.connect(memory_limit=f"{gigabytes}GB"))
    labels = pd.read_parquet(folder / "labels.parquet")
    rows: list[int] = []

    def call() -> None:
        job = feast.get_historical_features(labels, feast.get_feature_service("all"))
        rows.append(len(job.to_df()))

    first = spent(call)
    warm = first if gigabytes else median([spent(call) for _ in range(3)])
    times = {"first": (first.wall, first.cpu), "warm": (warm.wall, warm.cpu)}
    return {**times, "rows": rows[-1]}


def materialize(folder: Path, url: str) -> dict[str, float]:
    """Seconds of a first run, and the rows that are then in Redis."""
    feast = store(folder, url)
    end = datetime.fromisoformat(END.rstrip("Z"))
    start = time.perf_counter()
    feast.materialize(end - timedelta(days=DAYS), end)
    seconds = time.perf_counter() - start
    views = len(list((folder / "data").glob("*.parquet")))
    users = pd.read_parquet(folder / "data" / "fv0.parquet", columns=["user_id"])
    return {"first": seconds, "keys": int(users["user_id"].nunique()) * views}


def online(folder: Path, url: str) -> dict[str, float]:
    """Median microseconds of a read, by the number of entities."""
    feast = store(folder, url)
    materialize_end = datetime.fromisoformat(END.rstrip("Z"))
    feast.materialize(materialize_end - timedelta(days=DAYS), materialize_end)
    features, chosen, found = [f"fv0:{name}" for name in columns(0)], random.Random(1), {}
    for count in (1, 10, 100):
        times = []
        for _ in range(500):
            rows = [{"user_id": chosen.randrange(SIZES["S"].entities)} for _ in range(count)]
            start = time.perf_counter()
            feast.get_online_features(features=features, entity_rows=rows).to_dict()
            times.append(time.perf_counter() - start)
        found[str(count)] = statistics.median(times) * 1e6
    return found


def _view(file: Path, keys: list[Entity], ttl: str) -> FeatureView:
    index = int(file.stem.removeprefix("fv"))
    source = FileSource(
        name=f"{file.stem}_file",
        path=str(file),
        timestamp_field="event_timestamp",
        created_timestamp_column="created_timestamp",
    )
    fields = zip(columns(index), FEATURES, strict=True)
    return FeatureView(
        name=file.stem,
        entities=keys,
        ttl=timedelta(days=int(ttl.removesuffix("d"))),
        schema=[Field(name=name, dtype=TYPES[kind]) for name, kind in fields],
        source=source,
    )


if __name__ == "__main__":
    work = {"historical": historical, "materialize": materialize, "online": online}[sys.argv[1]]
    print(json.dumps(work(Path(sys.argv[2]), *sys.argv[3:])))
