"""The risk score of a merchant category: true from day to day, served from week to week.

Ten categories have a score per day. A fraud ring works through one after the other, a week each;
meanwhile the category's score is 0.6 instead of 0.1, and so many of its payments are fraud. A model
flags a payment whose category has a score of 0.3 or more.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq
from command_line import Cli

from featurectl.definitions.instant import parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY = 86_400_000_000
HOUR = DAY // 24
START = parse_instant("2024-01-01T00:00:00Z")
DAYS, CATEGORIES, PAYMENTS = 56, 10, 10
FLAGGED = 0.3
UTC_US = pa.timestamp("us", "UTC")
DEFINITIONS = """\
entities:
  - name: category
    join_keys: {category: string}
sources:
  - name: scores
    path: scores.parquet
    event_timestamp: day
    created_timestamp: written
feature_views:
  - name: category_risk
    entities: [category]
    source: scores
    ttl: 14d
    features: {risk_score: float64}
"""


@dataclass(frozen=True)
class Quality:
    """What a model that flags by the score would have done."""

    flagged: int
    right: int
    missed: int

    @property
    def precision(self) -> float:
        """The share of the flagged payments that are fraud."""
        return self.right / self.flagged

    @property
    def false_alarms(self) -> int:
        """The flagged ones that are not."""
        return self.flagged - self.right


def spikes(category: int, day: int) -> bool:
    """Whether the ring is at work in the category."""
    return 3 + 5 * category <= day < 10 + 5 * category


def write_project(root: Path) -> Cli:
    """A repository with the scores and the labelled payments of eight weeks."""
    root.mkdir()
    (root / "featurectl.yaml").write_text(
        "project: fraud\nregistry: registry.db\nonline: sqlite:///online.db\n", "utf-8"
    )
    (root / "features").mkdir()
    (root / "features" / "risk.yaml").write_text(DEFINITIONS, "utf-8")
    cells = [(f"c{n}", day, spikes(n, day)) for day in range(DAYS) for n in range(CATEGORIES)]
    # The score of a day is written half an hour after midnight.
    days = [START + day * DAY for _, day, _ in cells]
    scores = {
        "category": [name for name, _, _ in cells],
        "day": pa.array(days, UTC_US),
        "written": pa.array([day + HOUR // 2 for day in days], UTC_US),
        "risk_score": [0.6 if spiking else 0.1 for _, _, spiking in cells],
    }
    pq.write_table(pa.table(scores), root / "scores.parquet")
    payments = [
        (name, START + day * DAY + 12 * HOUR + n, n < (6 if spiking else 1))
        for name, day, spiking in cells
        for n in range(PAYMENTS)
    ]
    labels = {
        "category": [name for name, _, _ in payments],
        "event_timestamp": pa.array([at for _, at, _ in payments], UTC_US),
        "fraud": [fraud for _, _, fraud in payments],
    }
    pq.write_table(pa.table(labels), root / "payments.parquet")
    return Cli(root)


@contextlib.contextmanager
def at(moment_us: int) -> Iterator[None]:
    """Whatever asks the time within the block is told this moment."""
    with mock.patch("time.time_ns", return_value=moment_us * 1_000):
        yield


def materialize_every(cli: Cli, days: int) -> None:
    """Apply, and load at one o'clock every so many days."""
    with at(START):
        cli.ok("apply", "--yes")
    for day in range(0, DAYS, days):
        with at(START + day * DAY + HOUR):
            cli.ok("materialize")


def quality(path: Path) -> Quality:
    """What the model does with the scores of a training set."""
    rows = pq.read_table(path).to_pylist()
    flagged = [row for row in rows if (row["risk_score"] or 0.0) >= FLAGGED]
    right = sum(row["fraud"] for row in flagged)
    return Quality(len(flagged), right, sum(row["fraud"] for row in rows) - right)
