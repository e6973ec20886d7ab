"""Entity frames of every type and kind: they come back as they were, with their features."""

from __future__ import annotations

import datetime as dt
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from joining import UTC_US, Joining, moment, simple_view, times

from featurectl.errors import ManyErrors, RequestError, SourceError
from featurectl.offline.read_frame import read_frame

UTC = dt.timezone.utc
LABELS = {
    "dictionary": pa.array(["a", None, "a"]).dictionary_encode(),
    "large": pa.array(["x", "", None], pa.large_string()),
    "view": pa.array(["x", "a longer text than twelve", None], pa.string_view()),
    "nothing": pa.nulls(3),
    "list": pa.array([[1], [], None]),
    "struct": pa.array([{"a": 1, "b": [{"c": "x"}]}, None, {"a": None, "b": []}]),
    "map": pa.array([[("k", 1)], [], None], pa.map_(pa.string(), pa.int8())),
    "fixed": pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int16(), 2)),
    "raw": pa.array([b"\x00\xff", b"", None], pa.large_binary()),
    "money": pa.array([Decimal("1.10"), Decimal("-0.01"), None], pa.decimal128(38, 2)),
    "half": pa.array(np.array([1.5, -0.0, 65504], np.float16)),
    "unsigned": pa.array([2**64 - 1, 0, None], pa.uint64()),
    "day": pa.array([dt.date(1, 1, 1), dt.date(9999, 12, 31), None]),
    "clock": pa.array([dt.time(23, 59, 59, 999999), dt.time(0), None]),
    "nanos": pa.array([1, -1, None], pa.timestamp("ns", "America/New_York")),
    "naive": pa.array([0, 1, None], pa.timestamp("s")),
    'odd name, "quoted" 🛫': pa.array([True, False, None]),
}  # fmt: skip

NO_SECONDS = {"naive"}  # in Parquet: they become milliseconds


@pytest.fixture
def drivers(tmp_path):
    return simple_view(Joining(tmp_path), (1, "10:00", 1), (2, "10:00", 2))


def labelled(**others) -> pa.Table:
    keys = {"driver": [2, 1, 3], "event_timestamp": times("11:00", "11:00", "11:00")}
    return pa.table(keys | others)


@pytest.mark.parametrize("suffix", ["parquet", "arrow", "arrows"])
def test_labels_of_every_type_come_back_untouched(drivers, tmp_path, suffix):
    given = labelled(**LABELS)
    training = drivers.join(given, "v:n")
    assert training.to_arrow().select(given.column_names).equals(given)
    training.write(tmp_path / f"out.{suffix}")
    found = pa.Table.from_batches(
        (frame := read_frame(tmp_path / f"out.{suffix}")).batches(), frame.schema
    )
    assert found["n"].to_pylist() == [2, 1, None]
    kept = [
        name
        for name in given.column_names
        if found.schema.field(name).type == given.schema.field(name).type
    ]
    assert set(given.column_names) - set(kept) <= (NO_SECONDS if suffix == "parquet" else set())
    assert found.select(kept).equals(given.select(kept))


