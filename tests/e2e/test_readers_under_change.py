"""Readers are answered while everything about what they read is changed, and never get a mix.

Every value tells the version of the rows that it comes from, so that a vector of two versions, a
null that must not be, or an error is seen by the reader itself.
"""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from redis_server import start_valkey
from watching_reader import DRIVERS, THOUSAND, ZONES, watch

from featurectl.client.feature_store import FeatureStore

if TYPE_CHECKING:
    from pathlib import Path

READERS, THREADS = 2, 2
SOME_READS = 3
DAY_US = 1_704_067_200_000_000
CONTEXT = multiprocessing.get_context("spawn")
CLASSES = ("breaking", "narrowing", "destroy")
NUMBERS = range(1, DRIVERS + 1)
PAIRS = [(number, zone) for number in NUMBERS for zone in ZONES]

CONFIG = "project: readers\nregistry: registry.db\nonline: {url}\ngrace: {grace}\n"
ENTITIES = """
entities:
  - {name: driver, join_keys: {id: int64}}
  - {name: zone, join_keys: {zone: string}}
sources:
  - {name: drivers, path: drivers1.parquet, event_timestamp: at}
  - {name: pairs, path: pairs1.parquet, event_timestamp: at}
  - {name: new, path: "drivers%(new)d.parquet", event_timestamp: at}
  - {name: zones, path: "zones%(zones)d.parquet", event_timestamp: at}
  - {name: flat, path: flat.parquet, event_timestamp: none}
feature_services:
  - {name: svc, features: [stats:a, stats:b, other:c, area:d, pair:e, table:w]}
  - {name: follows, features: [%(kept)s:k]}
feature_views:
  - {name: stats, entities: [driver], source: new, ttl: none, features: {a: int64, b: int64%(z)s}}
  - {name: other, entities: [driver], source: drivers, ttl: none, features: {c: int64}}
  - {name: area, entities: [zone], source: zones, ttl: none, features: {d: int64}}
  - {name: pair, entities: [driver, zone], source: pairs, ttl: none, features: {e: int64}}
  - {name: table, entities: [driver], source: flat, ttl: none, features: {w: int64}}
  - {name: %(kept)s, %(renamed)s entities: [driver], source: drivers, ttl: none,
     features: {k: int64}}
%(loose)s
"""
LOOSE = "  - {name: loose, entities: [driver], source: drivers, ttl: none, features: {c: int64}}"
FIRST = {"new": 1, "zones": 1, "z": "", "kept": "kept", "renamed": "", "loose": LOOSE}


@pytest.fixture(params=["sqlite", "redis", "valkey"])
def url(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'online.db'}"
    elif request.param == "redis":
        yield request.getfixturevalue("redis_url")
    else:
        server = start_valkey(tmp_path)
        yield server.url
        server.stop()


@dataclass
class Serving:
    """A repository that is changed, and processes that read what it serves."""

    folder: Path
    url: str
    definitions: dict[str, Any]
    reads: list[Any]
    states: list[tuple[int, ...]]

    def change(self, **parts: Any) -> None:
        """Apply the definitions with some parts of them changed."""
        self.definitions |= parts
        self.write()
        with FeatureStore(self.folder) as store:
            store.apply(allow=CLASSES)

    def load(self) -> None:
        with FeatureStore(self.folder) as store:
            summary = store.materialize()
            assert not summary.failed, summary.errors

    def write(self, grace: str = "1h") -> None:
        (self.folder / "featurectl.yaml").write_text(CONFIG.format(url=self.url, grace=grace))
        (self.folder / "features").mkdir(exist_ok=True)
        (self.folder / "features" / "all.yaml").write_text(ENTITIES % self.definitions)

    def passes(self, *states: tuple[int, ...]) -> None:
        """The states that readers may have seen since; they all see the last one."""
        self.states += states
        for reads in self.reads:
            enough, deadline = reads.value + SOME_READS, time.monotonic() + 60
            while reads.value < enough:
                assert time.monotonic() < deadline, "a reader stands still"
                time.sleep(0.005)


