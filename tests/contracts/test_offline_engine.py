"""What every offline engine must do; one run of the suite per engine."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from featurectl.definitions.source import FileSource
from featurectl.errors import SourceError
from featurectl.offline.duckdb import DuckDBEngine
from featurectl.offline.protocol import Query
from featurectl.offline.remembered import RememberedSchemas

if TYPE_CHECKING:
    from pathlib import Path

    from featurectl.offline.protocol import OfflineEngine


def remembering(root: Path) -> RememberedSchemas:
    return RememberedSchemas(lambda: DuckDBEngine(root), root, root / "schemas.json")


@pytest.fixture(params=[DuckDBEngine, remembering])
def engine(request: pytest.FixtureRequest, tmp_path: Path):
    engine = request.param(tmp_path)
    yield engine
    engine.close()


def source(path: str, **fields: Any) -> FileSource:
    return FileSource("s", path=path, event_timestamp="none", **fields)


def write(path: Path, **columns: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def code_of(engine: OfflineEngine, asked: FileSource) -> tuple[str, str]:
    with pytest.raises(SourceError) as error:
        engine.schema(asked)
    return error.value.code, error.value.message


def test_schema_names_the_columns_of_all_files_with_their_types_and_counts_rows(engine, tmp_path):
    write(tmp_path / "a.parquet", x=pa.array([1], pa.int32()), old=["a"])
    write(tmp_path / "b.parquet", x=pa.array([1, 2], pa.int32()), new=[[1.5], None])
    state = engine.schema(source("*.parquet"))
    assert dict(state.columns) == {"x": "int32", "old": "string", "new": "list<float64>"}
    assert state.rows == 3
    assert [os.path.basename(file.path) for file in state.files] == ["a.parquet", "b.parquet"]  # noqa: PTH119


def test_schema_of_no_rows_is_fine(engine, tmp_path):
    write(tmp_path / "a.parquet", x=pa.array([], pa.int64()))
    state = engine.schema(source("a.parquet"))
    assert (dict(state.columns), state.rows) == ({"x": "int64"}, 0)


def test_column_that_is_null_throughout_in_one_file_has_the_type_of_the_others(engine, tmp_path):
    write(tmp_path / "a.parquet", x=pa.nulls(1), y=pa.nulls(1))
    write(tmp_path / "b.parquet", x=["a"], y=pa.nulls(1))
    assert dict(engine.schema(source("*.parquet")).columns) == {"x": "string", "y": "<null>"}


@pytest.mark.parametrize("other", [pa.float64(), pa.int32(), pa.string(), pa.list_(pa.int64())])
def test_column_of_two_types_is_an_error_that_names_the_file(engine, tmp_path, other):
    write(tmp_path / "a.parquet", x=[1])
    write(tmp_path / "b.parquet", x=pa.array([None], other))
    code, message = code_of(engine, source("*.parquet"))
    assert code == "FC203"
    assert f'column "x" is {"list<int64>" if pa.types.is_list(other) else ""}' in message
    assert str(tmp_path / "b.parquet") in message


def test_names_that_differ_only_in_case_have_no_type(engine, tmp_path):
    write(tmp_path / "a.parquet", x=[1], X=[2], y=[3])
    columns = engine.schema(source("a.parquet")).columns
    assert columns["y"] == "int64"
    assert columns["x"] == columns["X"] == "<ambiguous: X and x>"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("gone.parquet", "there is no file"),
        ("gone/*.parquet", "no file matches"),
        ("empty", "has no parquet files"),
        ("s3://bucket/x.parquet", "URLs are not supported yet"),
    ],
)
def test_source_without_files_is_an_error_that_says_where_it_looked(engine, tmp_path, path, words):
    (tmp_path / "empty").mkdir()
    code, message = code_of(engine, source(path))
    assert code == "FC201"
    assert words in message
    assert path.rpartition("/")[2] in message or "URL" in message


@pytest.mark.parametrize("content", [b"", b"no parquet at all", b"PAR1" + b"\0" * 20 + b"PAR1"])
def test_file_that_is_no_parquet_is_an_error_with_its_path(engine, tmp_path, content):
    (tmp_path / "bad.parquet").write_bytes(content)
    code, message = code_of(engine, source("*.parquet"))
    assert code == "FC202"
    assert str(tmp_path / "bad.parquet") in message


def test_columns_of_csv_are_text_and_its_rows_are_not_counted(engine, tmp_path):
    (tmp_path / "a.csv").write_text("id,zip\n1,012\n")
    state = engine.schema(source("a.csv"))
    assert (dict(state.columns), state.rows) == ({"id": "<text>", "zip": "<text>"}, None)


@pytest.mark.parametrize("text", ["id,x\n1,2,3\n", 'id,x\n1,"2\n', "id,x\n1\n"])
def test_csv_with_lines_of_other_widths_is_refused_with_its_path(engine, tmp_path, text):
    (tmp_path / "a.csv").write_text(text)
    code, message = code_of(engine, source("a.csv"))
    assert code == "FC202"
    assert str(tmp_path / "a.csv") in message


def test_folder_is_searched_but_for_hidden_and_underscored_names(engine, tmp_path):
    for name in ("a.parquet", "b/c.PARQUET", "_tmp/d.parquet", ".e.parquet", "_f.parquet"):
        write(tmp_path / "d" / name, x=[1])
    (tmp_path / "d" / "_SUCCESS").write_text("")
    files = [file.path for file in engine.schema(source("d")).files]
    assert files == [str(tmp_path / "d/a.parquet"), str(tmp_path / "d/b/c.PARQUET")]


def test_folders_named_as_partitions_are_columns(engine, tmp_path):
    for day in ("2024-01-01", "2024-01-02"):
        write(tmp_path / f"d/day={day}/a.parquet", x=[1])
    columns = engine.schema(source("d")).columns
    assert dict(columns) == {"day": "<text>", "x": "int64"}
    assert engine.schema(source("d/day=*/*.parquet")).rows == 2


def test_digest_changes_when_a_file_is_written_again(engine, tmp_path):
    write(tmp_path / "a.parquet", x=[1])
    before = engine.schema(source("a.parquet")).digest
    assert engine.schema(source("a.parquet")).digest == before
    write(tmp_path / "a.parquet", x=[2])
    os.utime(tmp_path / "a.parquet", ns=(1, 1))
    assert engine.schema(source("a.parquet")).digest != before


def test_fetch_streams_the_result_and_reads_tables_by_name(engine):
    table = pa.table({"x": [3, 1, 2]})
    reader = engine.fetch(Query('SELECT "x" FROM "t" ORDER BY "x"', {"t": table}))
    assert reader.read_all()["x"].to_pylist() == [1, 2, 3]


def test_fetch_stops_in_the_middle_without_harm(engine):
    reader = engine.fetch(Query("SELECT range AS x FROM range(1000000)"))
    assert reader.read_next_batch().num_rows > 0
    reader.close()
    assert engine.fetch(Query("SELECT 1 AS x")).read_all()["x"].to_pylist() == [1]


def test_times_come_out_as_utc(engine):
    found = engine.fetch(Query("SELECT TIMESTAMPTZ '2024-01-01 12:00:00' AS t")).read_all()
    assert found.schema.field("t").type == pa.timestamp("us", "UTC")
    assert found["t"].cast(pa.int64()).to_pylist() == [1_704_110_400_000_000]


@pytest.mark.parametrize("sql", ["SELECT nonsense FROM nowhere", "SELECT error('boom')"])
def test_failing_query_is_an_error_with_the_engines_words(engine, sql):
    with pytest.raises(SourceError) as error:
        engine.fetch(Query(sql)).read_all()
    assert error.value.code == "FC206"
    assert "nowhere" in error.value.message or "boom" in error.value.message


def test_query_that_fails_late_is_an_error_too(engine):
    late = "SELECT CASE WHEN range = 900000 THEN error('boom') ELSE range END FROM range(1000000)"
    with pytest.raises(SourceError, match="boom"):
        engine.fetch(Query(late)).read_all()


def test_file_broken_after_its_footer_was_read_is_an_error_with_its_path(engine, tmp_path):
    path = tmp_path / "a.parquet"
    write(path, x=list(range(100_000)))
    data = bytearray(path.read_bytes())
    data[100 : len(data) // 2] = b"\xff" * (len(data) // 2 - 100)
    path.write_bytes(data)
    with pytest.raises(SourceError) as error:
        engine.fetch(Query(f"SELECT sum(x) FROM read_parquet('{path}')")).read_all()
    assert error.value.code == "FC206"


def test_file_written_again_within_the_same_second_is_read_again(engine, tmp_path):
    path = tmp_path / "a.parquet"
    sql = f"SELECT x FROM read_parquet('{path}')"
    for value in (1, 2):
        write(path, x=[value])
        os.utime(path, (1_700_000_000, 1_700_000_000))
        assert engine.fetch(Query(sql)).read_all()["x"].to_pylist() == [value]


def test_threads_share_an_engine(engine, tmp_path):
    write(tmp_path / "a.parquet", x=list(range(10_000)))
    sums: list[int] = []
    failures: list[BaseException] = []

    def read(n: int) -> None:
        query = Query(
            f"SELECT sum(x + k) AS s FROM read_parquet('{tmp_path / 'a.parquet'}'), t",
            {"t": pa.table({"k": [n]})},
        )
        try:
            for _ in range(5):
                sums.append(int(engine.fetch(query).read_all()["s"][0].as_py()) - n * 10_000)  # noqa: PERF401
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=read, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert sums == [sum(range(10_000))] * 40


def test_export_writes_the_result_and_counts_its_rows(engine, tmp_path):
    out = tmp_path / "it's out.parquet"
    assert engine.export(Query("SELECT range AS x FROM range(1000)"), out) == 1000
    assert pq.read_table(out)["x"].to_pylist() == list(range(1000))


def test_export_that_fails_leaves_nothing(engine, tmp_path):
    (tmp_path / "out").mkdir()
    late = "SELECT CASE WHEN range = 900000 THEN error('boom') ELSE range END FROM range(1000000)"
    with pytest.raises(SourceError):
        engine.export(Query(late), tmp_path / "out" / "x.parquet")
    assert list((tmp_path / "out").iterdir()) == []


def test_deliver_hands_over_every_batch(engine):
    batches: list[pa.RecordBatch] = []
    engine.deliver(Query("SELECT range AS x FROM range(200000)"), batches.append)
    assert sorted(pa.Table.from_batches(batches)["x"].to_pylist()) == list(range(200_000))
    assert len(batches) > 1


def test_nothing_remains_after_close(tmp_path, monkeypatch):
    spill = tmp_path / "spill"
    spill.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spill))
    engine = DuckDBEngine(tmp_path, memory_limit="60MB", threads=1)
    sql = "SELECT range AS x, hash(range) AS h FROM range(8000000) ORDER BY h"
    reader = engine.fetch(Query(sql))
    assert reader.read_next_batch().num_rows > 0
    assert list(spill.iterdir())
    reader.close()
    engine.close()
    assert list(spill.iterdir()) == []


def test_memory_limit_that_is_too_low_says_what_to_raise(tmp_path):
    engine = DuckDBEngine(tmp_path, memory_limit="8MB", threads=1)
    with pytest.raises(SourceError, match="engine failed") as error:
        engine.fetch(Query("SELECT list(range) FROM range(50000000)")).read_all()
    assert "memory_limit" in error.value.help[0]
    engine.close()
