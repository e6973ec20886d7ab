"""The SQL of the join, as a reviewer reads it.

``FEATURECTL_GOLDEN=write`` writes the files anew; what changed is then to be reviewed. White
space plays no part, because that is the printer's, and differs between its versions.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlglot import parse_one

from featurectl.definitions.source import FileSource
from featurectl.definitions.view import FeatureView
from featurectl.queries.match import ViewJoin
from featurectl.queries.point_in_time import point_in_time
from featurectl.queries.relation import EventRange, SourcedView

FOLDER = Path(__file__).parent / "sql"
NOON = 1_704_110_400_000_000


def weather(*, ttl: str, known_at: bool) -> ViewJoin:
    source = FileSource(
        "weather_hourly", path="w.parquet", event_timestamp="at", created_timestamp="written"
    )
    features = {"visibility": "float64", "wind": "int64"}
    view = FeatureView("weather", source="weather_hourly", ttl=ttl, features=features)
    columns = {
        "airport": "string", "at": "timestamp", "written": "timestamp", "visibility": "float64",
        "wind": "int64",
    }  # fmt: skip
    sourced = SourcedView(view, source, {"airport": "string"}, ["/data/w.parquet"], columns)
    return ViewJoin(sourced, ["x0"], ["visibility"], known_at=known_at)


def airports() -> ViewJoin:
    source = FileSource("airports", path="a.parquet", event_timestamp="none")
    view = FeatureView("airport", source="airports", ttl="none", features={"altitude": "int32"})
    columns = {"airport": "string", "altitude": "int32"}
    sourced = SourcedView(view, source, {"airport": "string"}, ["/data/a.parquet"], columns)
    return ViewJoin(sourced, ["x0"], ["altitude"])


CASES = {
    "plain": [weather(ttl="3h", known_at=False)],
    "known_at": [weather(ttl="none", known_at=True)],
    "static": [airports()],
}


@pytest.mark.parametrize("name", CASES)
def test_join_is_the_sql_that_was_reviewed(name):
    query = point_in_time(CASES[name], EventRange(NOON, NOON + 1_000_000))
    text = query.sql(dialect="duckdb", pretty=True) + "\n"
    path = FOLDER / f"point_in_time_{name}.sql"
    if os.environ.get("FEATURECTL_GOLDEN") == "write":
        path.write_text(text)
    assert parse_one(text, read="duckdb") == parse_one(path.read_text(), read="duckdb")
