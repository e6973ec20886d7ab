"""A view's rows as a relation, over real files and a real engine."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from featurectl.definitions.instant import parse_instant
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import FeatureView
from featurectl.errors import SourceError
from featurectl.offline.duckdb import DuckDBEngine
from featurectl.offline.protocol import Query
from featurectl.queries.expression import to_sql
from featurectl.queries.relation import EVERYTHING, EventRange, SourcedView, ignored_rows, relation

NOON = parse_instant("2024-01-01T12:00Z")


@pytest.fixture
def engine(tmp_path):
    engine = DuckDBEngine(tmp_path)
    yield engine
    engine.close()


def sourced(engine, *, path="*.parquet", keys=None, features=None, **source) -> SourcedView:
    source = FileSource("s", path=path, **{"event_timestamp": "at", **source})
    view = FeatureView("v", source="s", ttl="none", features=features or {"x": "int64"})
    state = engine.schema(source)
    paths = [file.path for file in state.files]
    return SourcedView(
        view, source, keys if keys is not None else {"id": "int64"}, paths, state.columns
    )


def rows(engine, view: SourcedView, *names: str, events=EVERYTHING) -> list[dict[str, Any]]:
    query = relation(view, names or tuple(view.view.features), events)
    return engine.fetch(Query(to_sql(query))).read_all().to_pylist()


def ignored(engine, view: SourcedView) -> int:
    return engine.fetch(Query(to_sql(ignored_rows(view)))).read_all()["n"][0].as_py()


def write(path, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def instants(*texts: str):
    return pa.array([parse_instant(text) for text in texts], pa.timestamp("us", "UTC"))


@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_event_times_of_any_unit_and_zone_are_utc_microseconds(engine, tmp_path, unit, zone):
    at = pa.array([NOON // 10**6, -7], pa.timestamp("s")).cast(pa.timestamp(unit)).view(pa.int64())
    write(tmp_path / "a.parquet", id=[1, 2], at=at.cast(pa.timestamp(unit, zone)), x=[1, 2])
    assert [row["e"] for row in rows(engine, sourced(engine))] == [NOON, -7_000_000]


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_nanoseconds_are_floored_also_before_1970(engine, tmp_path, zone):
    at = pa.array([1999, -1, -1001, -(2**63) + 5], pa.int64()).cast(pa.timestamp("ns", zone))
    write(tmp_path / "a.parquet", id=[1, 2, 3, 4], at=at, x=[1, 2, 3, 4])
    floored = [1, -1, -2, -9223372036854776]
    if zone and duckdb.__version__ < "2":  # it makes microseconds of them itself as it reads them
        floored = [1, 0, -1, -9223372036854775]
    assert [row["e"] for row in rows(engine, sourced(engine))] == floored


ISO = [
    "2024-01-01",
    "2024-01-01T12:00Z",
    "2024-01-01 07:00-05:00",
    "2024-01-01T07:00:01.123456789 +0530",
    " 1969-12-31T23:59:59,9999999z ",
    "2024-02-29 23:59:59.5-11",
    "0001-01-01T00:00:00",
]


def test_text_times_are_read_as_everywhere_else(engine, tmp_path):
    write(tmp_path / "a.parquet", id=range(len(ISO)), at=ISO, x=range(len(ISO)))
    found = {row["k0"]: row["e"] for row in rows(engine, sourced(engine))}
    assert [found[i] for i in range(len(ISO))] == [parse_instant(text) for text in ISO]


@pytest.mark.parametrize(
    "text", ["", "noon", "2024-02-30", "2024-01-01T24:00", "0000-01-01", "1704067200"]
)
def test_text_that_is_no_time_fails_the_query_and_is_named(engine, tmp_path, text):
    write(tmp_path / "a.parquet", id=[1], at=[text], x=[1])
    with pytest.raises(
        SourceError, match=f'column "at" of source "s": "{text}" is not a time'
    ) as error:
        rows(engine, sourced(engine))
    assert error.value.code == "FC208"


def test_dates_are_midnight(engine, tmp_path):
    write(
        tmp_path / "a.parquet", id=[1, 2], at=[dt.date(2024, 1, 1), dt.date(1960, 1, 1)], x=[1, 2]
    )
    expected = [parse_instant("2024-01-01"), parse_instant("1960-01-01")]
    assert [row["e"] for row in rows(engine, sourced(engine))] == expected


def test_rows_without_time_or_key_and_infinite_times_are_left_out_and_counted(engine, tmp_path):
    infinite = 2**63 - 1
    at = pa.array([NOON, None, infinite, -infinite, NOON, NOON], pa.int64()).cast(
        pa.timestamp("us")
    )
    written = pa.array([NOON, NOON, NOON, NOON, NOON, infinite]).cast(pa.timestamp("us"))
    write(tmp_path / "a.parquet", id=[1, 2, 3, 4, None, 6], at=at, w=written, x=[1, 2, 3, 4, 5, 6])
    view = sourced(engine, created_timestamp="w")
    assert [row["k0"] for row in rows(engine, view)] == [1]
    assert ignored(engine, view) == 5


def test_null_created_time_is_the_event_time(engine, tmp_path):
    write(tmp_path / "a.parquet", id=[1, 2], at=instants("2024-01-01", "2024-01-01"),
          w=pa.array([None, NOON], pa.timestamp("us", "UTC")), x=[1, 2])  # fmt: skip
    found = rows(engine, sourced(engine, created_timestamp="w"))
    midnight = parse_instant("2024-01-01")
    assert [(row["c"], row["hc"]) for row in found] == [(midnight, False), (NOON, True)]


def test_static_source_has_rows_without_times(engine, tmp_path):
    write(tmp_path / "a.parquet", id=[1, None], x=[5, 6])
    view = sourced(engine, event_timestamp="none")
    assert rows(engine, view) == [{"k0": 1, "e": None, "c": None, "hc": False, "f0": 5}]
    assert ignored(engine, view) == 1


def test_renamed_columns_are_found_by_their_new_names(engine, tmp_path):
    write(tmp_path / "a.parquet", drv=[1], at=instants("2024-01-01"), raw=[5])
    view = sourced(engine, columns={"drv": "id", "raw": "x"})
    assert [(row["k0"], row["f0"]) for row in rows(engine, view)] == [(1, 5)]


def test_column_missing_in_older_files_is_null(engine, tmp_path):
    write(tmp_path / "a.parquet", id=[1], at=instants("2024-01-01"))
    write(tmp_path / "b.parquet", x=[5], at=instants("2024-01-01"), id=[2])
    found = {row["k0"]: row["f0"] for row in rows(engine, sourced(engine))}
    assert found == {1: None, 2: 5}


def test_paths_are_taken_by_name_whatever_is_in_them(engine, tmp_path):
    name = "it's [a] *star*? \"\u202eé\U0001f600 {x} $1 %20.parquet"
    other = name.replace("[a]", "a").replace("*star*?", "xstarxx")
    write(tmp_path / name, id=[1], at=instants("2024-01-01"), x=[1])
    write(tmp_path / other, id=[2], at=[None], x=[2])
    assert [row["k0"] for row in rows(engine, sourced(engine, path=name))] == [1]


def test_names_with_quotes_are_names(engine, tmp_path):
    odd = 'o"d; drop table x --'
    table = pa.table({"id": [1], 'wh"en': instants("2024-01-01"), odd: [7]})
    pq.write_table(table, tmp_path / "a.parquet")
    view = sourced(engine, event_timestamp='wh"en', columns={odd: "x"})
    assert [row["f0"] for row in rows(engine, view)] == [7]


def test_hive_folders_are_columns_of_the_declared_type(engine, tmp_path):
    for day in ("2024-01-01", "2024-01-02"):
        write(tmp_path / f"d/day={day}/code=007/a.parquet", id=[1], x=[int(day[-1])])
    view = sourced(
        engine, path="d", event_timestamp="day", features={"x": "int64", "code": "string"}
    )
    found = sorted((row["e"], row["f0"], row["f1"]) for row in rows(engine, view))
    assert found == [
        (parse_instant("2024-01-01"), 1, "007"),
        (parse_instant("2024-01-02"), 2, "007"),
    ]


def test_event_range_is_inclusive_at_both_ends(engine, tmp_path):
    times = [NOON - 1, NOON, NOON + 5, NOON + 6]
    for unit, factor in (("us", 1), ("ns", 1000)):
        at = pa.array([us * factor for us in times], pa.int64()).cast(pa.timestamp(unit))
        write(tmp_path / f"{unit}.parquet", id=[1, 2, 3, 4], at=at, x=[1, 2, 3, 4])
        view = sourced(engine, path=f"{unit}.parquet")
        found = rows(engine, view, events=EventRange(NOON, NOON + 5))
        assert [row["k0"] for row in found] == [2, 3]


def test_event_range_of_dates_takes_whole_days(engine, tmp_path):
    days = [dt.date(2024, 1, day) for day in (1, 2, 3)]
    write(tmp_path / "a.parquet", id=[1, 2, 3], at=days, x=[1, 2, 3])
    first, last = parse_instant("2024-01-01T00:00:00.000001"), parse_instant("2024-01-02T00:00")
    assert [row["k0"] for row in rows(engine, sourced(engine), events=EventRange(first, last))] == [
        2
    ]


def test_csv_values_are_read_by_their_declared_types(engine, tmp_path):
    (tmp_path / "a.csv").write_text(
        "id,at,zip,n,f,b,d,t,dec,l,s\n1,2024-01-01T12:00Z,012,-5,1.5,true,2024-01-02,"
        '2024-01-01T07:00-05:00,1.20,"[1, 2]",""\n'
    )
    types = {"zip": "string", "n": "int64", "f": "float64", "b": "bool", "d": "date",
             "t": "timestamp", "dec": "decimal(10,2)", "l": "list<int64>",
             "s": "string"}  # fmt: skip
    [row] = rows(engine, sourced(engine, path="a.csv", features=types))
    noon = dt.datetime(2024, 1, 1, 12, tzinfo=dt.timezone.utc)
    assert row["e"] == NOON
    found = [row[f"f{i}"] for i in range(len(types))]
    assert found == ["012", -5, 1.5, True, dt.date(2024, 1, 2), noon, Decimal("1.20"), [1, 2], ""]


@pytest.mark.parametrize(
    ("kind", "text"),
    [("int64", "1.5"), ("int64", "012"), ("int32", "2147483648"), ("decimal(4,2)", "1.005"),
     ("decimal(4,2)", "100.00"), ("bool", "yes"), ("date", "2024-01-01T12:00"), ("float64", "1,5"),
     ("list<int64>", "[1.5]"), ("timestamp", "noon")],
)  # fmt: skip
def test_csv_text_that_is_no_value_of_its_type_is_refused(engine, tmp_path, kind, text):
    (tmp_path / "a.csv").write_text(f'id,at,x\n1,2024-01-01,"{text}"\n')
    with pytest.raises(SourceError) as error:
        rows(engine, sourced(engine, path="a.csv", features={"x": kind}))
    assert error.value.code in ("FC204", "FC208")


def test_empty_csv_field_is_null_and_a_quoted_one_is_empty_text(engine, tmp_path):
    (tmp_path / "a.csv").write_text('id,at,x\n1,2024-01-01,\n2,2024-01-01,""\n')
    found = rows(engine, sourced(engine, path="a.csv", features={"x": "string"}))
    assert {row["k0"]: row["f0"] for row in found} == {1: None, 2: ""}


@pytest.mark.parametrize("name", ["event", "key", "feature"])
def test_missing_column_is_named_with_the_nearest(engine, tmp_path, name):
    columns = {"id": [1], "at": instants("2024-01-01"), "x": [1]}
    own = {"event": "at", "key": "id", "feature": "x"}[name]
    columns[own + "s"] = columns.pop(own)
    write(tmp_path / "a.parquet", **columns)
    with pytest.raises(SourceError, match=f'source "s" has no column "{own}"') as error:
        rows(engine, sourced(engine))
    assert error.value.code == "FC205"


def test_column_that_would_lose_values_is_refused(engine, tmp_path):
    write(tmp_path / "a.parquet", id=[1], at=instants("2024-01-01"), x=[1.5])
    with pytest.raises(SourceError, match='but column "x" of source "s" is float64') as error:
        rows(engine, sourced(engine))
    assert error.value.code == "FC204"


def test_event_column_that_is_no_time_is_refused(engine, tmp_path):
    write(tmp_path / "a.parquet", id=[1], at=[1.5], x=[1])
    with pytest.raises(
        SourceError, match='column "at" of source "s" is float64, not a time'
    ) as error:
        rows(engine, sourced(engine))
    assert error.value.code == "FC208"


def test_timestamp_features_are_floored_microseconds_utc(engine, tmp_path):
    x = pa.array([1999, -1], pa.int64()).cast(pa.timestamp("ns"))
    write(tmp_path / "a.parquet", id=[1, 2], at=instants("2024-01-01", "2024-01-01"), x=x)
    query = relation(sourced(engine, features={"x": "timestamp"}), ["x"])
    found = engine.fetch(Query(to_sql(query))).read_all()
    assert found.schema.field("f0").type == pa.timestamp("us", "UTC")
    assert found["f0"].cast(pa.int64()).to_pylist() == [1, -1]


def test_timestamps_in_lists_are_floored_too(engine, tmp_path):
    numbers = pa.array([[1999, -1, None], [], None], pa.list_(pa.int64()))
    x = numbers.cast(pa.list_(pa.timestamp("ns")))
    write(tmp_path / "a.parquet", id=[1, 2, 3], at=instants(*["2024-01-01"] * 3), x=x)
    query = relation(sourced(engine, features={"x": "list<timestamp>"}), ["x"])
    found = engine.fetch(Query(to_sql(query))).read_all().sort_by("k0")["f0"]
    assert found.type == pa.list_(pa.timestamp("us", "UTC"))
    assert found.cast(pa.list_(pa.int64())).to_pylist() == [[1, -1, None], [], None]
