"""Historical retrieval over sources of every form, and over sources that are broken."""

from __future__ import annotations

import os

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from joining import Joining, frame, simple_view, times, values

from featurectl.errors import SourceError
from featurectl.offline.duckdb import DuckDBEngine


@pytest.fixture
def joining(tmp_path) -> Joining:
    joining = Joining(tmp_path)
    joining.entity("zip", zip="string")
    return joining


def test_csv_is_read_by_declared_types(joining, tmp_path):
    (tmp_path / "v.csv").write_text(
        'zip,when,n,tags\n012,2024-01-01T10:00Z,1,"[a, b]"\n'
        "12,2024-01-01T11:00+01:00,2,[]\n,2024-01-01,3,\n"
    )
    joining.source("v", None, path="v.csv", event_timestamp="when")
    joining.view("v", ["zip"], {"n": "int64", "tags": "list<string>"})
    training = joining.join(frame("zip", ("012", "12:00"), ("12", "12:00"), ("12", "09:59")), "v")
    assert values(training) == [1, 2, None]
    assert values(training, "tags") == [["a", "b"], [], None]
    assert training.report.views[0].ignored == 1


def test_hive_folders_are_keys_and_times(joining, tmp_path):
    for zip_code, day, n in (
        ("012", "2024-01-01", 1),
        ("012", "2024-01-02", 2),
        ("12", "2024-01-01", 3),
    ):
        folder = tmp_path / f"v/zip={zip_code}/day={day}"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"n": [n]}), folder / "a.parquet")
    joining.source("v", None, path="v", event_timestamp="day")
    joining.view("v", ["zip"], {"n": "int64"}, ttl="1d")
    rows = frame("zip", ("012", "12:00"), ("012", "2024-01-02T00:00Z"), ("12", "2024-01-03T00:00Z"))
    assert values(joining.join(rows, "v:n")) == [1, 2, None]


def test_keys_of_bytes_are_found_in_files_that_duckdb_wrote(tmp_path):
    joining = Joining(tmp_path)
    joining.entity("tag", tag="bytes")
    rows = pa.table({"tag": [b"\x80A"] * 20, "ts": times(*["10:00"] * 20), "n": [1] * 20})
    duckdb.from_arrow(rows).write_parquet(str(tmp_path / "v.parquet"))
    joining.source("v", None)
    joining.view("v", ["tag"], {"n": "int64"})
    labels = frame("tag", *[(b"\x80A", "12:00")] * 20)
    assert values(joining.join(labels, "v:n")) == [1] * 20


def test_files_of_an_older_layout_give_null_for_a_new_feature(joining, tmp_path):
    (tmp_path / "v").mkdir()
    pq.write_table(
        pa.table({"zip": ["a"], "ts": times("10:00"), "n": [1]}), tmp_path / "v/1.parquet"
    )
    newer = {"m": [2.5], "n": [2], "ts": times("11:00"), "zip": ["b"]}
    pq.write_table(pa.table(newer), tmp_path / "v/2.parquet")
    joining.source("v", None, path="v/*.parquet")
    joining.view("v", ["zip"], {"n": "int64", "m": "float64"})
    training = joining.join(frame("zip", ("a", "12:00"), ("b", "12:00")), "v")
    assert (values(training), values(training, "m")) == ([1, 2], [None, 2.5])


def test_winner_is_the_same_whatever_file_it_is_in(joining, tmp_path):
    (tmp_path / "v").mkdir()
    rows = [("a", "10:00", 1), ("a", "10:00", 3), ("a", "10:00", 2)]
    for order in ([0, 1, 2], [1, 2, 0], [2, 0, 1]):
        for place, row in enumerate(order):
            zip_code, clock, n = rows[row]
            table = pa.table({"zip": [zip_code], "ts": times(clock), "n": [n]})
            pq.write_table(table, tmp_path / f"v/{place}.parquet")
        joining.source("v", None, path="v")
        joining.view("v", ["zip"], {"n": "int64"})
        assert values(joining.join(frame("zip", ("a", "12:00")), "v:n")) == [3]


