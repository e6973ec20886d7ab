"""Training sets as served, of every shape: once all is loaded they are the plain ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_line import Cli
from joining import times, us
from story import at

from featurectl import FeatureStore
from featurectl.errors import RequestError

DEFINITIONS = """\
entities:
  - name: shop
    join_keys: {shop: int64}
  - name: bank
    join_keys: {bank: bytes}
sources:
  - {name: scores, path: scores.parquet, event_timestamp: ts, created_timestamp: known}
  - {name: pairs, path: pairs.parquet, event_timestamp: ts}
  - {name: world, path: world.parquet, event_timestamp: ts}
  - {name: places, path: places.parquet, event_timestamp: none}
feature_views:
  - {name: risk, entities: [shop], source: scores, ttl: none, features: {score: float64}}
  - {name: pair, entities: [shop, bank], source: pairs, ttl: none,
     features: {n: int64, words: list<string>}}
  - {name: world, source: world, ttl: none, features: {level: "decimal(10,2)"}}
  - {name: place, entities: [shop], source: places, ttl: none, features: {city: string}}
feature_services:
  - name: all
    features:
      - risk
      - {view: risk, as: other, join_keys: {shop: other_shop}}
      - pair
      - world
      - place
    full_names: true
"""
KEYS = [b"", b"\x00", b"\xff\xfe", b"12345678", b"123456789"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sets")
    (root / "features").mkdir()
    config = "project: sets\nregistry: registry.db\nonline: sqlite:///online.db\n"
    (root / "featurectl.yaml").write_text(config, "utf-8")
    (root / "features" / "all.yaml").write_text(DEFINITIONS, "utf-8")
    when = times("10:00", "10:01", "10:02", "10:03", "10:03")
    scores = {
        "shop": [1, 1, 2, 3, 3],
        "ts": when,
        "known": when,
        "score": [0.1, 0.2, 0.3, 0.4, 0.5],
    }
    words = [["a"], [], None, [None], ["b", "c"]]
    pairs = {
        "shop": [1, 1, 2, 2, 3],
        "bank": KEYS,
        "ts": when,
        "n": [1, 2, None, 4, 5],
        "words": words,
    }
    level = pa.array([1, 2, 3, 4, 5]).cast(pa.decimal128(20, 0)).cast(pa.decimal128(10, 2))
    places = {"shop": [1, 1, 2], "city": ["Rome", "Oslo", None]}
    tables = {
        "scores": scores,
        "pairs": pairs,
        "world": {"ts": when, "level": level},
        "places": places,
    }
    for name, columns in tables.items():
        pq.write_table(pa.table(columns), root / f"{name}.parquet")
    cli = Cli(root)
    with at(us("09:00")):
        cli.ok("apply", "--yes")
    with at(us("11:00")):
        cli.ok("materialize")
    return root


def frame(clock: str | None, count: int = 8) -> pa.Table:
    return pa.table(
        {
            "shop": pa.array([1, 1, 2, 2, 3, 9, None, 3][:count], pa.int64()),
            "bank": pa.array([*KEYS, b"?", b"", None][:count], pa.binary()),
            "other_shop": pa.array([3, 2, 1, None, 1, 1, 2, 2][:count], pa.int64()),
            "event_timestamp": times(*[clock] * count),
        }
    )


def test_once_all_is_loaded_what_was_served_is_what_was_true(root: Path) -> None:
    with FeatureStore(root) as store:
        true = store.get_historical_features(frame("12:00"), service="all")
        served = store.get_historical_features(frame("12:00"), service="all", as_served=True)
        compared = store.compare_historical(frame("12:00"), service="all")

        assert served.to_arrow().equals(true.to_arrow())
        assert served.schema == true.schema
        assert [feature.differ for feature in compared.features] == [0] * 6
        states = [(view.matched, view.no_row, view.ties) for view in served.report.views]
        assert states == [(view.matched, view.no_row, view.ties) for view in true.report.views]


@pytest.mark.parametrize(
    ("clock", "not_loaded"),
    [
        ("10:30", [6, 7, 5, 8, 4]),
        ("0001-01-01T00:00Z", [0, 0, 0, 0, 4]),  # static rows have always been there
        (None, [0, 0, 0, 0, 0]),
    ],
)
def test_before_anything_is_loaded_all_is_null(
    root: Path, clock: str | None, not_loaded: list[int]
) -> None:
    with FeatureStore(root) as store:
        served = store.get_historical_features(frame(clock), service="all", as_served=True)

        assert all(served.to_arrow()[name].null_count == 8 for name in served.schema.names[4:])
        found = [view.served.not_loaded for view in served.report.views if view.served]
        assert found == not_loaded


def test_no_rows_are_no_rows(root: Path) -> None:
    with FeatureStore(root) as store:
        served = store.get_historical_features(frame("12:00", 0), service="all", as_served=True)

        assert served.to_arrow().num_rows == 0


def test_rows_that_are_made_are_served_too(root: Path) -> None:
    with FeatureStore(root) as store:
        served = store.get_historical_features(
            features=["risk:score"], at="2024-01-01T12:00Z", as_served=True
        )

        assert served.to_arrow()["score"].to_pylist() == [0.2, 0.3, 0.5]


def test_what_was_served_can_be_proven_free_of_the_future(root: Path) -> None:
    with FeatureStore(root) as store:
        found = store.get_historical_features(
            frame("12:00"), features=["risk:score"], as_served=True, prove=True
        ).to_arrow()

        assert found["risk__event_timestamp"].null_count == found["score"].null_count == 2


def test_what_was_served_from_the_future_fails_the_proof(tmp_path: Path, root: Path) -> None:
    ahead = Path(shutil.copytree(root, tmp_path / "ahead"))
    when = times("10:00", "13:00")
    rows = {"shop": [1, 1], "ts": when, "known": times("10:00", "10:00"), "score": [0.1, 0.9]}
    pq.write_table(pa.table(rows), ahead / "scores.parquet")
    with at(us("11:30")):
        Cli(ahead).ok("materialize", "risk", "--to", "2024-01-01T14:00Z")
    with FeatureStore(ahead) as store:
        request = {"features": ["risk:score"], "as_served": True}
        found = store.get_historical_features(frame("12:00", 2), **request)
        proven = store.get_historical_features(frame("12:00", 2), **request, prove=True)

        assert found.to_arrow()["score"].to_pylist() == [0.9, 0.9]
        with pytest.raises(RequestError, match="after its row's") as error:
            proven.to_arrow()
        assert "readers got it so" in str(error.value.notes)


def test_a_plan_says_that_it_is_by_recorded_loads(root: Path) -> None:
    with FeatureStore(root) as store:
        found = store.get_historical_features(
            frame("12:00"), features=["risk:score"], as_served=True
        )
        (plan,) = found.plans()

        assert (plan.strategy.name, plan.strategy.reason) == ("as served", "loads recorded: 1")


def test_what_is_asked_is_told(root: Path) -> None:
    with FeatureStore(root) as store:
        found = store.get_historical_features(
            frame("12:00"), features=["risk:score"], as_served=True
        )

        assert found.origin is not None
        assert found.origin.asked.document()["as_served"] is True
