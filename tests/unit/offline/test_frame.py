"""Entity frames from files, from stdin and from memory."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import threading
from types import SimpleNamespace

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from featurectl.errors import RequestError, SourceError
from featurectl.offline.read_frame import read_frame
from featurectl.offline.spilled_frame import spilled_frame

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


@pytest.mark.parametrize("kind", ["parquet", "arrow", "stream", "table", "reader"])
def test_columns_keep_their_types_in_every_form(tmp_path, kind):
    if kind == "parquet":
        pq.write_table(RICH, tmp_path / "f")
    elif kind == "arrow":
        _write_ipc(RICH, tmp_path / "f")
    elif kind == "stream":
        _write_stream(RICH, tmp_path / "f")
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


def test_csv_comes_from_stdin(monkeypatch):
    stdin = SimpleNamespace(buffer=io.BytesIO(b"id\n1\n"))
    monkeypatch.setattr(sys, "stdin", stdin)
    frame = read_frame("-").typed({"id": "string"})
    assert whole(frame)["id"].to_pylist() == ["1"]


def test_parquet_and_arrow_come_from_stdin(monkeypatch):
    for write in (pq.write_table, _write_ipc, _write_stream):
        data = io.BytesIO()
        write(RICH, data)
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data.getvalue())))
        assert whole(read_frame("-")).equals(RICH)


def _write_ipc(table, file):
    with pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def _write_stream(table, file):
    with pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)


def test_a_pipe_is_read_once_and_kept(tmp_path):
    pipe = tmp_path / "63"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(b"id\n1\n"))
    writer.start()
    frame = read_frame(pipe).typed({"id": "int64"})
    writer.join()
    assert whole(frame).equals(whole(frame))
    assert whole(frame)["id"].to_pylist() == [1]
    assert frame.label == str(pipe)


def test_what_stdin_gave_is_removed_with_the_frame(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"id\n1\n")))
    frame = read_frame("-")
    assert len(list(tmp_path.iterdir())) == 1
    del frame
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("held", [0, 1 << 20])
def test_rows_that_come_once_are_kept_in_memory_or_on_disk(monkeypatch, tmp_path, held):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    reader = RICH.to_reader(max_chunksize=1)
    frame = spilled_frame(reader.schema, reader, held_bytes=held)
    assert whole(frame).equals(RICH)
    assert frame.select(["at", "id"]).equals(RICH.select(["at", "id"]))
    assert len(list(tmp_path.iterdir())) == (0 if held else 1)
    del frame
    assert list(tmp_path.iterdir()) == []


def test_rows_that_fail_while_they_are_kept_leave_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def failing():
        yield from RICH.to_batches()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        spilled_frame(RICH.schema, failing(), held_bytes=0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", [pq.write_table, _write_ipc, _write_stream, pacsv.write_csv])
def test_file_that_is_written_again_between_two_passes_is_refused(tmp_path, write):
    path = tmp_path / "f.csv"
    write(pa.table({"id": [1, 2]}), path)
    frame = read_frame(path)
    write(pa.table({"id": [1, 2, 3]}), path)
    with pytest.raises(SourceError) as error:
        frame.select(["id"])
    assert error.value.code == "FC207"
    with pytest.raises(SourceError, match=r"f\.csv was changed while it was read"):
        list(frame.batches())


@pytest.mark.parametrize("write", [pq.write_table, _write_ipc, _write_stream, pacsv.write_csv])
def test_file_that_is_gone_between_two_passes_is_refused(tmp_path, write):
    path = tmp_path / "f.csv"
    write(pa.table({"id": [1, 2]}), path)
    frame = read_frame(path)
    path.unlink()
    with pytest.raises(SourceError) as error:
        list(frame.batches())
    assert error.value.code == "FC207"


@pytest.mark.parametrize("write", [pq.write_table, _write_ipc, _write_stream])
def test_frame_without_rows_keeps_its_columns(tmp_path, write):
    write(RICH.slice(0, 0), tmp_path / "f")
    frame = read_frame(tmp_path / "f")
    assert frame.schema == RICH.schema
    assert whole(frame).num_rows == frame.select(["id"]).num_rows == 0


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
    assert error.value.help[0].startswith("collect it" if hasattr(given, "collect") else "give a")
