"""Columns without a null, and times without an infinity, are known from footers alone."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from featurectl.definitions.source import FileSource
from featurectl.offline.duckdb import DuckDBEngine

US = pa.timestamp("us", "UTC")


def complete_of(folder, *tables: dict[str, Any], **options: Any) -> set[str]:
    for n, table in enumerate(tables):
        pq.write_table(pa.table(table), folder / f"{n}.parquet", **options)
    return known(folder)


def known(folder) -> set[str]:
    source = FileSource("s", path="*.parquet", event_timestamp="none")
    return set(DuckDBEngine(folder).schema(source).complete)


def test_a_column_is_complete_without_a_null(tmp_path):
    table = {"id": [1, 2], "name": ["a", None], "at": pa.array([0, 1], US), "day": ["x", "y"]}
    assert complete_of(tmp_path, table) == {"id", "at", "day"}


def test_one_null_in_any_row_group_of_any_file_is_enough(tmp_path):
    whole = {"id": list(range(9)), "other": list(range(9))}
    holed = {"id": [1, 2, 3, 4, None], "other": list(range(5))}
    assert complete_of(tmp_path, whole, holed, row_group_size=2) == {"other"}


def test_a_column_that_a_file_lacks_is_not_complete(tmp_path):
    assert complete_of(tmp_path, {"id": [1], "key": [1]}, {"id": [1]}) == {"id"}


def test_without_statistics_nothing_is_known(tmp_path):
    assert complete_of(tmp_path, {"id": [1]}, write_statistics=False) == set()


@pytest.mark.parametrize("infinite", ["infinity", "-infinity"])
@pytest.mark.parametrize("kind", ["TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMP_NS", "DATE"])
def test_an_infinite_time_is_not_complete(tmp_path, kind, infinite):
    query = f"SELECT unnest(['{infinite}'::{kind}, '2024-01-01'::{kind}]) AS at, 1 AS id"
    duckdb.sql(query).write_parquet(str(tmp_path / "a.parquet"))
    assert known(tmp_path) == {"id"}


@pytest.mark.parametrize("kind", ["TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMP_NS", "DATE"])
def test_finite_times_are(tmp_path, kind):
    duckdb.sql(f"SELECT '2024-01-01'::{kind} AS at").write_parquet(str(tmp_path / "a.parquet"))
    assert known(tmp_path) == {"at"}


def test_fields_of_structs_and_lists_are_no_columns(tmp_path):
    inner = pa.array([{"b": 1, "c": 2}])
    table = {"a": inner, "l": [[1]], "a.b": [None], "id": [1]}
    assert complete_of(tmp_path, table) == {"id"}


def test_a_file_without_rows_takes_nothing_away(tmp_path):
    empty = {"id": pa.array([], pa.int64())}
    assert complete_of(tmp_path, {"id": [1]}, empty) == {"id"}
