"""Files that are written whole or not at all."""

from __future__ import annotations

import datetime as dt
import os
import resource
import shutil
import stat
import sys
import tempfile
import threading
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from featurectl.errors import SourceError
from featurectl.offline.csv_text import csv_header, csv_lines
from featurectl.offline.output import watched, write_output
from featurectl.offline.read_frame import read_frame

UTC = dt.timezone.utc
ROWS = pa.table(
    {
        "id": pa.array([1, None], pa.int64()),
        "word": pa.array(["a", None]).dictionary_encode(),
        "at": pa.array([dt.datetime(2024, 1, 1, 12, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
        "money": pa.array([Decimal("1.20"), None], pa.decimal128(10, 2)),
        "list": pa.array([[1.0, None], []], pa.list_(pa.float64())),
        "raw": pa.array([b"\xff", None], pa.binary()),
        "text": pa.array(['say "hi", ok', ""], pa.large_string()),
        "flag": pa.array([True, None]),
    }
)


def write(path, table=ROWS, **options):
    return write_output(path, table.schema, table.to_batches(max_chunksize=1), **options)


@pytest.mark.parametrize("name", ["a.parquet", "b.PQ", "it's é.parquet"])
def test_parquet_has_the_types_and_values(tmp_path, name):
    size = write(tmp_path / name)
    assert pq.read_table(tmp_path / name).equals(ROWS)
    assert size == (tmp_path / name).stat().st_size
    assert pq.ParquetFile(tmp_path / name).metadata.row_group(0).column(0).compression == "ZSTD"


def test_many_batches_share_row_groups(tmp_path):
    table = pa.table({"x": range(300_000)})
    write_output(tmp_path / "a.parquet", table.schema, table.to_batches(max_chunksize=10_000))
    assert pq.ParquetFile(tmp_path / "a.parquet").num_row_groups == 2


@pytest.mark.parametrize("name", ["a.arrow", "a.feather"])
def test_arrow_file_has_the_types_and_values(tmp_path, name):
    write(tmp_path / name)
    assert pa.ipc.open_file(tmp_path / name).read_all().equals(ROWS)


def test_csv_holds_every_value_as_text(tmp_path):
    write(tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text().splitlines() == [
        "id,word,at,money,list,raw,text,flag",
        '1,a,2024-01-01T12:00:00.000000Z,1.20,"[1.0, null]",/w==,"say ""hi"", ok",true',
        ',,,,[],,"",',
    ]


def test_naive_times_have_no_zone_in_csv(tmp_path):
    table = pa.table({"t": pa.array([0], pa.timestamp("s"))})
    write(tmp_path / "a.csv", table)
    assert (tmp_path / "a.csv").read_text().splitlines()[1] == "1970-01-01T00:00:00"


def test_dash_is_stdout_as_csv(monkeypatch):
    out = BytesIO()
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=out, flush=lambda: None))
    write("-", ROWS.select(["id"]))
    assert out.getvalue() == b"id\n1\n\n"


def test_what_csv_gave_is_written_as_it_was(tmp_path):
    text = 'i,a b,"c,d",\n007,"x\n""y""",, z \n+1,"",1.50,"\r"\n'
    (tmp_path / "a.csv").write_bytes(text.encode())
    frame = read_frame(tmp_path / "a.csv")
    write_output(tmp_path / "b.csv", frame.schema, frame.batches())
    assert (tmp_path / "b.csv").read_bytes() == text.replace('d",\n', 'd",""\n').encode()


@given(
    st.lists(
        st.tuples(
            st.none() | st.text(),
            st.none() | st.floats(allow_nan=False),
            st.none() | st.datetimes(timezones=st.just(UTC)),
        ),
        min_size=1,
    )
)
def test_csv_is_read_back_as_it_was(rows):
    kinds = [("text", pa.large_string()), ("x", pa.float64()), ("at", pa.timestamp("us", "UTC"))]
    columns = [pa.array(column, kind) for column, (_, kind) in zip(zip(*rows), kinds)]  # noqa: B905
    batch = pa.RecordBatch.from_arrays(columns, schema=pa.schema(kinds))
    read = pacsv.read_csv(
        BytesIO(bytes(csv_header(batch.schema)) + bytes(csv_lines(batch))),
        parse_options=pacsv.ParseOptions(newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            column_types=batch.schema, null_values=[""], strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )  # fmt: skip
    assert read.to_pylist() == batch.to_pylist()


def test_stdout_gets_parquet_and_arrow_streams_too(monkeypatch):
    for kind, read in (
        ("parquet", pq.read_table),
        ("arrow", _read_stream),
        ("stream", _read_stream),
    ):
        out = BytesIO()
        monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=out, flush=lambda: None))
        write("-", kind=kind)
        assert read(BytesIO(out.getvalue())).equals(ROWS)


def _read_stream(file):
    return pa.ipc.open_stream(file).read_all()


def test_a_stream_of_arrow_is_a_file_too(tmp_path):
    write(tmp_path / "a.arrows")
    assert (
        read_frame(tmp_path / "a.arrows").select(["id", "list"]).equals(ROWS.select(["id", "list"]))
    )


def test_floats_of_many_values_have_no_dictionary_and_few_values_have(tmp_path):
    few, many = [i % 7 for i in range(50_000)], [i / 7 for i in range(50_000)]
    table = pa.table({"few": pa.array(few, pa.float64()), "many": many})
    write_output(tmp_path / "a.parquet", table.schema, table.to_batches())
    group = pq.ParquetFile(tmp_path / "a.parquet").metadata.row_group(0)
    assert group.column(0).total_compressed_size < 40_000 < group.column(1).total_compressed_size
    assert pq.read_table(tmp_path / "a.parquet").equals(table)


def test_written_rows_are_watched(tmp_path):
    seen = []
    batches = ROWS.to_batches(max_chunksize=1)
    write_output(tmp_path / "a.csv", ROWS.schema, watched(batches, seen.append))
    assert seen == [1, 2]


@pytest.mark.parametrize("suffix", ["parquet", "csv", "arrow", "arrows"])
def test_no_rows_make_a_file_with_columns(tmp_path, suffix):
    write(tmp_path / f"a.{suffix}", ROWS.slice(0, 0))
    assert (tmp_path / f"a.{suffix}").stat().st_size > 0


def test_unknown_suffix_is_refused_before_anything_is_done(tmp_path):
    with pytest.raises(SourceError, match="names no format") as error:
        write(tmp_path / "a.xlsx")
    assert error.value.code == "FC209"


def test_a_type_that_parquet_lacks_is_told_and_arrow_has_it(tmp_path):
    table = pa.table({"gap": pa.array([pa.MonthDayNano([1, 2, 3])])})
    with pytest.raises(SourceError, match=r"Parquet can't hold a column: .*interval") as error:
        write(tmp_path / "a.parquet", table)
    assert error.value.code == "FC209"
    write(tmp_path / "a.arrow", table)
    assert [path.name for path in tmp_path.iterdir()] == ["a.arrow"]


def failing(table):
    yield table.to_batches()[0]
    raise ValueError("in the middle")


@pytest.mark.parametrize("suffix", ["parquet", "csv", "arrow"])
def test_failure_in_the_middle_leaves_the_old_file_and_nothing_else(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    path.write_text("old")
    with pytest.raises(ValueError, match="in the middle"):
        write_output(path, ROWS.schema, failing(ROWS))
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == [path.name]  # noqa: PTH208


def test_nothing_has_the_final_name_before_all_is_written(tmp_path):
    seen = []

    def batches():
        for batch in ROWS.to_batches(max_chunksize=1):
            seen.append((tmp_path / "a.parquet").exists())
            yield batch

    write_output(tmp_path / "a.parquet", ROWS.schema, batches())
    assert seen == [False, False]


@pytest.fixture
def read_only():
    # Root may write everywhere, so that it becomes nobody for the length of the test.
    folder = Path(tempfile.mkdtemp())
    root = os.geteuid() == 0
    if root:
        os.chown(folder, 65534, 65534)
    folder.chmod(0o500)
    if root:
        os.seteuid(65534)
    yield folder
    if root:
        os.seteuid(0)
    folder.chmod(0o700)
    shutil.rmtree(folder)


def test_read_only_folder_is_an_error(read_only):
    with pytest.raises(SourceError, match="Permission denied") as error:
        write(read_only / "a.parquet")
    assert error.value.code == "FC209"


@pytest.mark.parametrize("name", ["gone/a.parquet", "/proc/a.parquet", "folder/"])
def test_place_that_cannot_be_written_is_an_error_that_names_it(tmp_path, name):
    (tmp_path / "folder").mkdir()
    path = f"{tmp_path}/{name}" if name[0] != "/" else name
    with pytest.raises(SourceError) as error:
        write(path, kind="parquet")
    assert error.value.code == "FC209"


@pytest.mark.parametrize("suffix", ["parquet", "csv", "arrow"])
def test_full_disk_leaves_nothing_half_written(tmp_path, suffix):
    table = pa.table({"x": pa.array(os.urandom(16) for _ in range(100_000))})
    path = tmp_path / f"a.{suffix}"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(SourceError) as error:
            write_output(path, table.schema, table.to_batches(max_chunksize=10_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert error.value.code == "FC209"
    assert os.listdir(tmp_path) == []  # noqa: PTH208


def test_symbolic_link_keeps_pointing_to_the_file(tmp_path):
    (tmp_path / "real").mkdir()
    link = tmp_path / "a.parquet"
    link.symlink_to(tmp_path / "real" / "b.parquet")
    write(link)
    assert link.is_symlink()
    assert pq.read_table(tmp_path / "real" / "b.parquet").num_rows == 2


def test_pipe_is_written_to_as_it_is(tmp_path):
    pipe = tmp_path / "p.csv"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write(pipe, ROWS.select(["id"]))
    reader.join()
    assert read == [b"id\n1\n\n"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
