"""Which SQL may give entity rows, and what is said of the other."""

from __future__ import annotations

import duckdb
import pytest

from featurectl.errors import ManyErrors, RequestError
from featurectl.queries.chance import refused_functions
from featurectl.queries.entity_sql import parse_entity_sql

SOURCES = ("flights_log", "airports")


def refused(sql: str) -> list[RequestError]:
    """The errors of a query that is not let through."""
    with pytest.raises((RequestError, ManyErrors)) as found:
        parse_entity_sql(sql, SOURCES)
    error = found.value
    errors = list(error.errors) if isinstance(error, ManyErrors) else [error]
    assert {each.code for each in errors} == {"FC331"}
    return errors


@pytest.mark.parametrize(
    ("sql", "sources"),
    [
        ("select * from flights_log", ("flights_log",)),
        ("SELECT 1 FROM Flights_Log f JOIN AIRPORTS USING (x);", ("flights_log", "airports")),
        ("from airports", ("airports",)),
        ("select 1 from airports;;; -- all", ("airports",)),
        ("(select 1 from airports order by 1 limit 3)", ("airports",)),
        (
            "with a as (select * from airports), b as (select * from a) select * from b",
            ("airports",),
        ),
        ("with airports as (select * from airports where x) select * from airports", ("airports",)),
        ("with recursive n as (select 1 i union all select i + 1 from n where i < 3) from n", ()),
        ("select 1 union select x from airports", ("airports",)),
        ("select * from (values (1)) v(x), range(3), unnest([1]) u(y)", ()),
        (
            "select (select max(x) from airports) m, exists(from flights_log) e",
            ("airports", "flights_log"),
        ),
        ("select first(x order by y), list(x order by y) from airports", ("airports",)),
        ("select row_number() over (order by x), sum(x) over () from airports", ("airports",)),
        ("select distinct on (x) * from airports order by x, y", ("airports",)),
        ("select age(y, x), 'now()', \"random\" from airports -- now()", ("airports",)),
    ],
)
def test_one_query_over_sources_is_let_through(sql: str, sources: tuple[str, ...]) -> None:
    assert parse_entity_sql(sql, SOURCES).sources == sources


def test_an_unknown_table_is_told_with_its_place_and_the_nearest_source() -> None:
    (error,) = refused("select *\nfrom flight_log")
    assert error.render() == (
        'error[FC331] there is no source "flight_log"\n'
        "  --> sql:2:6\n"
        "   |\n"
        " 1 | select *\n"
        " 2 | from flight_log\n"
        '   |      ^^^^^^^^^^ did you mean "flights_log"?\n'
        "   = note: sources: airports, flights_log"
    )


@pytest.mark.parametrize(
    "table",
    [
        "'x.parquet'",
        '"/etc/passwd"',
        "read_csv('x')",
        "read_parquet(['x'])",
        "glob('*')",
        "main.airports",
        "information_schema.tables",
        "duckdb_settings()",
        "query('select 1')",
        "sqlite_master",
        "df",
        "parquet_scan('x')",
        "read_text('x')",
        "(select * from 'x.csv') s",
        "lateral glob('*')",
        "(pivot other on x using sum(y)) p",
        "query_table('x')",
        "json_execute_serialized_sql('x')",
    ],
)
def test_nothing_else_than_sources_is_read(table: str) -> None:
    assert "source" in refused(f"select * from airports, {table}")[0].message


def test_a_cte_is_seen_only_where_it_is_defined() -> None:
    for sql in (
        "with b as (select * from a), a as (select 1) select * from b",
        "select * from (with a as (select 1) select * from a) x, a",
        "with a as (select * from a) select * from a",
    ):
        (error,) = refused(sql)
        assert error.message == 'there is no source "a"'


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("", "the SQL is empty"),
        ("-- nothing", "the SQL is empty"),
        (" ; ;", "the SQL is empty"),
        ("select '\udcff'", "the SQL can't be read: it is no UTF-8"),
        ("select " + "(" * 3000 + "1" + ")" * 3000, "the SQL is nested too deeply"),
        (";select 1; select 2", "this is a second statement"),
        ("select 1; drop table airports", "this is a second statement"),
        ("copy airports to 'x'", "this is no query"),
        ("attach 'x'", "this is no query"),
        ("install httpfs", "this is no query"),
        ("set threads = 1", "this is no query"),
        ("explain select 1", "this is no query"),
        ("with a as (insert into airports values (1)) select 1", "the SQL is no query"),
        ("with a as (select 1) delete from airports", "the SQL is no query"),
        ("select (x from airports", 'the SQL can\'t be read at "from"'),
        ("select 'x from airports", "the SQL can't be read: a quote or a comment does not end"),
        ("select ? from airports", "a parameter has no value here"),
        ("select $1 from airports", "a parameter has no value here"),
        ("select now() from airports", "now: it is another time whenever the query runs"),
        ("select current_date", "current_date: it is another time whenever the query runs"),
        (
            "select age(x) from airports",
            "age of one time: it is another time whenever the query runs",
        ),
        ("select random()", "random: it gives other values whenever the query runs"),
        (
            "select gen_random_uuid()",
            "gen_random_uuid: it gives other values whenever the query runs",
        ),
        ("select getenv('HOME')", "getenv: it tells of this process, not of the sources"),
        (
            "select current_setting('x')",
            "current_setting: it tells of this process, not of the sources",
        ),
        ("select * from airports limit 3", "LIMIT without ORDER BY keeps rows by chance"),
        (
            "select * from airports order by x limit 3 offset 1 union select 1 limit 2",
            "LIMIT without ORDER BY keeps rows by chance",
        ),
        (
            "select * from (select * from airports limit 3) order by x",
            "LIMIT without ORDER BY keeps rows by chance",
        ),
        (
            "select distinct on (x) * from airports",
            "DISTINCT ON without ORDER BY keeps rows by chance",
        ),
        ("select * from airports using sample 3", "a sample gives other rows each time"),
        (
            "select row_number() over () from airports",
            "row_number: rows without an order are numbered by chance",
        ),
        (
            "select any_value(x) from airports",
            "any_value: what it gives depends on the order of the rows",
        ),
        (
            "select string_agg(x, ',') from airports",
            "string_agg: what it gives depends on the order of the rows",
        ),
        ("select * from airports positional join flights_log", "rows are paired by chance"),
    ],
)
def test_what_could_not_be_made_again_is_refused(sql: str, message: str) -> None:
    assert message in [error.message for error in refused(sql)]


def test_all_that_is_wrong_is_told_at_once() -> None:
    errors = refused("select now(), random()\nfrom one, two")
    assert [str(error.location) for error in errors] == [
        "sql:1:8",
        "sql:1:15",
        "sql:2:6",
        "sql:2:11",
    ]


def test_every_function_that_the_engine_calls_volatile_is_refused() -> None:
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability <> 'CONSISTENT'"
        ).fetchall()
    assert {name for (name,) in rows} - refused_functions() == set()