def test_labels_of_every_type_are_text_in_csv(drivers, tmp_path):
    drivers.join(labelled(**LABELS), "v:n").write(tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text("utf-8").splitlines()
    assert len(lines) == 4
    assert lines[0].endswith(',"odd name, ""quoted"" 🛫",n')
    assert lines[1].startswith("2,2024-01-01T11:00:00.000000Z,a,x,x,,[1],")


@pytest.mark.parametrize("key", ["dictionary", "large", "view", "null", "int8", "uint64"])
def test_keys_of_every_type_that_fits_are_joined(drivers, tmp_path, key):
    kinds = {"dictionary": None, "large": pa.large_string(), "view": pa.string_view(),
             "null": pa.null(), "int8": pa.int8(), "uint64": pa.uint64()}  # fmt: skip
    values = {"large": ["2", "1", None], "view": ["2", "1", None], "null": [None] * 3}.get(
        key, [2, 1, None]
    )
    keys = pa.array(values, kinds[key])
    keys = keys.dictionary_encode() if key == "dictionary" else keys
    given = pa.table({"driver": keys, "event_timestamp": times("11:00", "11:00", "11:00")})
    for frame in (given, _in_file(given, tmp_path)):
        found = drivers.join(frame, "v:n").to_arrow()
        assert found["n"].to_pylist() == ([None] * 3 if key == "null" else [2, 1, None])


def _in_file(table, folder):
    with pa.ipc.new_file(folder / "keys.arrow", table.schema) as writer:
        writer.write_table(table)
    return folder / "keys.arrow"


@pytest.mark.parametrize("ttl", ["none", "1h", "36500d"])
@pytest.mark.parametrize("year", [1, 9999])
def test_times_of_the_first_and_the_last_year_are_times(tmp_path, ttl, year):
    joining = Joining(tmp_path)
    day = (
        dt.datetime(year, 1, 1, tzinfo=UTC)
        if year == 1
        else dt.datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)
    )
    joining.entity("driver", driver="int64")
    joining.source(
        "v", {"driver": [1, 2], "ts": pa.array([day, moment("10:00")], UTC_US), "n": [1, 2]}
    )
    joining.view("v", ["driver"], {"n": "int64"}, ttl=ttl)
    rows = {"driver": [1, 2], "event_timestamp": pa.array([day, day], UTC_US)}
    other = {"driver": ["1", "2"], "event_timestamp": [day.isoformat()] * 2}
    (tmp_path / "f.csv").write_text(
        "driver,event_timestamp\n" + "".join(f"{i},{day.isoformat()}\n" for i in (1, 2))
    )
    expected = [1, 2 if year == 9999 and ttl == "none" else None]
    for frame in (pa.table(rows), pa.table(other), tmp_path / "f.csv", pl.DataFrame(rows)):
        training = joining.join(frame, "v:n")
        assert training.to_arrow()["n"].to_pylist() == expected
    assert f"1,{day.isoformat()},1\n" in _csv(joining.join(tmp_path / "f.csv", "v:n"), tmp_path)


def _csv(training, folder):
    training.write(folder / "out.csv")
    return (folder / "out.csv").read_text()


def test_frames_without_rows_give_their_columns(drivers, tmp_path):
    empty = labelled(**LABELS).slice(0, 0)
    pq.write_table(empty.drop_columns(["view"]), tmp_path / "e.parquet")
    (tmp_path / "e.csv").write_text("driver,event_timestamp,label\n")
    for frame in (
        empty,
        empty.to_reader(),
        tmp_path / "e.parquet",
        tmp_path / "e.csv",
        pl.DataFrame(labelled()[:0]),
    ):
        training = drivers.join(frame, "v:n")
        assert training.to_arrow().num_rows == training.rows == 0
        assert training.schema.names[-1] == "n"
        assert training.report.views[0].matched == 0


@pytest.mark.parametrize(
    ("frame", "codes"),
    [
        (pa.table({}), {"FC305", "FC306"}),
        (pa.table([[1], [2]], names=["driver", "driver"]), {"FC314", "FC306"}),
        (pd.DataFrame([[1, 2]], columns=["driver", "driver"]), {"FC314"}),
        (pd.DataFrame(index=[1, 2]), {"FC305", "FC306"}),
        (pa.table({"driver": [1.5], "event_timestamp": [0]}), {"FC307"}),
        (pa.table({"Driver": [1], "event_timestamp": ["2024-01-01"]}), {"FC305"}),
        (pa.table({"driver": [1], "event_timestamp": ["2024-01-01"], "N": [1]}), {"FC308"}),
    ],
)  # fmt: skip
def test_what_a_frame_lacks_is_told_at_once(drivers, frame, codes):
    with pytest.raises((RequestError, ManyErrors)) as found:
        drivers.join(frame, "v:n")
    errors = found.value.errors if isinstance(found.value, ManyErrors) else [found.value]
    assert {error.code for error in errors} == codes


