"""A small feature repository in two versions, and everything that is to be seen of it.

Version 2 has a change of every kind: a view whose rows come from other data, added features, a
renamed view, a destroyed one and a new one. Values tell which version they belong to: those of
entity 3 are 1003 or 2003.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import redis

from featurectl.client.feature_store import FeatureStore
from featurectl.client.online_client import OnlineClient
from featurectl.errors import FeaturectlError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROJECT = "crash"
CLASSES = ("breaking", "narrowing", "destroy")
KEYS = [{"id": number} for number in range(1, 5)]
READ = ("table:w", "table:z", "kept:a", "moved:a", "loose:b", "grown:a", "grown:b")
READINGS: dict[str, dict[str, Any]] = {
    "svc": {"service": "svc"},
    "late": {"service": "late"},
    **{ref: {"features": [ref]} for ref in READ},
}
DAY_US = 1_704_067_200_000_000

CONFIG = """project: {project}
registry: registry.db
online: {url}
grace: {grace}
"""
COMMON = """
entities:
  - {name: driver, join_keys: {id: int64}}
sources:
  - {name: one, path: one.parquet, event_timestamp: at}
  - {name: two, path: two.parquet, event_timestamp: at}
  - {name: flat, path: flat.parquet, event_timestamp: none}
"""
VERSIONS = {
    1: COMMON
    + """
feature_views:
  - {name: stats, entities: [driver], source: one, ttl: none, features: {a: int64, b: int64}}
  - {name: table, entities: [driver], source: flat, ttl: none, features: {w: int64}}
  - {name: kept, entities: [driver], source: one, ttl: none, features: {a: int64}}
  - {name: loose, entities: [driver], source: one, ttl: none, features: {b: int64}}
  - {name: grown, entities: [driver], source: one, ttl: none, features: {a: int64}}
feature_services:
  - {name: svc, features: [stats:a, stats:b]}
""",
    2: COMMON
    + """
feature_views:
  - {name: stats, entities: [driver], source: two, ttl: none, features: {a: int64, b: int64}}
  - {name: table, entities: [driver], source: flat, ttl: none, features: {w: int64, z: int64}}
  - {name: moved, renamed_from: kept, entities: [driver], source: one, ttl: none,
     features: {a: int64}}
  - {name: extra, entities: [driver], source: two, ttl: none, features: {a: int64}}
  - {name: grown, entities: [driver], source: one, ttl: none, features: {a: int64, b: int64}}
feature_services:
  - {name: svc, features: [stats:a, stats:b]}
  - {name: late, features: [extra:a]}
