"""A label range of a week opens the files of that week, and nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from joining import Joining, values
from profiled import ProfiledEngine

if TYPE_CHECKING:
    from pathlib import Path

DAYS = 365
DAY_US = 86_400_000_000
START_US = 1_704_067_200_000_000  # 2024-01-01, a leap year
WEEK = range(200, 207)
DRIVERS = 5


def moments(kind: pa.DataType, *us: int) -> pa.Array:
    return pa.array(us, pa.timestamp("us", "UTC")).cast(kind)


def write_days(folder: Path, layout: str, kind: pa.DataType) -> None:
    """A file for each day: a row of each driver at noon, whose value is the day's number."""
    for day in range(DAYS):
        path = folder / layout.format(day=f"2024-{day + 1:03}")
        path.parent.mkdir(parents=True, exist_ok=True)
        noon = START_US + day * DAY_US + DAY_US // 2
        rows = {
            "driver": pa.array(range(DRIVERS), pa.int64()),
            "ts": moments(kind, *[noon] * DRIVERS),
            "n": pa.array([day] * DRIVERS, pa.int64()),
        }
        pq.write_table(pa.table(rows), path)


def labels(*drivers: int) -> pa.Table:
    """Each driver at the end of each day of the week."""
    ends = [START_US + (day + 1) * DAY_US - 1 for day in WEEK]
    return pa.table(
        {
            "driver": pa.array([driver for driver in drivers for _ in ends], pa.int64()),
            "event_timestamp": moments(pa.timestamp("us", "UTC"), *ends * len(drivers)),
        }
    )


@pytest.fixture
def engine(tmp_path):
    engine = ProfiledEngine(tmp_path)
    yield engine
    engine.close()


@pytest.fixture
def joining(tmp_path, engine) -> Joining:
    joining = Joining(tmp_path, engine)
    joining.entity("driver", driver="int64")
    return joining


def daily(joining: Joining, layout: str, kind: pa.DataType, ttl: str) -> None:
    write_days(joining.root / "daily", layout, kind)
    joining.source("daily", None, path="daily")
    joining.view("v", ["driver"], {"n": "int64"}, source="daily", ttl=ttl)


@pytest.mark.parametrize("layout", ["day={day}/part.parquet", "{day}.parquet"])
@pytest.mark.parametrize(
    "kind", [pa.timestamp("us", "UTC"), pa.timestamp("ns"), pa.timestamp("ms")], ids=str
)
def test_partitions_outside_of_the_labels_reach_are_not_opened(joining, engine, layout, kind):
    daily(joining, layout, kind, ttl="3d")
    training = joining.join(labels(*range(DRIVERS)), "v:n")
    assert values(training) == [*WEEK] * DRIVERS
    assert training.report.views[0].matched == len(WEEK) * DRIVERS
    # The week, and the days from which a value could still be fresh at its beginning.
    reached = len(WEEK) + 3
    assert {profile.files for profile in engine.profiles} <= set(range(reached + 1))
    assert max(profile.files for profile in engine.profiles) == len(WEEK) + 2


def test_files_that_can_not_be_read_do_no_harm_where_they_are_out_of_reach(joining):
    daily(joining, "day={day}/part.parquet", pa.timestamp("us", "UTC"), ttl="1d")
    training = joining.join(labels(1), "v:n")
    for path in sorted((joining.root / "daily").rglob("*.parquet")):
        day = int(path.parent.name[-3:]) - 1
        if day not in range(WEEK[0] - 1, WEEK[-1] + 1):
            destroy(path)
    assert values(training) == [*WEEK]


def destroy(path: Path) -> None:
    """Fill a file with nothing, as if it had never been changed."""
    state = path.stat()
    path.write_bytes(bytes(state.st_size))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def test_older_files_are_opened_for_those_alone_who_have_no_row_in_reach(joining, engine):
    daily(joining, "day={day}/part.parquet", pa.timestamp("us", "UTC"), ttl="1d")
    gone = DRIVERS
    path = joining.root / "daily" / "day=2024-001" / "part.parquet"
    rows = pq.read_table(path)
    left = pa.table({"driver": [gone], "ts": rows["ts"].slice(0, 1), "n": rows["n"].slice(0, 1)})
    pq.write_table(pa.concat_tables([rows, left]), path)
    told = joining.join(labels(1, gone, gone + 1), "v:n").report.views[0]
    week = len(WEEK)
    assert (told.matched, told.expired, told.no_row) == (week, week, week)
    assert max(profile.files for profile in engine.profiles) > DAYS // 2


def test_a_column_that_only_other_files_have_is_found(joining):
    daily(joining, "{day}.parquet", pa.timestamp("us", "UTC"), ttl="1d")
    last = joining.root / "daily" / f"2024-{DAYS:03}.parquet"
    pq.write_table(pq.read_table(last).append_column("late", pa.array([1.5] * DRIVERS)), last)
    joining.view("w", ["driver"], {"late": "float64"}, source="daily", ttl="1d")
    training = joining.join(labels(1), "w:late", "v:n")
    assert values(training, "late") == [None] * len(WEEK)
    assert values(training) == [*WEEK]


def test_without_a_ttl_nothing_older_is_left_out_but_what_is_newer(joining, engine):
    daily(joining, "{day}.parquet", pa.timestamp("us", "UTC"), ttl="none")
    assert values(joining.join(labels(1), "v:n")) == [*WEEK]
    assert max(profile.files for profile in engine.profiles) == WEEK[-1] + 1
