"""The newest row of each entity, over real files and a real engine."""

from __future__ import annotations

import random
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from featurectl.definitions.instant import to_datetime
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import FeatureView
from featurectl.offline.duckdb import DuckDBEngine
from featurectl.offline.protocol import Query
from featurectl.queries.expression import to_sql
from featurectl.queries.latest import Reading, counts, latest
from featurectl.queries.relation import EventRange, SourcedView

US = pa.timestamp("us", "UTC")
ALL = Reading()


@pytest.fixture
def engine(tmp_path):
    engine = DuckDBEngine(tmp_path)
    yield engine
    engine.close()


class Rows:
    """A source of rows ``(key, event, created or None, value)``; times are microseconds."""

    def __init__(self, engine, tmp_path, rows, *, created=True, is_static=False, keys=None):
        self.engine = engine
        self.keys = {"id": "int64"} if keys is None else keys
        columns = {
            "id": pa.array([row[0] for row in rows], pa.int64()),
            "at": pa.array([row[1] for row in rows], US),
            "known": pa.array([row[2] for row in rows], US),
            "x": pa.array([row[3] for row in rows], pa.float64()),
        }
        pq.write_table(pa.table(columns), tmp_path / "rows.parquet")
        self.source = FileSource(
            "s",
            path="rows.parquet",
            event_timestamp="none" if is_static else "at",
            created_timestamp="known" if created and not is_static else None,
        )

    def view(self):
        view = FeatureView("v", source="s", ttl="none", features={"x": "float64"})
        state = self.engine.schema(self.source)
        files = [file.path for file in state.files]
        return SourcedView(view, self.source, self.keys, files, state.columns)

    def latest(self, reading=ALL):
        query = to_sql(latest(self.view(), ["x"], reading))
        found = self.engine.fetch(Query(query)).read_all().to_pylist()
        return sorted(found, key=lambda row: row.get("k0", 0))

    def values(self, reading=ALL):
        return {row["k0"]: row["f0"] for row in self.latest(reading)}

    def counts(self, reading=ALL):
        (row,) = (
            self.engine.fetch(Query(to_sql(counts(self.view(), reading)))).read_all().to_pylist()
        )
        return row["n"], row["keys"], row["l"]


def within(first, last, created_after=None):
    return Reading(EventRange(first, last), created_after)


def test_the_greatest_event_time_wins_whatever_was_created_later(engine, tmp_path):
    rows = Rows(engine, tmp_path, [(1, 10, 99, 0.1), (1, 11, 11, 0.2), (2, 5, 5, 0.9)])
    assert rows.values() == {1: 0.2, 2: 0.9}


def test_of_equal_event_times_the_greatest_created_time_wins(engine, tmp_path):
    rows = Rows(engine, tmp_path, [(1, 10, 20, 2.0), (1, 10, 21, 1.0), (1, 10, None, 3.0)])
    assert rows.values() == {1: 1.0}


def test_of_equal_times_content_decides_and_the_tie_is_counted(engine, tmp_path):
    tied = [(1, 10, 20, 1.0), (1, 10, 20, None), (1, 10, 20, float("inf")), (1, 9, 30, 9.0)]
    rows = Rows(engine, tmp_path, [*tied, (2, 10, 20, 5.0)])
    first, second = rows.latest()
    assert (first["f0"], first["n"], first["t"]) == (float("inf"), 4, 3)
    assert (second["f0"], second["n"], second["t"]) == (5.0, 1, 1)


def test_a_zero_that_won_by_content_keeps_its_sign(engine, tmp_path):
    rows = Rows(engine, tmp_path, [(1, 10, 20, -0.0), (1, 10, 20, None), (1, 10, 20, -0.0)])
    assert str(rows.values()[1]) == "-0.0"


def test_a_null_of_the_newest_row_is_its_value(engine, tmp_path):
    rows = Rows(engine, tmp_path, [(1, 10, None, 5.0), (1, 11, None, None)])
    assert rows.values() == {1: None}


def test_both_ends_of_a_range_are_read_and_nothing_beyond(engine, tmp_path):
    rows = Rows(engine, tmp_path, [(1, 9, None, 9.0), (2, 10, None, 10.0), (3, 20, None, 20.0),
                                   (4, 21, None, 21.0)])  # fmt: skip
    assert rows.values(within(10, 20)) == {2: 10.0, 3: 20.0}
    assert rows.counts(within(10, 20)) == (2, 2, 0)


def test_rows_that_became_known_since_are_read_whatever_their_event_time(engine, tmp_path):
    rows = Rows(engine, tmp_path, [
        (1, 3, 16, 3.0),  # late
        (2, 3, 15, 3.0),  # known before
        (3, 12, 12, 12.0),  # new
        (3, 4, 30, 4.0),  # late, and not the newest
        (4, 25, 25, 25.0),  # after the end
    ])  # fmt: skip
    reading = within(10, 20, created_after=15)
    assert rows.values(reading) == {1: 3.0, 3: 12.0}
    assert [(row["n"], row["l"]) for row in rows.latest(reading)] == [(1, 1), (2, 1)]
    assert rows.counts(reading) == (3, 2, 2)


