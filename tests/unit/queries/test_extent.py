"""Files whose footers say that all their rows are outside of a range are not opened for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from featurectl.definitions.source import FileSource
from featurectl.offline.duckdb import DuckDBEngine
from featurectl.offline.remembered import RememberedSchemas
from featurectl.queries.extent import Extent, files_within
from featurectl.queries.relation import EventRange

if TYPE_CHECKING:
    from pathlib import Path

DAY_US = 86_400_000_000
LONG_AGO = 1_700_000_000


def extents(*found: tuple[int | None, ...]) -> list[Extent]:
    """Those of files with these times (and shapes)."""
    return [Extent(*(*extent, 0)[:3]) for extent in found]


TENS = extents((0, 9), (10, 19), (20, 29), (30, 39))


@pytest.mark.parametrize(
    ("first", "last", "kept"),
    [
        (None, None, "0123"),
        (10, 19, "1"),
        (19, 20, "12"),
        (9, 10, "01"),
        (None, 10, "01"),
        (25, None, "23"),
        (15, 15, "1"),
    ],
)
def test_both_ends_of_the_range_and_of_a_files_times_are_inclusive(first, last, kept):
    assert files_within("0123", TENS, EventRange(first, last)) == list(kept)


@pytest.mark.parametrize("unknown", [(None, None), (None, 5), (0, None)])
def test_a_file_whose_times_are_not_known_is_always_opened(unknown):
    found = files_within("012", extents((0, 9), unknown, (20, 29)), EventRange(20, 29))
    assert found == ["1", "2"]


def test_without_extents_every_file_is_opened():
    assert files_within("0123", (), EventRange(0, 1)) == "0123"


def test_one_file_of_each_shape_is_opened_so_that_all_columns_are_found():
    mixed = extents((0, 9, 0), (10, 19, 0), (20, 29, 1), (30, 39, 1))
    assert files_within("0123", mixed, EventRange(12, 13)) == ["1", "2"]
    assert files_within("0123", mixed, EventRange(100, 200)) == ["0", "2"]


def written(folder: Path, name: str, at: pa.Array, **options: Any) -> None:
    path = folder / f"{name}.parquet"
    pq.write_table(pa.table({"ts": at, "x": pa.array([1] * len(at), pa.int64())}), path, **options)
    os.utime(path, (LONG_AGO, LONG_AGO))


def extent_of(folder: Path, at: pa.Array, **options: Any) -> tuple[int | None, int | None]:
    written(folder, "a", at, **options)
    source = FileSource("s", path="*.parquet", event_timestamp="ts")
    (extent,) = DuckDBEngine(folder).schema(source).extents
    return extent.first_us, extent.last_us


@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
@pytest.mark.parametrize(("unit", "factor"), [("ms", 1_000), ("us", 1)])
def test_times_of_any_zone_are_those_of_the_rows(tmp_path, unit, factor, zone):
    at = pa.array([7, None, -5], pa.timestamp(unit, zone))
    assert extent_of(tmp_path, at) == (-5 * factor, 7 * factor)


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_nanoseconds_reach_from_the_microsecond_below_to_the_one_above(tmp_path, zone):
    at = pa.array([-1_500, 1_500], pa.timestamp("ns", zone))
    assert extent_of(tmp_path, at) == (-2, 2)


def test_a_date_is_its_midnight(tmp_path):
    assert extent_of(tmp_path, pa.array([2, 3], pa.date32())) == (2 * DAY_US, 3 * DAY_US)


def test_all_row_groups_count(tmp_path):
    at = pa.array(range(100), pa.timestamp("us"))
    assert extent_of(tmp_path, at, row_group_size=10) == (0, 99)


@pytest.mark.parametrize(
    ("at", "options"),
    [
        (pa.array([1, 2], pa.timestamp("us")), {"write_statistics": False}),
        (pa.array([1, 2], pa.timestamp("ns")), {"use_deprecated_int96_timestamps": True}),
        (pa.array(["2024-01-01", "2024-01-02"]), {}),
        (pa.array([1, 2], pa.int64()), {}),
        (pa.array([None, None], pa.timestamp("us")), {}),
        (pa.array([], pa.timestamp("us")), {}),
        (pa.array([1, None], pa.timestamp("us")), {"row_group_size": 1}),
    ],
    ids=["no statistics", "int96", "text", "number", "null", "empty", "a group of nulls"],
)
def test_what_a_footer_does_not_tell_is_not_known(tmp_path, at, options):
    assert extent_of(tmp_path, at, **options) == (None, None)


def test_a_column_of_a_struct_is_not_taken_for_the_event_time(tmp_path):
    inner = pa.array([{"b": 1}, {"b": 2}], pa.struct([("b", pa.timestamp("us"))]))
    pq.write_table(
        pa.table({"a": inner, "a.b": pa.array([8, 9], pa.timestamp("us"))}), tmp_path / "a.parquet"
    )
    source = FileSource("s", path="a.parquet", event_timestamp="a.b")
    assert DuckDBEngine(tmp_path).schema(source).extents == (Extent(None, None, 0),)


def test_files_of_other_columns_or_types_have_another_shape(tmp_path):
    at = pa.array([1], pa.timestamp("us"))
    for name, columns in {"a": {}, "b": {"y": [1]}, "c": {}}.items():
        pq.write_table(pa.table({"ts": at, **columns}), tmp_path / f"{name}.parquet")
    source = FileSource("s", path="*.parquet", event_timestamp="ts")
    found = DuckDBEngine(tmp_path).schema(source).extents
    assert [extent.shape for extent in found] == [0, 1, 0]


def test_a_static_source_has_no_extents(tmp_path):
    written(tmp_path, "a", pa.array([1], pa.timestamp("us")))
    source = FileSource("s", path="a.parquet", event_timestamp="none")
    assert DuckDBEngine(tmp_path).schema(source).extents == ()


def test_extents_are_remembered_for_each_event_column(tmp_path):
    (tmp_path / ".memory").mkdir()
    for day in range(3):
        at = pa.array([day * DAY_US, day * DAY_US + 1], pa.timestamp("us"))
        path = tmp_path / f"{day}.parquet"
        pq.write_table(pa.table({"ts": at, "other": five_later(at), "x": [1, 2]}), path)
        os.utime(path, (LONG_AGO, LONG_AGO))
    opened = []

    def found(event: str) -> tuple[Extent, ...]:
        def opens() -> DuckDBEngine:
            opened.append(event)
            return DuckDBEngine(tmp_path)

        engine = RememberedSchemas(opens, tmp_path, tmp_path / ".memory" / "schemas.json")
        source = FileSource("s", path="*.parquet", event_timestamp=event)
        extents_of = engine.schema(source).extents
        engine.close()
        return extents_of

    first = {event: found(event) for event in ("ts", "other", "none")}
    assert opened == ["ts", "other"]
    assert {event: found(event) for event in first} == first
    assert opened == ["ts", "other"]
    assert first["ts"][2] == Extent(2 * DAY_US, 2 * DAY_US + 1, 0)
    assert first["other"][2] == Extent(2 * DAY_US + 5, 2 * DAY_US + 6, 0)
    assert first["none"] == ()


def five_later(at: pa.Array) -> pa.Array:
    """The times, five microseconds later."""
    return pa.array([us + 5 for us in at.cast(pa.int64()).to_pylist()], pa.timestamp("us"))
