"""A small repository with a training set made from it, to be verified under changes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from command_line import Cli

if TYPE_CHECKING:
    from pathlib import Path

DEFINITIONS = """
entities:
  - {name: driver, join_keys: {driver: int64}}
sources:
  - {name: stats, path: data/stats, event_timestamp: ts, format: parquet}
  - {name: homes, path: data/homes.csv, event_timestamp: none}
  - {name: log, path: data/log.csv, event_timestamp: seen}
feature_views:
  - {name: stats, entities: [driver], source: stats, ttl: 2d,
     features: {trips: int64, rate: float64}}
  - {name: homes, entities: [driver], source: homes, ttl: none, features: {city: string}}
  - {name: other, entities: [driver], source: stats, ttl: 3d, features: {trips: int64}}
feature_services:
  - {name: rank, features: [stats, homes]}
"""
DAY_US = 86_400_000_000
T0_US = 1_704_067_200_000_000  # 2024-01-01
ROWS = 12


@dataclass(frozen=True)
class Made:
    """A repository, its command line, and a training set of it."""

    cli: Cli
    data: Path
    out: Path

    @property
    def lock(self) -> Path:
        """The manifest's file."""
        return self.out.with_name(f"{self.out.name}.lock.json")

    @property
    def manifest(self) -> dict[str, Any]:
        """What the lock file says."""
        found: dict[str, Any] = json.loads(self.lock.read_text("utf-8"))
        return found

    def make(self, *arguments: str, out: str = "train.parquet") -> Made:
        """Make a training set."""
        path = self.cli.root / out
        words = arguments or ("--service", "rank", "--entities", str(self.cli.root / "labels.csv"))
        self.cli.ok("get-historical", *words, "--out", str(path))
        return Made(self.cli, self.data, path)

    def verify(self, *options: str) -> tuple[int, dict[str, Any]]:
        """The exit code and the document of ``dataset verify``."""
        answer = self.cli("dataset", "verify", str(self.out), "--format", "json", *options)
        return answer.code, answer.document if answer.out else {"error": answer.err}

    def states(self, *options: str) -> dict[str, str]:
        """The state of each check by its subject, a source's by its name; and the exit code."""
        code, document = self.verify(*options)
        found = {
            check.get("name", check["subject"]): check["state"] for check in document["checks"]
        }
        return {"exit": str(int(code)), **found}


def new_repository(root: Path) -> Made:
    """A repository with three views over two sources, applied."""
    (root / "features").mkdir(parents=True)
    (root / "data" / "stats").mkdir(parents=True)
    (root / "featurectl.yaml").write_text("project: demo\n")
    (root / "features" / "all.yaml").write_text(DEFINITIONS)
    for day in range(3):
        write_day(root / "data", day)
    cities = "".join(f"{driver},city{driver}\n" for driver in range(1, 4))
    (root / "data" / "homes.csv").write_text(f"driver,city\n{cities}")
    seen = "".join(f"{n % 3 + 1},2024-01-02T0{n}:00:00Z\n" for n in range(6))
    (root / "data" / "log.csv").write_text(f"driver,seen\n{seen}")
    labels = "".join(f"{n % 4 + 1},2024-01-0{n % 3 + 1}T12:00:00Z,{n % 2}\n" for n in range(ROWS))
    (root / "labels.csv").write_text(f"driver,event_timestamp,label\n{labels}")
    cli = Cli(root)
    cli.ok("apply", "--yes")
    return Made(cli, root / "data", root / "train.parquet")


def write_day(data: Path, day: int, *, plus: int = 0) -> None:
    """The file of a day: each driver's trips, ``plus`` more than usual."""
    drivers = list(range(1, 4))
    columns = {
        "driver": drivers,
        "ts": pa.array([T0_US + day * DAY_US] * 3, pa.timestamp("us", "UTC")),
        "trips": [10 * day + driver + plus for driver in drivers],
        "rate": [0.5, None, 0.25 * day],
    }
    pq.write_table(pa.table(columns), data / "stats" / f"{day}.parquet")