def test_column_without_any_value_gives_nulls(joining):
    joining.source(
        "v",
        {"zip": ["a"], "ts": times("10:00"), "n": pa.nulls(1), "w": pa.nulls(1)},
        created_timestamp="w",
    )
    joining.view("v", ["zip"], {"n": "timestamp"})
    training = joining.join(frame("zip", ("a", "12:00")), "v:n")
    assert values(training) == [None]
    assert training.report.views[0].matched == 1


def test_edge_of_the_ttl_is_inclusive_before_1970(tmp_path):
    joining = simple_view(Joining(tmp_path), (1, "1960-01-01T10:00Z", 1), ttl="1h")
    rows = frame("driver", (1, "1960-01-01T11:00Z"), (1, "1960-01-01T11:00:00.000001Z"))
    assert values(joining.join(rows, "v:n")) == [1, None]


BROKEN = {
    "FC201": ("gone/*.parquet", {}),
    "FC202": ("bad.parquet", {}),
    "FC203": ("mixed/*.parquet", {}),
    "FC204": ("good.parquet", {"features": {"n": "string"}}),
    "FC205": ("good.parquet", {"features": {"m": "int64"}}),
    "FC208": ("good.parquet", {"event_timestamp": "n"}),
}


@pytest.mark.parametrize("code", BROKEN)
def test_broken_source_is_an_error_with_its_code(joining, tmp_path, code):
    path, change = BROKEN[code]
    good = {"zip": ["a"], "ts": times("10:00"), "n": [1]}
    pq.write_table(pa.table(good), tmp_path / "good.parquet")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1nonsense")
    (tmp_path / "mixed").mkdir()
    pq.write_table(pa.table(good), tmp_path / "mixed/1.parquet")
    pq.write_table(pa.table({**good, "n": ["1"]}), tmp_path / "mixed/2.parquet")
    features = change.get("features", {"n": "int64"})
    joining.source("v", None, path=path, event_timestamp=change.get("event_timestamp", "ts"))
    joining.view("v", ["zip"], features)
    with pytest.raises(SourceError) as error:
        joining.join(frame("zip", ("a", "12:00")), "v")
    assert error.value.code == code
    assert '"v"' in error.value.message


def test_file_that_breaks_after_its_footer_was_read_leaves_no_output(joining, tmp_path):
    columns = {"zip": ["a"] * 50_000, "ts": times(*["10:00"] * 50_000), "n": list(range(50_000))}
    joining.source("v", columns)
    joining.view("v", ["zip"], {"n": "int64"})
    training = joining.join(frame("zip", ("a", "12:00")), "v")
    path = tmp_path / "v.parquet"
    data, found = bytearray(path.read_bytes()), path.stat()
    data[50 : len(data) - 3000] = b"\xff" * (len(data) - 3050)
    path.write_bytes(data)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))  # as if a disk had done it
    with pytest.raises(SourceError) as error:
        training.write(tmp_path / "out.parquet")
    assert error.value.code == "FC206"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["v.parquet"]


def test_join_larger_than_the_memory_limit_spills(tmp_path):
    joining = Joining(tmp_path, DuckDBEngine(tmp_path, memory_limit="80MB", threads=2))
    n = 400_000
    drivers = pa.array(range(n))
    joining.entity("driver", driver="int64")
    words = pa.array([f"{i:064d}" for i in range(n)])
    joining.source(
        "v", {"driver": drivers, "ts": times(*["10:00"]).take(pa.array([0] * n)), "w": words}
    )
    joining.view("v", ["driver"], {"w": "string"})
    rows = pa.table({"driver": drivers, "event_timestamp": times("11:00").take(pa.array([0] * n))})
    assert joining.join(rows, "v:w").to_arrow()["w"].equals(pa.chunked_array([words]))
