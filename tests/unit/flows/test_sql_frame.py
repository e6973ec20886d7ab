"""Entity rows by SQL over the sources of a repository."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from featurectl.definitions.entity import Entity
from featurectl.definitions.repository import Repository
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import FeatureView
from featurectl.errors import RequestError, SourceError
from featurectl.flows.sql_frame import sql_frame
from featurectl.offline.duckdb import DuckDBEngine

UTC = dt.timezone.utc
NANOS = pa.array([1_704_067_200_000_000_999, 1_704_153_600_000_000_000], pa.timestamp("ns"))


@pytest.fixture
def repository(tmp_path):
    pq.write_table(
        pa.table({"cd": ["AA", "UA"], "at": NANOS, "n": pa.array([1, 2], pa.int16())}),
        tmp_path / "log.parquet",
    )
    for day, text in (("2024-01-01", "007"), ("2024-01-02", "1")):
        folder = tmp_path / "days" / f"day={day}"
        folder.mkdir(parents=True)
        (folder / "a.csv").write_text(f"code,when,n\n{text},{day} 12:00+02:00,5\n")
    return Repository(
        "demo",
        entities={"code": Entity("code", join_keys={"code": "string"})},
        sources={
            "log": FileSource(
                "log", path="log.parquet", event_timestamp="at", columns={"cd": "carrier"}
            ),
            "days": FileSource("days", path="days", format="csv", event_timestamp="when"),
        },
        views={
            "v": FeatureView(
                "v", entities=("code",), source="days", ttl="none", features={"n": "int64"}
            )
        },
        services={},
    )


@pytest.fixture
def asked(repository, tmp_path):
    engine = DuckDBEngine(tmp_path)

    def ask(sql, **states):
        frame, read = sql_frame(sql, repository, engine, states)
        return pa.Table.from_batches(frame.batches(), frame.schema), read

    yield ask
    engine.close()


def test_columns_have_the_names_and_types_that_are_used_everywhere_else(asked):
    rows, read = asked("select * from log")
    assert rows.schema == pa.schema(
        [("carrier", pa.string()), ("at", pa.timestamp("us", "UTC")), ("n", pa.int16())]
    )
    assert rows["at"][0].as_py() == dt.datetime(2024, 1, 1, tzinfo=UTC)
    assert [*read] == ["log"]
    assert [file.path.rpartition("/")[2] for file in read["log"].files] == ["log.parquet"]


def test_text_has_the_types_that_views_declare_and_folders_are_columns(asked):
    rows, _ = asked('select * from days where n > 4 order by "when"')
    assert rows.to_pylist() == [
        {
            "day": "2024-01-01",
            "code": "007",
            "when": dt.datetime(2024, 1, 1, 10, tzinfo=UTC),
            "n": 5,
        },
        {"day": "2024-01-02", "code": "1", "when": dt.datetime(2024, 1, 2, 10, tzinfo=UTC), "n": 5},
    ]


def test_rows_come_in_the_order_of_the_query_then_of_all_columns(asked):
    rows, _ = asked("select * from (values (2, 'b'), (1, 'a'), (2, 'a')) v(x, y)")
    assert rows.to_pylist() == [{"x": 1, "y": "a"}, {"x": 2, "y": "a"}, {"x": 2, "y": "b"}]
    rows, _ = asked(
        "select y, x from (values (2, 'b'), (1, 'a'), (2, 'a')) v(x, y) order by x desc"
    )
    assert rows.to_pylist() == [{"y": "a", "x": 2}, {"y": "b", "x": 2}, {"y": "a", "x": 1}]
    rows, _ = asked("select x from range(5) r(x) union all select 7 order by all desc limit 2")
    assert rows["x"].to_pylist() == [7, 4]


def test_a_source_may_be_read_twice_and_under_other_names(asked):
    rows, read = asked(
        "with log as (select * from log where n = 2) "
        "select a.carrier, b.n from log a join LOG b using (n) join days d on d.day >= '2024-01-02'"
    )
    assert rows.to_pylist() == [{"carrier": "UA", "n": 2}]
    assert {*read} == {"log", "days"}


def test_a_result_without_rows_has_its_columns(asked):
    rows, _ = asked("select carrier, at as event_timestamp from log where false")
    assert rows.num_rows == 0
    assert rows.schema.names == ["carrier", "event_timestamp"]


@pytest.mark.parametrize(
    ("sql", "message", "place"),
    [
        ("select\n  carier from log", 'Referenced column "carier" not found', "sql:2:3"),
        ("select n + carrier from log", "No function matches|Could not convert", None),
        ("select carrier::int from log", "Could not convert string 'AA' to INT32", None),
        ("select * from log group by n", "must appear in the GROUP BY", None),
        ("select nosuch(n) from log", "nosuch does not exist", None),
    ],
)
def test_what_the_engine_does_not_like_is_an_error_of_the_sql(asked, sql, message, place):
    with pytest.raises(RequestError, match=message) as error:
        asked(sql)
    assert error.value.code == "FC331"
    if place:
        assert str(error.value.location) == place
        assert error.value.caret == 'did you mean "carrier"?'


@pytest.mark.parametrize("word", ["localtimestamp", "current_date", "user", "current_user"])
def test_a_word_that_is_no_column_is_not_taken_for_the_clock_or_the_user(asked, word):
    with pytest.raises(RequestError) as error:
        asked(f"select {word} from log")
    assert error.value.code == "FC331"
    rows, _ = asked(f'select t."{word}" from (select 1 as "{word}") t')
    assert rows.column_names == [word]


def test_what_a_source_lacks_is_an_error_of_the_source(asked, tmp_path):
    (tmp_path / "days" / "day=2024-01-01" / "a.csv").write_text("code,when,n\n1,noon,5\n")
    with pytest.raises(SourceError, match='"noon" is not a time') as error:
        asked('select max("when") from days')
    assert error.value.code == "FC208"
    (tmp_path / "log.parquet").unlink()
    with pytest.raises(SourceError) as error:
        asked("select 1 from log")
    assert error.value.code == "FC201"
