"""The SQL of a join as served, as a reviewer reads it; ``FEATURECTL_GOLDEN=write`` writes it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlglot import parse_one

from featurectl.definitions.source import FileSource
from featurectl.definitions.view import FeatureView
from featurectl.queries.as_served import ServedJoin, as_served
from featurectl.queries.relation import SourcedView
from featurectl.queries.served_rows import ServedRows

FOLDER = Path(__file__).parent / "sql"
NOON = 1_704_110_400_000_000


def weather() -> ServedJoin:
    source = FileSource(
        "weather_hourly", path="w.parquet", event_timestamp="at", created_timestamp="written"
    )
    features = {"visibility": "float64", "wind": "int64"}
    view = FeatureView("weather", source="weather_hourly", ttl="3h", features=features)
    columns = {
        "airport": "string", "at": "timestamp", "written": "timestamp", "visibility": "float64",
        "wind": "int64",
    }  # fmt: skip
    sourced = SourcedView(view, source, {"airport": "string"}, ["/data/w.parquet"], columns)
    return ServedJoin(["x0"], ["float64"], [ServedRows(sourced, ["visibility"], [0], NOON)])


def airports() -> ServedJoin:
    source = FileSource("airports", path="a.parquet", event_timestamp="none")
    view = FeatureView("airport", source="airports", ttl="none", features={"altitude": "int32"})
    columns = {"airport": "string", "altitude": "int32"}
    sourced = SourcedView(view, source, {"airport": "string"}, ["/data/a.parquet"], columns)
    return ServedJoin(["x0"], ["int32"], [ServedRows(sourced, ["altitude"], [0], None)])


@pytest.mark.parametrize(
    ("name", "use"), [("as_served", weather()), ("as_served_of_static", airports())]
)
def test_the_sql_as_served_is_the_one_that_was_reviewed(name: str, use: ServedJoin) -> None:
    file = FOLDER / f"{name}.sql"
    query = as_served(use)
    if os.environ.get("FEATURECTL_GOLDEN") == "write":
        file.write_text(f"{query.sql(dialect='duckdb', pretty=True)}\n", "utf-8")

    reviewed = parse_one(file.read_text("utf-8"), dialect="duckdb")

    assert reviewed.sql(dialect="duckdb") == parse_one(
        query.sql(dialect="duckdb"), dialect="duckdb"
    ).sql(dialect="duckdb")