def test_pandas_frames_of_every_dtype_come_back(drivers):
    given = pd.DataFrame(
        {
            "driver": pd.array([2, None, 1], "Int64"),
            "event_timestamp": pd.to_datetime(["2024-01-01 11:00"] * 3).tz_localize("Asia/Tokyo"),
            "kind": pd.Categorical(["b", None, "a"], categories=["b", "a", "z"], ordered=True),
            "gap": pd.array([1.5, None, 2], "Float32"),
            "text": pd.array(["x", None, ""], "string"),
            7: [1, 2, 3],
        },
        index=pd.Index([9, 9, 9], name="id"),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = drivers.join(given, "v:n").to_pandas()
    assert [*found.columns] == ["driver", "event_timestamp", "kind", "gap", "text", "7", "n"]
    assert found["kind"].cat.categories.tolist() == ["b", "a", "z"]
    assert str(found["event_timestamp"].dtype).endswith("Asia/Tokyo]")
    assert found["n"].isna().all()  # 11:00 in Tokyo is 02:00 UTC, before any row


def test_polars_frames_of_every_dtype_come_back(drivers):
    given = pl.DataFrame(
        {
            "driver": pl.Series([2, None, 1], dtype=pl.Int32),
            "event_timestamp": pl.Series([moment("11:00")] * 3, dtype=pl.Datetime("ns", "UTC")),
            "kind": pl.Series(["b", None, "a"], dtype=pl.Categorical),
            "sort": pl.Series(["x", None, "y"], dtype=pl.Enum(["x", "y"])),
            "nested": [[{"a": 1}], None, []],
        }
    )
    found = drivers.join(given, "v:n").to_polars()
    assert found["n"].to_list() == [2, None, 1]
    assert found.drop("n").to_dicts() == given.to_dicts()


def test_a_frame_that_changes_while_it_is_joined_is_refused(drivers, tmp_path):
    path = tmp_path / "labels.csv"
    for change in ("append", "replace", "remove"):
        path.write_text("driver,event_timestamp,label\n1,2024-01-01T11:00,007\n")
        training = drivers.join(path, "v:n")
        if change == "append":
            path.write_text(path.read_text() + "2,2024-01-01T11:00,008\n")
        elif change == "replace":
            (tmp_path / "new").write_text("driver,event_timestamp,label\n2,2024-01-01T11:00,008\n")
            (tmp_path / "new").replace(path)
        else:
            path.unlink()
        with pytest.raises(SourceError, match="changed while it was read") as error:
            training.write(tmp_path / "out.parquet")
        assert error.value.code == "FC207"
        assert not (tmp_path / "out.parquet").exists()
        assert not list(tmp_path.glob(".out*"))


def test_a_source_that_sql_alone_reads_must_not_change_either(drivers, tmp_path):
    drivers.source("rows", {"driver": [1], "ts": times("11:00")})
    sql = "select driver, ts as event_timestamp from rows"
    training = drivers.join(None, "v:n", sql=sql)
    assert training.to_arrow()["n"].to_pylist() == [1]
    training = drivers.join(None, "v:n", sql=sql)
    pq.write_table(
        pa.table({"driver": [1, 2], "ts": times("11:00", "11:00")}), tmp_path / "rows.parquet"
    )
    with pytest.raises(SourceError, match='source "rows"') as error:
        training.to_arrow()
    assert error.value.code == "FC207"


def test_a_sample_of_any_frame_is_a_part_of_it_in_order(drivers, tmp_path):
    clocks = times(*["11:00"] * 1000)
    whole = pa.table({"driver": [1] * 1000, "event_timestamp": clocks, "i": range(1000)})
    pq.write_table(whole, tmp_path / "f.parquet", row_group_size=7)
    samples = [
        drivers.join(frame, "v:n", sample=50).to_arrow()["i"].to_pylist()
        for frame in (whole, whole.to_reader(10), tmp_path / "f.parquet")
    ]
    assert samples[0] == samples[1] == samples[2] == sorted(set(samples[0]))
    assert len(samples[0]) == 50
    assert drivers.join(whole, "v:n", sample=1000).to_arrow().num_rows == 1000
    made = drivers.join(None, "v:n", at_us=10**16, sample=1)
    assert made.to_arrow().num_rows == made.rows == 1
    with pytest.raises(RequestError, match="a sample of 0 rows is none"):
        drivers.join(whole, "v:n", sample=0)


def test_two_kinds_of_rows_at_once_are_refused(drivers):
    with pytest.raises(RequestError, match="an entity frame and SQL were both given") as error:
        drivers.join(labelled(), "v:n", sql="select 1")
    assert error.value.code == "FC315"
    with pytest.raises(RequestError, match="SQL and a range or time were both given"):
        drivers.join(None, "v:n", sql="select 1", at_us=0)
