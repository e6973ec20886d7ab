"""Entity rows that the views themselves give: over a range, or at one time."""

from __future__ import annotations

import pyarrow as pa
import pytest
from joining import Joining, moment, times, us

from featurectl.errors import RequestError


@pytest.fixture
def joining(tmp_path) -> Joining:
    joining = Joining(tmp_path)
    joining.entity("driver", driver="int64")
    columns = {"driver": [2, 1, 1, None], "ts": times("10:00", "10:00", "12:00", "10:00")}
    joining.source("a", {**columns, "x": [20, 10, 11, 99]})
    joining.view("a", ["driver"], {"x": "int64"}, ttl="1h")
    joining.source("b", {"driver": [1, 3], "ts": times("10:00", "11:00"), "y": [1, 3]})
    joining.view("b", ["driver"], {"y": "int64"})
    return joining


def rows(training, *names):
    found = training.to_arrow()
    assert found.column_names == ["driver", "event_timestamp", *names]
    return [tuple(row.values()) for row in found.to_pylist()]


def test_range_gives_one_row_per_entity_and_event_time_both_ends_included(joining):
    found = joining.join(None, "a:x", start_us=us("10:00"), end_us=us("12:00"))
    assert rows(found, "x") == [
        (1, moment("10:00"), 10), (1, moment("12:00"), 11), (2, moment("10:00"), 20)
    ]  # fmt: skip
    found = joining.join(None, "a:x", start_us=us("10:00:00.000001"), end_us=us("11:59:59.999999"))
    assert rows(found, "x") == []


def test_range_over_several_views_is_the_union_of_their_pairs(joining):
    found = joining.join(None, "a:x", "b:y", start_us=us("10:00"), end_us=us("11:00"))
    assert rows(found, "x", "y") == [
        (1, moment("10:00"), 10, 1), (2, moment("10:00"), 20, None), (3, moment("11:00"), None, 3)
    ]  # fmt: skip


def test_range_may_be_open_at_one_end(joining):
    assert len(rows(joining.join(None, "a:x", start_us=us("11:00")), "x")) == 1
    assert len(rows(joining.join(None, "a:x", end_us=us("11:00")), "x")) == 2


def test_snapshot_has_every_entity_known_by_then_at_that_time(joining):
    at = us("12:30")
    assert rows(joining.join(None, "a:x", "b:y", at_us=at), "x", "y") == [
        (1, moment("12:30"), 11, 1), (2, moment("12:30"), None, None), (3, moment("12:30"), None, 3)
    ]  # fmt: skip
    assert rows(joining.join(None, "a:x", at_us=us("09:00")), "x") == []


def test_made_rows_have_the_declared_types(joining):
    schema = joining.join(None, "a:x", at_us=us("12:00"), event_timestamp="t").schema
    assert schema.names == ["driver", "t", "x"]
    assert schema.types == [pa.int64(), pa.timestamp("us", "UTC"), pa.int64()]


def test_composite_keys_are_placed_by_name_whatever_order_views_list_them_in(tmp_path):
    joining = Joining(tmp_path)
    joining.entity("user", user="int64")
    joining.entity("item", item="string")
    columns = {"user": [1], "item": ["a"], "ts": times("10:00")}
    joining.source("p", {**columns, "x": [5]})
    joining.view("p", ["user", "item"], {"x": "int64"})
    joining.source("q", {**columns, "y": [6]})
    joining.view("q", ["item", "user"], {"y": "int64"})
    found = joining.join(None, "p:x", "q:y", at_us=us("11:00")).to_arrow()
    assert found.to_pylist() == [
        {"user": 1, "item": "a", "event_timestamp": moment("11:00"), "x": 5, "y": 6}
    ]


def test_view_without_entity_gives_its_times(tmp_path):
    joining = Joining(tmp_path)
    joining.source("g", {"ts": times("08:00", "11:00"), "x": [7, 8]})
    joining.view("g", [], {"x": "int64"})
    found = joining.join(None, "g:x", start_us=us("00:00")).to_arrow()
    assert found.to_pylist() == [
        {"event_timestamp": moment("08:00"), "x": 7}, {"event_timestamp": moment("11:00"), "x": 8}
    ]  # fmt: skip


def test_static_view_adds_no_times_to_a_range_and_entities_to_a_snapshot(joining):
    joining.source("s", {"driver": [1, 7], "z": [1, 7]}, event_timestamp="none")
    joining.view("s", ["driver"], {"z": "int64"})
    found = joining.join(None, "b:y", "s:z", start_us=us("10:00"), end_us=us("10:30"))
    assert rows(found, "y", "z") == [(1, moment("10:00"), 1, 1)]
    snapshot = joining.join(None, "s:z", at_us=us("10:30"))
    assert [row[0] for row in rows(snapshot, "z")] == [1, 7]


def code(joining: Joining, *features: str, **request: int) -> str:
    with pytest.raises(RequestError) as error:
        joining.join(None, *features, **request)
    return error.value.code


def test_what_gives_no_rows_together_is_refused(joining):
    joining.entity("city", city="int64")
    joining.source("c", {"city": [1], "ts": times("10:00"), "w": [1]})
    joining.view("c", ["city"], {"w": "int64"})
    joining.source("s", {"driver": [1], "z": [1]}, event_timestamp="none")
    joining.view("s", ["driver"], {"z": "int64"})
    assert code(joining, "a:x", "c:w", at_us=0) == "FC312"
    assert code(joining, "s:z", start_us=0) == "FC312"
    assert code(joining, "a:x", start_us=2, end_us=1) == "FC315"
    assert code(joining, "a:x", start_us=2, at_us=1) == "FC315"
    assert code(joining, "a:x") == "FC314"
