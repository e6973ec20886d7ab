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
from featurectl.queries.newest import newest_query, older_query, pairs_query
from featurectl.queries.relation import EventRange, SourcedView
from featurectl.queries.strategy import ASOF, BUCKET, HASH, STATIC, Strategy
from featurectl.queries.tie import content_query, created_query
from featurectl.queries.winner import winner_query

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


EVENTS = EventRange(NOON - 3 * 3_600_000_000, NOON)
PLAIN, KNOWN = weather(ttl="3h", known_at=False), weather(ttl="3h", known_at=True)
CASES = {
    "newest_by_hash": newest_query(PLAIN, Strategy(HASH, ""), EVENTS),
    "newest_by_bucket": newest_query(PLAIN, Strategy(BUCKET, "", 3_600_000_000), EVENTS),
    "newest_by_asof": newest_query(PLAIN, Strategy(ASOF, ""), EVENTS),
    "newest_of_static": newest_query(airports(), Strategy(STATIC, ""), EventRange()),
    "known_by_hash": newest_query(KNOWN, Strategy(HASH, ""), EVENTS),
    "known_by_asof": newest_query(KNOWN, Strategy(ASOF, ""), EVENTS),
    "pairs": pairs_query(PLAIN, EVENTS, 3_600_000_000, 1000),
    "older": older_query(PLAIN, EVENTS.first_us),
    "created": created_query(PLAIN, EVENTS),
    "created_known": created_query(KNOWN, EVENTS),
    "content": content_query(PLAIN, EVENTS),
    "winner": winner_query(PLAIN),
    "winner_of_static": winner_query(airports()),
}


@pytest.mark.parametrize("name", CASES)
def test_join_is_the_sql_that_was_reviewed(name):
    text = CASES[name].sql(dialect="duckdb", pretty=True) + "\n"
    path = FOLDER / f"join_{name}.sql"
    if os.environ.get("FEATURECTL_GOLDEN") == "write":
        path.write_text(text)
    assert parse_one(text, read="duckdb") == parse_one(path.read_text(), read="duckdb")
