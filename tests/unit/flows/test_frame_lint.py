"""What a frame of labels is suspected of, and what it is not."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from joining import Joining, frame, simple_view, us

DAYS = [f"2024-01-0{day}T00:00Z" for day in range(1, 5)]


@pytest.fixture
def joining(tmp_path) -> Joining:
    rows = [(driver, f"2024-01-0{day}T06:00Z", driver) for driver in range(6) for day in (1, 2, 3)]
    return simple_view(Joining(tmp_path), *rows)


def lints(joining: Joining, rows: object, **request: object) -> dict[str, dict]:
    report = joining.join(rows, "v:n", **request).report.document()
    return {lint["code"]: lint for lint in report["lints"]}


def test_ordinary_rows_are_not_suspected(joining):
    rows = frame("driver", *[(n % 6, f"{8 + n % 12:02d}:{n % 60:02d}") for n in range(200)])
    rows = rows.append_column("label", pa.array([n % 60 // 6 % 2 for n in range(200)]))
    assert lints(joining, rows, now_us=us("2025-01-01T00:00Z")) == {}
    assert lints(joining, rows, now_us=us("2025-01-01T00:00Z"), proves=True) == {}


def test_dates_used_as_times_are_told_with_what_they_see(joining):
    found = lints(joining, frame("driver", *[(1, day) for day in DAYS]))["dates_as_times"]
    assert found["count"] == 4
    assert found["sample"][0] == "2024-01-01T00:00:00Z"
    assert "from the future where it sums up that day" in found["message"]
    dates = pa.table({"driver": [1], "event_timestamp": pa.array([date(2024, 1, 1)])})
    assert "dates_as_times" in lints(joining, dates)


def test_one_midnight_for_all_rows_is_a_choice(joining):
    assert lints(joining, frame("driver", (1, DAYS[0]), (2, DAYS[0]))) == {}
    assert lints(joining, frame("driver", (1, DAYS[0]), (2, "2024-01-02T00:00:00.000001Z"))) == {}


def test_times_to_come_are_counted(joining):
    rows = frame("driver", (1, "10:00"), (1, "12:00"), (1, None), (1, "13:00"))
    found = lints(joining, rows, now_us=us("11:00"))["future_times"]
    assert (found["count"], found["sample"]) == (2, [2, 4])
    assert "the latest 2024-01-01T13:00:00Z" in found["message"]
    assert lints(joining, rows, now_us=us("13:00")) == {}


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())]
)
def test_texts_with_and_without_a_zone_are_told(joining, kind):
    texts = ["2024-01-01 10:00", "2024-01-01T11:00Z", "2024-01-01T12:00-05:00", "2024-01-02", None]
    rows = pa.table({"driver": [1] * 5, "event_timestamp": pa.array(texts).cast(kind)})
    found = lints(joining, rows)["mixed_zones"]
    assert (found["count"], found["sample"]) == (1, ["2024-01-01 10:00"])
    assert lints(joining, rows.slice(1)) == {}
    assert lints(joining, rows.slice(0, 1)) == {}


def test_zones_are_looked_at_in_csv_as_they_were_written(joining, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("driver,event_timestamp\n1,2024-01-01T10:00\n1,2024-01-01T11:00Z\n")
    assert lints(joining, str(path))["mixed_zones"]["count"] == 1


def test_rows_at_the_very_times_of_a_feature_are_told(joining):
    own = [(driver, f"2024-01-0{day}T06:00Z") for driver in range(6) for day in (1, 2, 3)]
    found = lints(joining, frame("driver", *own, *own))["label_is_feature_time"]
    assert found["count"] == 36
    assert found["message"].startswith("v: 36 of 36 values have exactly the time of their row: ")
    assert lints(joining, frame("driver", *own)) == {}  # too few rows to tell
    later = [(driver, "2024-01-03T07:00Z") for driver in range(6)] * 7
    assert lints(joining, frame("driver", *own, *own, *later)) == {}


def test_other_times_that_are_the_event_times_are_told(joining):
    rows = frame("driver", *[(n % 6, f"{8 + n % 12:02d}:{n % 60:02d}") for n in range(60)])
    other = rows["event_timestamp"].cast(pa.timestamp("ms", "America/New_York"))
    late = pa.array([us("23:00")] * 60).cast(pa.timestamp("us", "UTC"))
    rows = rows.append_column("known_at", other).append_column("late", late)
    found = lints(joining, rows, proves=True)
    assert list(found) == ["event_time_is_label_time"]
    assert (found["event_time_is_label_time"]["sample"], lints(joining, rows)) == (["known_at"], {})
    assert lints(joining, rows.slice(0, 19), proves=True) == {}


def test_rows_that_were_made_from_the_views_are_not_suspected(joining):
    span = {"start_us": us("2024-01-01T00:00Z"), "end_us": us("2024-01-04T00:00Z")}
    assert lints(joining, None, **span, now_us=0, proves=True) == {}
    assert lints(joining, None, at_us=us("2024-01-04T00:00Z"), now_us=0, proves=True) == {}


def test_rows_of_one_entity_and_time_with_two_labels_are_told(joining):
    rows = frame("driver", (1, "10:00"), (2, "10:00"), (1, "10:00"), (1, "10:01"), (2, "10:00"))
    rows = rows.append_column("label", pa.array([0, 1, 1, 0, 1]))
    rows = rows.append_column("other", pa.array(["a", None, "a", "b", None]))
    assert lints(joining, rows) == {}
    found = lints(joining, rows, proves=True)
    assert list(found) == ["conflicting_duplicates"]
    assert found["conflicting_duplicates"]["count"] == 1
    assert found["conflicting_duplicates"]["sample"] == [1, 3]
    assert 'differ in "label"' in found["conflicting_duplicates"]["message"]


def test_null_is_another_label_than_one(joining):
    rows = frame("driver", (1, "10:00"), (1, "10:00")).append_column("label", pa.array([None, 1]))
    assert lints(joining, rows, proves=True)["conflicting_duplicates"]["count"] == 1


def test_an_identifier_is_no_label(joining):
    rows = frame("driver", *[(n % 2, "10:00") for n in range(100)])
    rows = rows.append_column("id", pa.array(range(100)))
    rows = rows.append_column("list", pa.array([[n] for n in range(100)]))
    assert lints(joining, rows, proves=True) == {}


def test_many_duplicates_are_compared_in_part(joining, monkeypatch):
    monkeypatch.setattr("featurectl.flows.frame_lint._MOST_ROWS", 10)
    rows = frame("driver", *[(n % 2, "10:00") for n in range(100)])
    rows = rows.append_column("label", pa.array([n % 3 for n in range(100)]))
    assert lints(joining, rows, proves=True)["conflicting_duplicates"]["count"] == 1
