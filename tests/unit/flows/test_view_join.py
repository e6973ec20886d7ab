"""How the join of a view reads and decides: nothing more than it must."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from joining import times, us

from featurectl.definitions.source import FileSource
from featurectl.definitions.view import FeatureView
from featurectl.flows.view_join import Labels, ViewJoiner
from featurectl.offline.duckdb import DuckDBEngine
from featurectl.queries.expression import to_sql
from featurectl.queries.match import ViewJoin, reachable
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


def joined(use: ViewJoin, labels: pa.Table) -> list[dict]:
    return ViewJoiner(use, Labels(labels), DuckDBEngine(Path())).batches().read_all().to_pylist()


def test_result_has_ordinal_features_state_and_age(use):
    t = us("10:30")
    labels = pa.table({"i": [0, 1], "t": [t, t], "x0": [2, 9]})
    found = joined(use, labels)
    assert found == [
        {"i": 0, "f0": 2, "s": 1, "a": 1_800_000_000},
        {"i": 1, "f0": None, "s": 0, "a": None},
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
        assert joined(use, labels)[0]["s"] == (1 if read else 2)


def test_labels_without_a_time_keep_their_place(use):
    t = us("10:30")
    labels = pa.table({"i": [0, 1, 2], "t": [t, None, us("12:00")], "x0": [2, 2, 3]})
    assert [(row["i"], row["f0"]) for row in joined(use, labels)] == [(0, 2), (1, None), (2, 3)]


@pytest.mark.parametrize("name", ["file_row_number", "File_Index", "filename"])
def test_column_named_as_the_engine_numbers_rows_hides_nothing(tmp_path, name):
    columns = {"id": [1, 1], "ts": times("08:00", "09:00"), name: [7, 8]}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    source = FileSource("s", path="a.parquet", event_timestamp="ts")
    view = FeatureView("v", source="s", ttl="none", features={name: "int64"})
    types = {"id": "int64", "ts": "timestamp", name: "int64"}
    sourced = SourcedView(view, source, {"id": "int64"}, [str(tmp_path / "a.parquet")], types)
    labels = pa.table({"i": [0], "t": [us("08:30")], "x0": [1]})
    assert joined(ViewJoin(sourced, ["x0"], [name]), labels)[0]["f0"] == 7


@pytest.mark.parametrize("keyed_by_folder", [False, True])
def test_rows_of_many_files_are_told_apart_where_folders_are_columns(tmp_path, keyed_by_folder):
    paths = []
    for day in range(4):
        path = tmp_path / f"day={day}" / "a.parquet"
        path.parent.mkdir()
        columns = {"id": [1, 2], "ts": times("08:00", "09:00"), "n": [10 * day, 10 * day + 1]}
        pq.write_table(pa.table(columns), path)
        paths.append(str(path))
    source = FileSource("s", path=str(tmp_path), event_timestamp="ts")
    view = FeatureView("v", source="s", ttl="none", features={"n": "int64"})
    types = {"id": "int64", "ts": "timestamp", "n": "int64", "day": "<text>"}
    keys = {"id": "int64", "day": "string"} if keyed_by_folder else {"id": "int64"}
    sourced = SourcedView(view, source, keys, paths, types)
    t = us("10:00")
    labels = pa.table({"i": [0, 1], "t": [t, t], "x0": [2, 1], "x1": ["3", "2"]})
    found = joined(ViewJoin(sourced, ["x0", "x1"][: len(keys)], ["n"]), labels)
    # Without the folder the four rows of an entity are equal in time: content decides.
    assert [row["f0"] for row in found] == ([31, 20] if keyed_by_folder else [31, 30])