""",
}


def write_version(folder: Path, version: int) -> None:
    """The definitions of that version."""
    (folder / "features").mkdir(exist_ok=True)
    (folder / "features" / "all.yaml").write_text(VERSIONS[version])


def write_config(folder: Path, url: str, *, project: str = PROJECT, grace: str = "1h") -> None:
    """The configuration."""
    (folder / "featurectl.yaml").write_text(CONFIG.format(project=project, url=url, grace=grace))


def write_flat(folder: Path, version: int) -> None:
    """The static table of that version, in place of what is there."""
    _write(folder / "flat.parquet", version, {"w": 0, "z": 500})


def build(folder: Path, url: str, project: str = PROJECT) -> None:
    """Version 1, applied and loaded."""
    folder.mkdir(parents=True, exist_ok=True)
    write_config(folder, url, project=project)
    for version, name in ((1, "one"), (2, "two")):
        _write(folder / f"{name}.parquet", version, {"a": 0, "b": 0})
    write_flat(folder, 1)
    write_version(folder, 1)
    with FeatureStore(folder) as store:
        store.apply()
        assert not store.materialize().failed


def answers(folder: Path) -> dict[str, Any]:
    """What a reader gets who asks now: rows with their status, or the code of an error."""
    with FeatureStore(folder) as store:
        url, project = store.config.online, store.config.project
    path = url if "://" in url else f"sqlite:///{folder / url}"
    with OnlineClient(path, project, "dev") as client:
        return {name: _answer(client, asked) for name, asked in READINGS.items()}


def mistaken(found: Mapping[str, Any]) -> list[str]:
    """Readings that are right in neither version, nor on the way from one to the other."""
    first, second = _rows(1, "a", "b"), _rows(2, "a", "b")
    allowed: dict[str, list[Any]] = {
        "svc": [first, second],
        "late": ["FC309", _nothing("a"), _rows(2, "a")],
        "table:w": [_rows(1, "w"), _rows(2, "w")],
        "table:z": ["FC302", _nothing("z", "NULL"), _rows(1, "z", plus=500),
                    _rows(2, "z", plus=500)],
        "kept:a": ["FC301", _rows(1, "a")],
        "moved:a": ["FC301", _rows(1, "a")],
        "loose:b": ["FC301", _rows(1, "b")],
        "grown:a": [_rows(1, "a")],
        "grown:b": ["FC302", _nothing("b", "NULL"), _rows(1, "b")],
    }  # fmt: skip
    wrong = [name for name, answer in found.items() if answer not in allowed[name]]
    names = [found["kept:a"], found["moved:a"]]
    return wrong if names.count("FC301") == 1 else [*wrong, "kept:a", "moved:a"]


def standing(folder: Path) -> dict[str, Any]:
    """What is applied, bound, published and stored, with generations told by their views."""
    with FeatureStore(folder) as store:
        snapshot = store.snapshot()
        manifest = store.environment.online.read(snapshot.project, "dev")
        bound = {
            each.id: f"{binding.view}/{word}"
            for binding in snapshot.bindings.values()
            for word, each in (("fill", binding.fill), ("read", binding.read))
            if each
        }
        registry = store.environment.registry
        progress = registry.progress("dev", list(bound))
        documents = [found.document for _, found in sorted(snapshot.objects.items())]
        return {
            "documents": [dict(document) for document in documents],
            "bound": sorted(bound.values()),
            "needs_fill": sorted(v for v, found in snapshot.bindings.items() if found.needs_fill),
            "loaded": sorted(bound[id_] for id_ in progress),
            "served": manifest and {
                name: [bound[view.generation.id], dict(view.features)]
                for name, view in sorted(manifest.views.items())
            },
            "is_published": manifest and manifest.revision == snapshot.revision,
            "locks": [lock.lease.name for lock in store.locks() if not lock.died],
            "stored": _stored(store, bound),
        }  # fmt: skip


def _rows(version: int, *features: str, plus: int = 0) -> Any:
    """What is served of a version."""
    values = [1_000 * version + plus + key["id"] for key in KEYS]
    rows = [dict.fromkeys(features, value) for value in values]
    return [rows, [dict.fromkeys(features, "PRESENT") for _ in KEYS]]


def _nothing(feature: str, status: str = "NOT_FOUND") -> Any:
    return [[{feature: None} for _ in KEYS], [{feature: status} for _ in KEYS]]


def _answer(client: OnlineClient, asked: Mapping[str, Any]) -> Any:
    try:
        found = client.get_online_features(keys=KEYS, **asked)
    except FeaturectlError as error:
        return error.code
    return [found.to_dicts(), [dict(row) for row in found.status]]


def _stored(store: FeatureStore, bound: Mapping[str, str]) -> dict[str, int]:
    """How many keys there are of each generation; ``left`` of those that no binding names."""
    config = store.config
    found = [key.decode() for key in _keys(config.online, config.root, config.project)]
    counts: dict[str, int] = {}
    for key in found:
        if key.startswith(f"{config.project}@") and "@@" not in key:
            continue  # the manifest
        id_ = key.split("@@")[1] if "@@" in key else key.split(":")[1]
        kind = "stamp" if "@@" in key else "rows"
        word = f"{bound.get(id_, 'left')} {kind}"
        counts[word] = counts.get(word, 0) + 1
    return dict(sorted(counts.items()))


def _keys(url: str, root: Path, project: str) -> list[bytes]:
    if url.startswith("redis"):
        with redis.Redis.from_url(url) as client:
            return list(client.scan_iter(f"{project}[:@]*"))
    db = sqlite3.connect(root / url)
    try:
        return [bytes(key) for (key,) in db.execute("select key from rows")]
    finally:
        db.close()


def _write(path: Path, version: int, features: Mapping[str, int]) -> None:
    numbers = [key["id"] for key in KEYS]
    columns: dict[str, Any] = {"id": pa.array(numbers, pa.int64())}
    columns["at"] = pa.array([DAY_US] * len(numbers), pa.timestamp("us", "UTC"))
    for name, plus in features.items():
        values = [1_000 * version + plus + number for number in numbers]
        columns[name] = pa.array(values, pa.int64())
    partial = path.with_suffix(".partial")
    pq.write_table(pa.table(columns), partial)
    partial.replace(path)
