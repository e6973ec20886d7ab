"""Frames of other libraries: null stays null, and nothing becomes a float."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pyarrow as pa

from featurectl.offline.dataframe import to_pandas, to_polars

TABLE = pa.table(
    {
        "id": pa.array([1, 2], pa.int64()),
        "small": pa.array([1, None], pa.int8()),
        "flag": pa.array([True, None]),
        "n": pa.array([2**53 + 1, None], pa.int64()),
        "all": pa.array([1, 2], pa.int32()),
        "x": pa.array([1.5, None]),
    }
)


def test_integers_and_booleans_are_nullable_in_pandas():
    data = to_pandas(TABLE, 3)
    assert list(data.columns) == TABLE.column_names
    assert {name: str(kind) for name, kind in data.dtypes.items()} == {
        "id": "int64", "small": "Int8", "flag": "boolean", "n": "Int64", "all": "Int32",
        "x": "float64",
    }  # fmt: skip
    assert data["n"][0] == 2**53 + 1
    assert data["n"].isna().tolist() == [False, True]


def test_what_came_from_pandas_goes_back_as_it_was():
    given = pd.DataFrame(
        {
            "c": pd.Categorical(["a", None], categories=["b", "a"]),
            "i": pd.array([1, None], dtype="Int32"),
            "t": pd.to_datetime(["2024-01-01T12:00:00.000000001Z", None]),
            "d": pd.array([1.5, None], dtype="Float64"),
        }
    )
    table = pa.Table.from_pandas(given, preserve_index=False)
    with_feature = table.append_column("n", pa.array([1, None], pa.int64()))
    found = to_pandas(with_feature, 4)
    pd.testing.assert_frame_equal(found[given.columns.tolist()], given)
    assert str(found["n"].dtype) == "Int64"


def test_no_rows_keep_the_types_in_pandas():
    assert str(to_pandas(TABLE.slice(0, 0), 0)["id"].dtype) == "Int64"


def test_polars_has_the_same_values():
    data = to_polars(TABLE)
    assert data["n"].to_list() == [2**53 + 1, None]
    assert data.schema["small"] == pl.Int8
