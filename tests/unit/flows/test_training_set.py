"""What a training set is taken out as, and what it knows of its rows."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from joining import Joining, frame, moment, simple_view, times, values

from featurectl.errors import SourceError


@pytest.fixture
def joining(tmp_path) -> Joining:
    joining = Joining(tmp_path)
    joining.entity("driver", driver="int64")
    return joining


def test_features_come_out_as_their_declared_types(joining):
    columns = {
        "driver": [1],
        "ts": times("10:00"),
        "i8": pa.array([1], pa.int8()),
        "i32": pa.array([1], pa.int32()),
        "f32": pa.array([1.5], pa.float32()),
        "day": pa.array([dt.date(2024, 1, 1)]),
        "word": pa.array(["a"]).dictionary_encode(),
        "raw": pa.array([b"a"], pa.large_binary()),
        "money": pa.array([Decimal("1.1")], pa.decimal128(4, 1)),
        "times": pa.array([[moment("10:00")]], pa.list_(pa.timestamp("ms"))),
    }
    declared = {
        "i8": "int64", "i32": "float64", "f32": "float64", "day": "timestamp", "word": "string",
        "raw": "bytes", "money": "decimal(10,2)", "times": "list<timestamp>",
    }  # fmt: skip
    joining.source("v", columns)
    joining.view("v", ["driver"], declared)
    found = joining.join(frame("driver", (1, "11:00"), (2, "11:00")), "v").to_arrow()
    assert [found.schema.field(name).type for name in declared] == [
        pa.int64(), pa.float64(), pa.float64(), pa.timestamp("us", "UTC"), pa.string(), pa.binary(),
        pa.decimal128(10, 2), pa.list_(pa.timestamp("us", "UTC")),
    ]  # fmt: skip
    first = found.slice(0, 1).to_pylist()[0]
    assert [first[name] for name in declared] == [
        1, 1.0, 1.5, moment("00:00"), "a", b"a", Decimal("1.10"), [moment("10:00")]
    ]  # fmt: skip
    assert all(found[name][1].as_py() is None for name in declared)


def test_int64_values_are_exact_with_nulls_beside_them(joining):
    simple_view(joining, (1, "10:00", 2**53 + 1), (2, "10:00", None))
    training = joining.join(frame("driver", (1, "11:00"), (2, "11:00"), (3, "11:00")), "v:n")
    assert values(training) == [2**53 + 1, None, None]
    data = training.to_pandas()
    assert str(data["n"].dtype) == "Int64"
    assert data["n"][0] == 2**53 + 1
    assert training.to_polars()["n"].to_list() == [2**53 + 1, None, None]


def test_report_says_why_a_value_is_there_or_null(joining):
    simple_view(joining, (1, "10:00", None), (2, "10:00", 2), (4, "2023-06-01T00:00Z", 4), ttl="2h")
    rows = frame("driver", (1, "10:30"), (2, "11:00"), (2, "13:00"), (3, "11:00"), (4, "10:30"))
    document = joining.join(rows, "v:n").report.document()
    assert document == {
        "format": "featurectl.report/1",
        "rows": 5,
        "null_event_timestamps": 0,
        "views": [
            {
                "view": "v", "as": "v", "join_keys": {"driver": "driver"}, "known_at": "off",
                "matched": 2, "expired": 2, "no_row": 1,
                "created_later": 0, "ties": 0, "ignored": 0, "oldest_age_seconds": 3600.0,
                "newest_age_seconds": 1800.0, "features": {"n": {"nulls": 4}},
            }
        ],
        "lints": [],
    }  # fmt: skip


def test_source_that_changes_while_it_is_read_is_an_error(joining, tmp_path):
    simple_view(joining, (1, "10:00", 1))
    training = joining.join(frame("driver", (1, "11:00")), "v:n")
    table = pa.table({"driver": [1, 1], "ts": times("10:00", "10:01"), "n": [1, 2]})
    pq.write_table(table, tmp_path / "v.parquet")
    with pytest.raises(SourceError, match=r'source "v": .* was changed while it was read') as error:
        training.write(tmp_path / "out.parquet")
    assert error.value.code == "FC207"
    assert not (tmp_path / "out.parquet").exists()


def test_frame_that_changes_while_it_is_read_is_an_error(joining, tmp_path):
    simple_view(joining, (1, "10:00", 1))
    path = tmp_path / "entities.parquet"
    for first, then in ((3, 2), (2, 3)):
        pq.write_table(frame("driver", *[(1, "11:00")] * first), path)
        training = joining.join(path, "v:n")
        pq.write_table(frame("driver", *[(1, "11:00")] * then), path)
        with pytest.raises(SourceError, match=r"changed while it was read"):
            training.to_arrow()


def test_rows_and_files_are_the_same_whichever_way_they_are_taken(joining, tmp_path):
    simple_view(joining, (1, "10:00", 1), (2, "10:00", 2))
    training = joining.join(frame("driver", *[(1, "11:00"), (2, "11:00")] * 100), "v:n")
    training.write(tmp_path / "streamed.parquet")
    table = training.to_arrow()
    training.write_parquet(tmp_path / "kept.parquet")
    training.write_csv(tmp_path / "kept.csv")
    assert pq.read_table(tmp_path / "streamed.parquet").equals(table)
    assert pq.read_table(tmp_path / "kept.parquet").equals(table)
    assert len((tmp_path / "kept.csv").read_text().splitlines()) == 201
    assert pa.Table.from_batches(training.batches(), training.schema).equals(table)


def test_threads_may_join_at_once(joining):
    simple_view(joining, *[(n, "10:00", n) for n in range(100)])
    rows = frame("driver", *[(n, "11:00") for n in range(100)])
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: values(joining.join(rows, "v:n")), range(8)))
    assert found == [list(range(100))] * 8


def test_in_a_notebook_it_is_one_line(joining):
    simple_view(joining, (1, "10:00", 1))
    training = joining.join(frame("driver", (1, "11:00"), (1, "12:00")), "v:n")

    assert repr(training) == "<TrainingSet 2 x 3: v>"
