"""Rule 6 of the join, as served, case by case: with real commands, by a clock of the test's own.

All times are of 1 January 2024 UTC. View ``risk`` has a TTL of two hours. Runs start and finish at
one moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_line import Cli
from joining import times, us
from story import at

from featurectl import FeatureStore

if TYPE_CHECKING:
    from pathlib import Path

DEFINITIONS = """\
entities:
  - name: shop
    join_keys: {shop: int64}
sources:
  - name: scores
    path: scores.parquet
    event_timestamp: ts
    CREATED
feature_views:
  - name: risk
    entities: [shop]
    source: scores
    ttl: 2h
    on_stale: hide
    features: {score: float64}
"""


class Shop:
    """A repository of one view, with the rows (event, created or None, score) of shop 1."""

    def __init__(self, root: Path, *rows: tuple[str, str | None, float]) -> None:
        self.root = root
        (root / "features").mkdir()
        config = "project: shop\nregistry: registry.db\nonline: sqlite:///online.db\n"
        (root / "featurectl.yaml").write_text(config, "utf-8")
        created = any(known for _, known, _ in rows)
        line = "created_timestamp: known" if created else ""
        text = DEFINITIONS.replace("CREATED", line)
        (root / "features" / "risk.yaml").write_text(text, "utf-8")
        self.write("scores.parquet", *rows)
        self.cli = Cli(root)
        self.do("00:00", "apply", "--yes")

    def write(self, name: str, *rows: tuple[str, str | None, float]) -> None:
        events, known, scores = zip(*rows, strict=True)
        columns = {"shop": [1] * len(rows), "ts": times(*events), "known": times(*known)}
        pq.write_table(pa.table({**columns, "score": list(scores)}), self.root / name)

    def do(self, clock: str, *command: str) -> None:
        with at(us(clock)):
            self.cli.ok(*command)

    def edit(self, old: str, new: str) -> None:
        self.cli.edit("features/risk.yaml", old, new)

    def joined(self, *clocks: str, **request: Any) -> list[Any]:
        labels = pa.table({"shop": [1] * len(clocks), "event_timestamp": times(*clocks)})
        with FeatureStore(self.root) as store:
            found = store.get_historical_features(labels, features=["risk:score"], **request)
            return list(found.to_arrow()["score"].to_pylist())

    def served(self, *clocks: str) -> list[Any]:
        return self.joined(*clocks, as_served=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


def test_only_rows_that_a_run_had_loaded_by_then_are_used(root: Path) -> None:
    shop = Shop(root, ("10:00", None, 0.1), ("11:00", None, 0.2))
    shop.do("10:30", "materialize")
    shop.do("11:30", "materialize")

    assert shop.served("10:15", "11:15", "11:45") == [None, 0.1, 0.2]
    assert shop.joined("10:15", "11:15", "11:45") == [0.1, 0.2, 0.2]


def test_at_exactly_a_runs_finish_a_row_is_served(root: Path) -> None:
    shop = Shop(root, ("10:00", None, 0.1))
    shop.do("10:30", "materialize")

    assert shop.served("10:29:59.999999", "10:30") == [None, 0.1]


def test_a_row_counts_from_the_first_run_on_that_started_once_it_was_created(root: Path) -> None:
    shop = Shop(root, ("10:00", "10:00", 0.1), ("10:10", "11:00", 0.2))
    shop.do("10:30", "materialize")
    shop.do("11:30", "materialize")

    assert shop.served("11:15", "11:45") == [0.1, 0.2]


def test_a_run_whose_range_does_not_cover_a_row_has_not_loaded_it(root: Path) -> None:
    shop = Shop(root, ("10:00", None, 0.1), ("11:00", None, 0.2))
    shop.do("11:30", "materialize", "--from", "2024-01-01T09:00Z", "--to", "2024-01-01T10:00Z")
    shop.do("11:45", "materialize")

    assert shop.served("11:40", "11:50") == [0.1, 0.2]


def test_the_ttl_is_judged_at_the_time_of_the_row_by_the_policy_of_then(root: Path) -> None:
    shop = Shop(root, ("10:00", None, 0.1))
    shop.do("10:30", "materialize")
    shop.edit("on_stale: hide", "on_stale: serve")
    shop.do("14:00", "apply", "--yes")

    assert shop.served("12:00", "12:00:00.000001", "14:00") == [0.1, None, 0.1]
    assert shop.joined("12:00", "12:00:00.000001", "14:00") == [0.1, None, None]


def test_a_flip_and_a_rollback_count_from_their_recorded_times(root: Path) -> None:
    shop = Shop(root, ("10:00", None, 0.1))
    shop.write("other.parquet", ("10:00", None, 0.9))
    shop.do("10:10", "materialize")
    shop.edit("path: scores.parquet", "path: other.parquet")
    shop.do("10:20", "apply", "--yes", "--allow", "breaking")
    shop.do("10:30", "materialize")
    shop.do("10:40", "rollback", "--yes", "--allow", "breaking")

    assert shop.served("10:15", "10:25", "10:30", "10:40") == [0.1, 0.1, 0.9, 0.1]


def test_both_are_compared_from_python(root: Path) -> None:
    shop = Shop(root, ("10:00", None, 0.1), ("11:00", None, 0.2))
    shop.do("10:30", "materialize")
    shop.do("11:30", "materialize")
    clocks = ("10:15", "11:15", "11:45")
    labels = pa.table({"shop": [1, 1, 1], "event_timestamp": times(*clocks)})
    with FeatureStore(root) as store:
        found = store.compare_historical(labels, features=["risk:score"])

    (score,), (view,) = found.features, found.views
    assert (score.rows, score.differ, score.only_true) == (3, 2, 1)
    assert score.mean_absolute == pytest.approx(0.05)
    assert view.served.served is not None
    assert view.served.served.not_loaded == 1
    assert view.served_age_seconds == pytest.approx((75 + 45) * 60 / 2)
