"""Entity frames from files, from stdin and from memory."""

from __future__ import annotations

import datetime as dt
import io
import sys
from types import SimpleNamespace

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from featurectl.errors import RequestError
from featurectl.offline.frame import read_frame

UTC = dt.timezone.utc
RICH = pa.table(
    {
        "id": pa.array([1, 2], pa.int16()),
        "word": pa.array(["a", None]).dictionary_encode(),
        "large": pa.array(["x", "y"], pa.large_string()),
        "at": pa.array([0, 1], pa.timestamp("ms", "America/New_York")),
        "tags": pa.array([[{"k": 1}], None]),
    }
)


def whole(frame) -> pa.Table:
    return pa.Table.from_batches(frame.batches(), frame.schema)


@pytest.mark.parametrize("kind", ["parquet", "arrow", "table", "reader"])
def test_columns_keep_their_types_in_every_form(tmp_path, kind):
    if kind == "parquet":
        pq.write_table(RICH, tmp_path / "f")
    elif kind == "arrow":
        with pa.ipc.new_file(tmp_path / "f", RICH.schema) as writer:
            writer.write_table(RICH)
    given = {"table": RICH, "reader": RICH.to_reader()}.get(kind, tmp_path / "f")
    frame = read_frame(given)
    assert whole(frame).equals(RICH)
    assert whole(frame).equals(RICH)
    assert frame.select(["at", "id"]).equals(RICH.select(["at", "id"]))


def test_parquet_is_read_batch_by_batch_in_file_order(tmp_path):
    table = pa.table({"i": range(150_000)})
    pq.write_table(table, tmp_path / "f.parquet", row_group_size=40_000)
    batches = list(read_frame(str(tmp_path / "f.parquet")).batches())
    assert len(batches) > 2
    assert pa.Table.from_batches(batches)["i"].to_pylist() == list(range(150_000))


def test_pandas_index_is_no_column():
    data = pd.DataFrame({"id": [1, 2]}, index=[7, 9])
    assert whole(read_frame(data)).column_names == ["id"]


def test_polars_frame_is_read():
    data = pl.DataFrame({"id": [1, 2], "c": pl.Series(["a", "b"], dtype=pl.Categorical)})
    assert whole(read_frame(data))["id"].to_pylist() == [1, 2]


CSV = 'id,zip,label,when,note\n1,012,0.5,2024-01-01 12:00:00,""\n2,,1,2024-01-02 00:00:00,\n'


def test_csv_reads_keys_by_declared_type_and_infers_the_others(tmp_path):
    (tmp_path / "f.csv").write_text(CSV)
    frame = read_frame(tmp_path / "f.csv").typed({"id": "int64", "zip": "string"})
    assert whole(frame).to_pydict() == {
        "id": [1, 2],
        "zip": ["012", None],
        "label": [0.5, 1.0],
        "when": [dt.datetime(2024, 1, 1, 12), dt.datetime(2024, 1, 2)],  # noqa: DTZ001 - naive
        "note": ["", None],
    }
    assert frame.schema.field("id").type == pa.int64()


def test_csv_comes_from_stdin(monkeypatch):
    stdin = SimpleNamespace(buffer=io.BytesIO(b"id\n1\n"))
    monkeypatch.setattr(sys, "stdin", stdin)
    frame = read_frame("-").typed({"id": "string"})
    assert whole(frame)["id"].to_pylist() == ["1"]


def test_parquet_and_arrow_come_from_stdin(monkeypatch):
    for write in (pq.write_table, _write_ipc):
        data = io.BytesIO()
        write(RICH, data)
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data.getvalue())))
        assert whole(read_frame("-")).equals(RICH)


def _write_ipc(table, file):
    with pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


@pytest.mark.parametrize("text", ["1.5", "012", "1e3", " 1", "x", "99999999999999999999"])
def test_csv_text_that_is_no_integer_is_refused(tmp_path, text):
    (tmp_path / "f.csv").write_text(f"id\n{text}\n")
    with pytest.raises(RequestError) as error:
        read_frame(tmp_path / "f.csv").typed({"id": "int64"})
    assert error.value.code == "FC311"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("gone.parquet", None),
        ("bad.parquet", b"PAR1 but no more"),
        ("bad.arrow", b"ARROW1 but no more"),
        ("what.xyz", b"something"),
        ("wide.csv", b"a,b\n1,2,3\n"),
        ("empty.csv", b""),
    ],
)
def test_unreadable_file_is_named(tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(RequestError) as error:
        read_frame(tmp_path / name).typed({})
    assert error.value.code == "FC314"
    assert name in error.value.message


@pytest.mark.parametrize("given", [object(), 7, pd.DataFrame({"a": [1, "b"]}), pl.LazyFrame()])
def test_what_is_no_frame_is_refused(given):
    with pytest.raises(RequestError) as error:
        read_frame(given)
    assert error.value.code == "FC314"
