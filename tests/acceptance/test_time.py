"""The rules of time, in the join: UTC microseconds whatever is written, and what is no time."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from joining import UTC_US, Joining, frame, times, us

GREATEST = (1 << 63) - 1
EDGES = [GREATEST - 1, GREATEST - 1000, -GREATEST + 1, -GREATEST + 10]
# Infinite times as engines write them, and the number below these.
INFINITE = [GREATEST, -GREATEST, -GREATEST - 1]

# The event times 11:00 and 12:00, as a source may hold them.
FORMS = {
    "naive": times("11:00", "12:00", kind=pa.timestamp("us")),
    "another zone": times("11:00", "12:00", kind=pa.timestamp("us", "America/New_York")),
    "seconds": times("11:00", "12:00", kind=pa.timestamp("s", "UTC")),
    "milliseconds": times("11:00", "12:00", kind=pa.timestamp("ms")),
    "nanoseconds": times("11:00", "12:00", kind=pa.timestamp("ns", "UTC")),
    "text": pa.array(["2024-01-01T11:00:00Z", "2024-01-01 07:00-05:00"]),
}


def raw(values: list[int | None], kind: pa.DataType = UTC_US) -> pa.Array:
    """Times by their number."""
    return pa.array(values, pa.int64()).cast(kind)


def rows(tmp_path, ts: pa.Array, created: pa.Array | None = None, **view: str) -> Joining:
    """A view ``v`` of driver 1: the row at each of these times has its place in ``n``, from 1."""
    joining = Joining(tmp_path)
    joining.entity("driver", driver="int64")
    columns = {"driver": [1] * len(ts), "ts": ts, "n": list(range(1, len(ts) + 1))}
    known = {} if created is None else {"w": created}
    joining.source("v", columns | known, created_timestamp="w" if known else None)
    joining.view("v", ["driver"], {"n": "int64"}, **view)
    return joining


def values(joining: Joining, labels: pa.Array, **request: bool) -> list[int | None]:
    asked = pa.table({"driver": [1] * len(labels), "event_timestamp": labels})
    return joining.join(asked, "v:n", **request).to_arrow()["n"].to_pylist()


@pytest.mark.parametrize("form", FORMS)
def test_event_times_of_every_form_are_utc_instants(tmp_path, form):
    asked = times("10:59:59.999999", "11:00", "11:59:59.999999", "12:00")
    assert values(rows(tmp_path, FORMS[form]), asked) == [None, 1, 1, 2]


def test_a_date_is_midnight_utc(tmp_path):
    days = pa.array([dt.date(2024, 1, 1), dt.date(2024, 1, 2)])
    found = values(rows(tmp_path, days), times("00:00", "23:59:59.999999"))
    assert found == [1, 1]
    assert values(rows(tmp_path, days), days) == [1, 2]


def test_nanoseconds_are_floored_to_microseconds_before_1970_too(tmp_path):
    nanos = pa.timestamp("ns")
    assert values(rows(tmp_path, raw([-1, -1001], nanos)), raw([-1, -2, -3])) == [1, 2, None]
    labels = raw([-1, -999, -1001, -2001], nanos)
    assert values(rows(tmp_path, raw([-1, -2])), labels) == [1, 1, 2, None]


@pytest.mark.parametrize("ttl", ["none", "1h"])
def test_infinite_event_times_are_not_used_and_counted(tmp_path, ttl):
    joining = rows(tmp_path, raw([*INFINITE, us("10:00"), None]), ttl=ttl)
    training = joining.join(frame("driver", (1, "10:30"), (1, "2024-01-02T00:00Z")), "v:n")
    expected = [4, 4 if ttl == "none" else None]
    assert training.to_arrow()["n"].to_pylist() == expected
    assert training.report.views[0].ignored == 4


@pytest.mark.parametrize("ttl", ["none", "1h"])
def test_an_infinite_time_of_an_entity_row_is_as_none_and_counted(tmp_path, ttl):
    joining = rows(tmp_path, raw([us("10:00")]), ttl=ttl)
    labels = pa.table({"driver": [1] * 4, "event_timestamp": raw([*INFINITE, us("10:30")])})
    training = joining.join(labels, "v:n")
    assert training.to_arrow()["n"].to_pylist() == [None, None, None, 1]
    assert training.report.null_event_timestamps == 3
    assert training.to_arrow().select(labels.column_names).equals(labels)


@pytest.mark.parametrize(("ttl", "reached"), [("none", 4), ("1h", None)])
def test_times_are_told_apart_up_to_the_ends_of_what_can_be_written(tmp_path, ttl, reached):
    labels = [GREATEST - 1, GREATEST - 500, GREATEST - 2000, -GREATEST + 5, -GREATEST + 11]
    found = values(rows(tmp_path, raw(EDGES), ttl=ttl), raw(labels))
    assert found == [1, 2, reached, 3, 4]


def test_a_null_created_time_is_the_event_time_and_one_before_it_has_no_effect(tmp_path):
    created = times(None, "09:00", "12:30")
    joining = rows(tmp_path, times("10:00", "11:00", "12:00"), created)
    asked = times("10:00", "11:00", "12:10", "12:30")
    assert values(joining, asked, known_at=True) == [1, 2, 2, 3]
    assert values(joining, asked) == [1, 2, 3, 3]


@pytest.mark.parametrize("at_us", [0, -1, 1, 2**31, -(2**40), us("12:00")])
def test_a_snapshot_may_be_of_any_time(tmp_path, at_us):
    joining = rows(tmp_path, raw([at_us, at_us + 1]))
    found = joining.join(None, "v:n", at_us=at_us).to_arrow()
    moments = found["event_timestamp"].cast(pa.int64()).to_pylist()
    assert (found["driver"].to_pylist(), moments, found["n"].to_pylist()) == ([1], [at_us], [1])