def test_a_null_created_time_counts_as_the_event_time(engine, tmp_path):
    rows = Rows(engine, tmp_path, [(1, 8, None, 8.0), (2, 6, None, 6.0)])
    assert rows.values(within(10, 20, created_after=7)) == {1: 8.0}


def test_a_view_without_entity_has_one_row_and_none_of_no_rows(engine, tmp_path):
    rows = Rows(
        engine, tmp_path, [(1, 8, None, 7.0), (2, 11, None, 8.0), (3, 11, None, 6.0)], keys={}
    )
    (row,) = rows.latest()
    assert (row["f0"], row["n"], row["t"]) == (8.0, 3, 2)
    assert rows.latest(within(12, 20)) == []
    assert rows.counts(within(12, 20)) == (0, 0, 0)


def test_rows_of_a_static_source_are_told_apart_by_content(engine, tmp_path):
    data = [(1, None, None, 1.0), (1, None, None, 2.0), (2, None, None, None)]
    rows = Rows(engine, tmp_path, data, is_static=True)
    assert rows.values() == {1: 2.0, 2: None}
    first, second = rows.latest()
    assert (first["e"], first["c"], first["t"], second["t"]) == (None, None, 2, 1)
    assert (first["n"], second["n"]) == (2, 1)
    assert rows.counts() == (3, 2, 0)


def test_an_empty_source_has_no_newest_row(engine, tmp_path):
    rows = Rows(engine, tmp_path, [])
    assert rows.latest() == []
    assert rows.counts() == (0, 0, 0)


def test_keys_of_several_columns_and_types_are_one_entity_together(engine, tmp_path):
    table = pa.table({
        "name": ["a", "a", "b", "A"],
        "day": [date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 1), date(2024, 1, 1)],
        "raw": [b"\x00", b"\x00", b"\x00", b"\x00"],
        "at": pa.array([1, 2, 3, 4], US),
        "x": [1.0, 2.0, 3.0, 4.0],
    })  # fmt: skip
    pq.write_table(pa.concat_tables([table, table]), tmp_path / "rows.parquet")
    source = FileSource("s", path="rows.parquet", event_timestamp="at")
    view = FeatureView("v", source="s", ttl="none", features={"x": "float64"})
    state = engine.schema(source)
    keys = {"name": "string", "day": "date", "raw": "bytes"}
    sourced = SourcedView(view, source, keys, [file.path for file in state.files], state.columns)
    found = engine.fetch(Query(to_sql(latest(sourced, ["x"], ALL)))).read_all().to_pylist()
    assert sorted((row["f0"], row["t"]) for row in found) == [
        (1.0, 2),
        (2.0, 2),
        (3.0, 2),
        (4.0, 2),
    ]


def test_the_newest_rows_are_those_of_brute_force(engine, tmp_path):
    chance = random.Random(7)
    for _ in range(15):
        data = [
            (
                chance.randrange(6),
                chance.randrange(-5, 6),
                chance.choice([None, *range(-6, 9)]),
                chance.choice([None, 0.0, 1.0, 2.0]),
            )
            for _ in range(chance.randrange(60))
        ]
        first, after = chance.randrange(-6, 4), chance.choice([None, chance.randrange(-6, 9)])
        reading = within(first, first + 4, after)
        rows = Rows(engine, tmp_path, data)
        assert {row["k0"]: _facts(row) for row in rows.latest(reading)} == _oracle(data, reading)


def _facts(row):
    return row["e"], row["c"], row["f0"], row["n"], row["l"], row["t"]


def _oracle(data, reading):
    """Each entity's winner and its counts, by going through the rows one by one."""
    events, after = reading.events, reading.created_after_us
    found = {}
    for key in {row[0] for row in data}:
        mine = [
            (event, event if created is None else created, value)
            for k, event, created, value in data
            if k == key and event <= events.last_us
        ]
        late = [r for r in mine if r[0] < events.first_us and after is not None and r[1] > after]
        mine = [r for r in mine if r[0] >= events.first_us] + late
        if mine:
            best = max(mine, key=lambda r: (r[0], r[1], r[2] is not None, r[2] or 0.0))
            ties = sum(r[:2] == best[:2] for r in mine)
            found[key] = (*best, len(mine), len(late), ties)
    return found


def test_times_are_told_apart_to_the_microsecond_over_all_of_time(engine, tmp_path):
    far = [-(2**55), -(2**55) + 1, 2**55, 2**55 + 1]
    rows = Rows(engine, tmp_path, [(i % 2, us, None, float(i)) for i, us in enumerate(far)])
    assert to_datetime(far[0]).year < 1000
    assert rows.values() == {0: 2.0, 1: 3.0}
