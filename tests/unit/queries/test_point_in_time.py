"""How the join reads: nothing more than it must."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from joining import times, us

from featurectl.definitions.source import FileSource
from featurectl.definitions.view import FeatureView
from featurectl.queries.expression import to_sql
from featurectl.queries.match import ViewJoin, reachable
from featurectl.queries.point_in_time import point_in_time
from featurectl.queries.relation import EventRange, SourcedView, relation


@pytest.fixture
def use(tmp_path) -> ViewJoin:
    columns = {"id": [1, 2, 3], "ts": times("08:00", "10:00", "12:00"), "n": [1, 2, 3]}
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=1)
    source = FileSource("s", path="a.parquet", event_timestamp="ts")
    view = FeatureView("v", source="s", ttl="1h", features={"n": "int64"})
    types = {"id": "int64", "ts": "timestamp", "n": "int64"}
    sourced = SourcedView(view, source, {"id": "int64"}, [str(path)], types)
    return ViewJoin(sourced, ["x0"], ["n"])


def joined(use: ViewJoin, labels: pa.Table, events: EventRange) -> list[dict]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'").fetchall()
        connection.register("labels", labels)
        sql = to_sql(point_in_time([use], events))
        return connection.sql(sql).to_arrow_table().to_pylist()


def test_result_has_ordinal_features_state_and_age(use):
    t = us("10:30")
    labels = pa.table({"i": [0, 1], "t": [t, t], "x0": [2, 9]})
    found = joined(use, labels, EventRange(t, t))
    assert found == [
        {"i": 0, "v0_f0": 2, "v0_s": 1, "v0_a": 1_800_000_000},
        {"i": 1, "v0_f0": None, "v0_s": None, "v0_a": None},
    ]


def test_files_that_no_label_can_reach_are_not_read(use):
    near, far = us("10:30"), us("2024-01-09T10:30:00Z")
    for t, read in ((near, True), (far, False)):
        labels = pa.table({"i": [0], "t": [t], "x0": [2]})
        events = EventRange(t, t)
        within, older = reachable(use, events), EventRange(None, t - 3_600_000_001)
        for wanted, scanned in ((within, read), (older, True)):
            sql = to_sql(relation(use.sourced, ["n"], wanted))
            with duckdb.connect() as connection:
                plan = connection.execute(f"EXPLAIN {sql}").fetchall()[0][1]
            assert ("READ_PARQUET" in plan.upper()) is scanned
        assert joined(use, labels, events)[0]["v0_s"] == (1 if read else 2)


def test_ordinals_decide_the_order_not_the_order_of_the_table(use):
    t = us("10:30")
    labels = pa.table({"i": [2, 0, 1], "t": [t, t, None], "x0": [2, 3, 2]})
    found = joined(use, labels, EventRange(t, t))
    assert [(row["i"], row["v0_f0"]) for row in found] == [(0, None), (1, None), (2, 2)]
