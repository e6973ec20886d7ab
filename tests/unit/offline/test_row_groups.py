"""Rows of a range of event times are counted from footers: exactly, nearly, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from featurectl.offline.row_groups import RowGroup, Within, newest, row_groups, rows_within

if TYPE_CHECKING:
    from pathlib import Path

TEN = [RowGroup(100, start * 100, start * 100 + 99, is_exact=True) for start in range(10)]
UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}


@pytest.mark.parametrize(
    ("first", "last", "within"),
    [
        (None, None, Within(1000, is_exact=True, touched=1000)),
        (100, 299, Within(200, is_exact=True, touched=200)),
        (None, 99, Within(100, is_exact=True, touched=100)),
        (950, None, Within(50, is_exact=False, touched=100)),
        (150, 349, Within(200, is_exact=False, touched=300)),
        (1_000, 2_000, Within(0, is_exact=True, touched=0)),
    ],
)
def test_whole_groups_are_counted_and_parts_are_shares(
    first: int | None, last: int | None, within: Within
) -> None:
    assert rows_within(TEN, first, last) == within


def test_a_group_whose_times_are_not_known_may_hold_any() -> None:
    unknown = RowGroup(7, None, None, is_exact=False)

    assert rows_within([*TEN, unknown], 0, 99) == Within(None, is_exact=False, touched=107)


def test_a_group_with_rows_that_may_not_be_used_is_not_exact() -> None:
    some = RowGroup(7, 0, 9, is_exact=False)

    assert rows_within([some], None, None) == Within(7, is_exact=False, touched=7)
    assert rows_within([some], 100, None) == Within(0, is_exact=True, touched=0)


def test_the_newest_rows_are_at_the_end_of_the_range() -> None:
    assert newest(TEN, None, None, rows=100) == (900, 999)
    assert newest(TEN, 0, 499, rows=100) == (400, 499)
    assert newest(TEN, 250, 349, rows=1_000) == (250, 349)
    assert newest(TEN, 1_000, None, rows=10) is None
    assert newest([*TEN, RowGroup(7, None, None, is_exact=False)], 0, 9, rows=10) is None


def write(path: Path, times: pa.Array, keys: list[Any], **options: Any) -> str:
    pq.write_table(pa.table({"at": times, "id": keys}), path, **options)
    return str(path)


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_times_of_every_unit_are_microseconds(unit: str, tmp_path: Path) -> None:
    times = pa.array([-3, 5, None, 9], pa.timestamp(unit, "UTC"))
    path = write(tmp_path / "a.parquet", times, [1, 2, 3, 4], row_group_size=2)

    found = row_groups([path], "at", ["id"])

    assert found == [
        RowGroup(2, -3 * UNITS[unit], 5 * UNITS[unit], is_exact=True),
        RowGroup(1, 9 * UNITS[unit], 9 * UNITS[unit], is_exact=True),
    ]


def test_nanoseconds_are_floored_and_days_begin_at_midnight(tmp_path: Path) -> None:
    nanos = write(tmp_path / "n.parquet", pa.array([-1, 1_999], pa.timestamp("ns")), [1, 2])
    days = write(tmp_path / "d.parquet", pa.array([0, 2], pa.date32()), [1, 2])

    assert row_groups([nanos, days], "at", ["id"]) == [
        RowGroup(2, -1, 1, is_exact=True),
        RowGroup(2, 0, 2 * 86_400_000_000, is_exact=True),
    ]


@pytest.mark.parametrize(
    "options", [{"write_statistics": False}, {"use_deprecated_int96_timestamps": True}]
)
def test_files_that_do_not_say_their_times_leave_them_open(
    options: dict[str, bool], tmp_path: Path
) -> None:
    path = write(tmp_path / "a.parquet", pa.array([1, 2], pa.timestamp("us")), [1, 2], **options)

    assert row_groups([path], "at", ["id"]) == [RowGroup(2, None, None, is_exact=False)]


def test_a_missing_key_or_a_key_from_a_folder_is_not_exact(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", pa.array([1, 2], pa.timestamp("us")), [1, None])

    assert row_groups([path], "at", ["id"])[0].is_exact is False
    assert row_groups([path], "at", ["folder"])[0].is_exact is False
    assert row_groups([path], "at", [])[0].is_exact is True


def test_a_time_that_is_text_is_not_known(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", pa.array(["2024-01-01"]), [1])

    assert row_groups([path], "at", ["id"])[0].first_us is None
    assert row_groups([path], "day", ["id"]) == [RowGroup(1, None, None, is_exact=False)]