def test_readers_are_answered_whatever_is_changed_and_never_get_a_mix(tmp_path, url):
    for version in (1, 2, 3):
        write_drivers(tmp_path / f"drivers{version}.parquet", version)
        write_keyed(tmp_path / f"zones{version}.parquet", version)
    write_pairs(tmp_path / "pairs1.parquet")
    write_flat(tmp_path, 1)
    serving = Serving(tmp_path, url, dict(FIRST), [], [])
    serving.change()
    serving.load()
    stop, answers = CONTEXT.Event(), CONTEXT.Queue()
    readers = []
    for _ in range(READERS):
        reads = [CONTEXT.Value("L", 0) for _ in range(THREADS)]
        readers.append(CONTEXT.Process(target=watch, args=(url, "readers", stop, reads, answers)))
        readers[-1].start()
        serving.reads += reads
    try:
        go_through_changes(serving)
    finally:
        stop.set()
        found = [answers.get(timeout=60) for _ in serving.reads]
        for reader in readers:
            reader.join()
    stable = [state for at, state in enumerate(serving.states) if at in STABLE]
    for seen in found:
        assert seen.mistakes == []
        assert is_part(seen.states, serving.states), seen.states
        assert is_part(without_repeats(stable), seen.states), seen.states
        assert seen.columns[0] == ["a", "b"]
        assert ["a", "b", "z", "all"] in seen.columns


# Versions of stats, other, area, pair, table; those that readers are waited for are stable.
STABLE = {0, 2, 3, 4, 5, 6, 7, 8, 9, 10}


def go_through_changes(serving: Serving) -> None:
    serving.passes((1, 1, 1, 1, 1))
    serving.change(new=2, zones=2)  # breaking
    serving.load()
    serving.passes((1, 1, 2, 1, 1), (2, 1, 2, 1, 1))
    write_flat(serving.folder, 2)  # a static source's files
    serving.load()
    serving.passes((2, 1, 2, 1, 2))
    serving.change(z=", z: int64")  # additive
    serving.passes((2, 1, 2, 1, 2))
    serving.load()
    serving.passes((2, 1, 2, 1, 2))
    serving.change(kept="moved", renamed="renamed_from: kept,")
    serving.passes((2, 1, 2, 1, 2))
    serving.change(loose="")  # destroyed
    serving.passes((2, 1, 2, 1, 2))
    with FeatureStore(serving.folder) as store:
        store.rollback(store.plan_rollback(1), allow=CLASSES)
    serving.passes((1, 1, 1, 1, 2))
    serving.change()  # all of it again
    serving.passes((2, 1, 2, 1, 2))
    serving.definitions["new"] = 3
    serving.write(grace="0s")  # the rows that served are swept as soon as the next ones do
    with FeatureStore(serving.folder) as store:
        store.apply(allow=CLASSES)
    serving.load()
    serving.passes((3, 1, 2, 1, 2))


def is_part(some: list[Any], whole: list[Any]) -> bool:
    """Whether all of ``some`` come in ``whole``, in that order."""
    left = iter(whole)
    return all(each in left for each in some)


def without_repeats(states: list[Any]) -> list[Any]:
    return [state for at, state in enumerate(states) if not at or states[at - 1] != state]


def write_drivers(path: Path, version: int) -> None:
    values = [version * THOUSAND + number for number in NUMBERS]
    write(path, {"id": list(NUMBERS), **dict.fromkeys("abczk", values)})


def write_keyed(path: Path, version: int) -> None:
    write(path, {"zone": list(ZONES), "d": [version * THOUSAND + ord(zone) for zone in ZONES]})


def write_pairs(path: Path) -> None:
    numbers, zones = map(list, zip(*PAIRS, strict=True))
    values = [THOUSAND + number + ord(zone) for number, zone in PAIRS]
    write(path, {"id": numbers, "zone": zones, "e": values})


def write_flat(folder: Path, version: int) -> None:
    values = [version * THOUSAND + number for number in NUMBERS]
    write(folder / "flat.parquet", {"id": list(NUMBERS), "w": values})


def write(path: Path, columns: dict[str, list[Any]]) -> None:
    times = pa.array([DAY_US] * len(next(iter(columns.values()))), pa.timestamp("us", "UTC"))
    partial = path.with_suffix(".partial")
    pq.write_table(pa.table({**columns, "at": times}), partial)
    partial.replace(path)
