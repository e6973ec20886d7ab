"""Why a value is what it is: the chosen row, each that lost, and what there is without any."""

from __future__ import annotations

import gzip
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from explaining import explained, whys
from joining import Joining, frame, simple_view, times, us, values

from featurectl.errors import RequestError, SourceError
from featurectl.flows import judged_rows

ROWS = [(1, "08:00", 8), (1, "10:00", 10), (1, "11:00", 11), (1, "12:00", 12), (2, "10:00", 0)]


@pytest.fixture
def joining(tmp_path) -> Joining:
    return Joining(tmp_path)


def created(joining: Joining, *rows: tuple[str, str | None, int | None], **fields) -> Joining:
    """A view ``v`` of driver 1 with rows of (event, created, n)."""
    events, written, n = zip(*rows, strict=True)
    joining.entity("driver", driver="int64")
    columns = {"driver": [1] * len(rows), "ts": times(*events), "w": times(*written)}
    joining.source("v", columns | {"n": pa.array(n, pa.int64())}, created_timestamp="w")
    joining.view("v", ["driver"], {"n": "int64"}, **fields)
    return joining


def test_the_chosen_row_has_its_place_and_each_other_its_reason(joining):
    simple_view(joining, *ROWS, ttl="90m")
    found = explained(joining, "v:n", "11:00", driver=1)
    assert found.values == {"n": 11}
    assert (found.chosen.file, found.chosen.row) == ("v.parquet", 3)
    assert whys(found) == [(12, "later"), (11, "chosen"), (10, "older"), (8, "expired")]
    assert [row.reason for row in found.candidates] == [
        "later than that time, by 1 h 00 m",
        "chosen",
        "older than the chosen row, by 1 h 00 m",
        "expired: past ttl 90m by 1 h 30 m",
    ]
    assert found.reason == "the newest row was 0 s old, within ttl 90m"
    assert found.counts.rows == 4


def test_keys_are_read_from_text_as_online(joining):
    simple_view(joining, *ROWS)
    assert explained(joining, "v:n", "13:00", driver="1").values == {"n": 12}
    with pytest.raises(RequestError, match="'01' is not an int64") as caught:
        explained(joining, "v:n", "13:00", driver="01")
    assert caught.value.code == "FC311"


def test_an_expired_row_says_by_how_much(joining):
    simple_view(joining, *ROWS, ttl="1h")
    found = explained(joining, "v:n", "13:00:00.250", driver=1)
    assert (found.outcome, found.values) == ("expired", {"n": None})
    assert found.reason == "the newest row was 1 h 00 m old, 250 ms past ttl 1h"
    assert found.chosen is None


def test_only_later_rows_say_when_the_first_is(joining):
    simple_view(joining, *ROWS)
    found = explained(joining, "v:n", "07:30", driver=1, after=1)
    assert found.outcome == "later"
    assert found.reason == "the first row is at 2024-01-01T08:00:00Z, 30 m 00 s after that time"
    assert found.not_shown == {"later": 3, "earlier": 0}


def test_rows_that_were_known_later_are_told(joining):
    created(joining, ("10:00", "10:05", 1), ("11:00", "20:00", 2), ("09:00", "21:00", 3))
    found = explained(joining, "v:n", "12:00", driver=1, known_at=True)
    assert whys(found) == [(2, "known_later"), (1, "chosen"), (3, "known_later")]
    assert found.candidates[0].reason == "known later: created 8 h 00 m after it"
    assert (found.known_at, found.created_later_us) == ("on", None)
    none = explained(joining, "v:n", "10:01", driver=1, known_at=True)
    assert (none.outcome, none.values) == ("known_later", {"n": None})


def test_a_leak_is_told_without_the_cutoff(joining):
    created(joining, ("10:00", "10:05", 1), ("11:00", "20:00", 2))
    found = explained(joining, "v:n", "12:00", driver=1)
    assert found.values == {"n": 2}
    assert found.created_later_us == us("20:00") - us("12:00")
    assert found.document()["created_later_seconds"] == 8 * 3600


def test_a_known_winner_behind_many_unknown_rows_is_shown(joining):
    late = [(f"11:{minute:02}", "20:00", minute) for minute in range(50)]
    created(joining, ("10:00", "10:05", 99), *late)
    found = explained(joining, "v:n", "12:00", driver=1, known_at=True)
    assert found.chosen.values == {"n": 99}
    assert len(found.candidates) == 6
    assert found.not_shown == {"later": 0, "earlier": 45}


def test_of_one_event_time_the_created_time_decides_then_the_content(joining):
    joining.entity("driver", driver="int64")
    columns = {
        "driver": [1, 1, 1, 1, 1],
        "ts": times(*["10:00"] * 5),
        "w": times("10:05", "11:00", "11:00", "11:00", "11:00"),
        "b": [9.0, 5.0, None, -0.0, 5.0],
        "a": ["x", "x", "x", "x", "x"],
    }
    joining.source("v", columns, created_timestamp="w")
    joining.view("v", ["driver"], {"b": "float64", "a": "string"})
    found = explained(joining, "v:b", "12:00", driver=1)
    assert [(row.values["b"], row.why) for row in found.candidates] == [
        (5.0, "chosen"), (5.0, "same"), (-0.0, "content"), (None, "content"),
        (9.0, "created_earlier"),
    ]  # fmt: skip
    assert [row.row for row in found.candidates] == [2, 5, 4, 3, 1]
    assert {row.decided_by for row in found.candidates} == {None, "b"}
    assert found.candidates[3].reason == "same times; by content: b null is below 5.0"
    assert found.candidates[4].reason == "created 55 m 00 s before the chosen row"


def test_the_source_s_null_is_a_value(joining):
    simple_view(joining, (1, "10:00", 5), (1, "11:00", None))
    found = explained(joining, "v:n", "12:00", driver=1)
    assert (found.outcome, found.chosen.row) == ("null", 2)


@pytest.mark.parametrize(("key", "meant"), [("jfk", "JFK"), (" JFK", "JFK"), ("zzz", None)])
def test_an_entity_without_rows_is_told_with_the_key_that_is_like_it(key, meant, joining):
    joining.entity("airport", airport="string")
    joining.source("v", {"airport": ["JFK", "LAX"], "ts": times("10:00", "10:00"), "n": [1, 2]})
    joining.view("v", ["airport"], {"n": "int64"})
    found = explained(joining, "v:n", "12:00", airport=key)
    assert (found.outcome, found.counts.rows, found.candidates) == ("no_row", 0, ())
    hint = f'; did you mean airport="{meant}"?' if meant else ""
    assert found.hints == (f"no row has airport={key} (string){hint}",)


def test_of_several_keys_the_one_without_rows_is_named(joining):
    joining.entity("leg", carrier="string", number="int32")
    columns = {"carrier": ["AA", "AA", "DL"], "number": pa.array([1, 2, 3], pa.int32())}
    joining.source("v", columns | {"ts": times(*["10:00"] * 3), "n": [1, 2, 3]})
    joining.view("v", ["leg"], {"n": "int64"})
    assert explained(joining, "v", "12:00", number="2", carrier="AA").values == {"n": 2}
    found = explained(joining, "v", "12:00", number="7", carrier="AA")
    assert found.hints == ("2 rows have carrier=AA", "no row has number=7 (int32)")
    both = explained(joining, "v", "12:00", number="3", carrier="AA")
    assert both.hints == ("2 rows have carrier=AA", "1 row has number=3")


def test_rows_that_are_not_used_are_counted(joining):
    joining.entity("driver", driver="int64")
    columns = {
        "driver": pa.array([1, 1, None, None, None], pa.int64()),
        "ts": times("10:00", None, "10:00", None, "11:00"),
        "n": [1, 2, 3, 4, 5],
    }
    joining.source("v", columns)
    joining.view("v", ["driver"], {"n": "int64"})
    found = explained(joining, "v:n", "12:00", driver=1)
    assert (found.counts.rows, found.counts.without_time, found.counts.without_key) == (1, 1, 3)


def test_a_view_without_entity_needs_no_key(joining):
    joining.source("v", {"ts": times("08:00", "11:00"), "n": [7, 8]})
    joining.view("v", [], {"n": "int64"})
    found = explained(joining, "v:n", "09:00")
    assert (found.values, found.keys) == ({"n": 7}, {})
    assert whys(found) == [(8, "later"), (7, "chosen")]
    assert explained(joining, "v:n", "07:00").hints == ()


def test_a_static_source_has_no_times(joining):
    joining.entity("airport", airport="bytes")
    joining.source("v", {"airport": [b"\x00", b"\x00", b"a"], "n": [1, 2, 3]}, event_timestamp=None)
    joining.view("v", ["airport"], {"n": "int64"})
    found = explained(joining, "v:n", "12:00", airport="AA==")
    assert (found.values, found.age_us) == ({"n": 2}, None)
    assert whys(found) == [(2, "chosen"), (1, "content")]
    assert found.candidates[1].reason == "by content: n 1 is below 2"
    assert explained(joining, "v:n", "12:00", airport=b"a").values == {"n": 3}


@pytest.mark.parametrize("key", ["☃", "a\x00b", "'; drop", " ", "é", "NULL", '"'])
def test_odd_texts_are_keys(key, joining):
    joining.entity("zip", zip="string")
    joining.source("v", {"zip": ["x", key], "ts": times("10:00", "10:00"), "n": [1, 2]})
    joining.view("v", ["zip"], {"n": "int64"})
    found = explained(joining, "v:n", "12:00", zip=key)
    assert (found.values, found.chosen.row, found.counts.rows) == ({"n": 2}, 2, 1)
    assert explained(joining, "v:n", "12:00", zip=f"{key}?").counts.rows == 0


@pytest.mark.parametrize(
    ("kind", "key", "given"),
    [
        ("int64", -(2**63), str(-(2**63))),
        ("int32", 2**31 - 1, 2**31 - 1),
        ("date", date(1, 1, 1), "0001-01-01"),
        ("bool", True, "true"),
    ],
)
def test_keys_of_every_type_are_found(kind, key, given, joining):
    joining.entity("k", k=kind)
    column = pa.array([key], {"int32": pa.int32()}.get(kind))
    joining.source("v", {"k": column, "ts": times("10:00"), "n": [1]})
    joining.view("v", ["k"], {"n": "int64"})
    assert explained(joining, "v:n", "12:00", k=given).values == {"n": 1}


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
def test_the_ends_of_the_calendar_are_times(at, joining):
    simple_view(joining, *ROWS, ttl="999999999d")
    found = explained(joining, "v:n", at, driver=1)
    assert found.outcome == ("later" if at[0] == "0" else "value")
    assert found.document()["at"] == at


def test_values_that_python_has_no_dates_for_are_the_nearest(joining):
    joining.entity("driver", driver="int64")
    never = pa.array([(1 << 63) - 1, 0], pa.timestamp("us"))
    joining.source("v", {"driver": [1, 1], "ts": times("10:00", "11:00"), "until": never})
    joining.view("v", ["driver"], {"until": "timestamp"})
    found = explained(joining, "v", "10:30", driver=1)
    assert found.document()["features"]["until"]["value"] == "9999-12-31T23:59:59.999999Z"


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_rows_of_csv_count_records_not_lines(suffix, joining, tmp_path):
    text = 'zip,ts,n,note\n1,2024-01-01T08:00Z,1,"two\nlines"\n1,2024-01-01T09:00Z,2,\n'
    data = text.encode()
    (tmp_path / f"v{suffix}").write_bytes(gzip.compress(data) if suffix.endswith("gz") else data)
    joining.entity("zip", zip="int64")
    joining.source("v", None, path=f"v{suffix}")
    joining.view("v", ["zip"], {"n": "int64", "note": "string"})
    found = explained(joining, "v", "12:00", zip=1)
    assert [(row.file, row.row) for row in found.candidates] == [
        (f"v{suffix}", 2),
        (f"v{suffix}", 1),
    ]
    assert found.candidates[1].values["note"] == "two\nlines"


def test_rows_count_within_their_own_file(joining, tmp_path):
    for day in (1, 2, 3):
        folder = tmp_path / f"v/day=2024-01-0{day}"
        folder.mkdir(parents=True)
        late = ",m" if day == 3 else ""
        lines = [f"{zip_code},{day}{zip_code}{',1.5' * bool(late)}" for zip_code in (5, 6)]
        (folder / "a.csv").write_text("\n".join([f"zip,n{late}", *lines]) + "\n")
    joining.entity("zip", zip="int64")
    joining.source("v", None, path="v", event_timestamp="day", format="csv")
    joining.view("v", ["zip"], {"n": "int64", "m": "float64"})
    found = explained(joining, "v", "2024-01-03T00:00Z", zip=6)
    assert [(row.file, row.row, row.values["n"], row.values["m"]) for row in found.candidates] == [
        ("v/day=2024-01-03/a.csv", 2, 36, 1.5),
        ("v/day=2024-01-02/a.csv", 2, 26, None),
        ("v/day=2024-01-01/a.csv", 2, 16, None),
    ]


@pytest.mark.parametrize("taken", ["file_row_number", "File_Row_Number", "filename", "file", "row"])
def test_a_column_named_as_the_reader_s_own_does_no_harm(taken, joining):
    joining.entity("driver", driver="int64")
    columns = {"driver": [1, 2, 1], "ts": times("09:00", "10:00", "11:00"), taken: [7, 8, 9]}
    joining.source("v", columns, columns={taken: "n"})
    joining.view("v", ["driver"], {"n": "int64"})
    found = explained(joining, "v:n", "12:00", driver=1)
    assert [(row.file, row.row, row.values["n"]) for row in found.candidates] == [
        ("v.parquet", 3, 9),
        ("v.parquet", 1, 7),
    ]


def test_rows_that_are_not_held_are_read_again(joining, monkeypatch):
    simple_view(joining, *ROWS, ttl="90m")
    held = explained(joining, "v:n", "11:00", driver=1)
    monkeypatch.setattr(judged_rows, "HELD_ROWS", 2)
    assert explained(joining, "v:n", "11:00", driver=1) == held


def test_no_more_rows_of_one_time_are_shown_than_a_person_reads(joining):
    simple_view(joining, *[(1, "10:00", n) for n in range(100)])
    found = explained(joining, "v:n", "12:00", driver=1)
    assert (found.values, found.counts.matching) == ({"n": 99}, 100)
    assert (len(found.candidates), found.not_shown["earlier"]) == (20, 80)


def test_null_keys_and_times_match_nothing(joining):
    simple_view(joining, *ROWS)
    assert explained(joining, "v:n", "12:00", driver=None).outcome == "null_key"
    found = explained(joining, "v:n", None, driver=1)
    assert (found.outcome, found.document()["at"]) == ("null_time", None)


@pytest.mark.parametrize(
    ("feature", "keys", "code"),
    [
        ("w:n", {"driver": 1}, "FC301"),
        ("v:m", {"driver": 1}, "FC302"),
        ("v:n:x", {"driver": 1}, "FC302"),
        ("v:n", {}, "FC305"),
        ("v:n", {"drivr": 1}, "FC305"),
        ("v:n", {"driver": 1, "city": 2}, "FC336"),
        ("v:n", {"driver": "x"}, "FC311"),
        ("v:n", {"driver": 1.5}, "FC311"),
        ("service:s", {"driver": 1}, "FC336"),
        ("v:*", {"driver": 1}, "FC336"),
    ],
)
def test_a_question_that_can_t_be_answered_is_refused(feature, keys, code, joining):
    simple_view(joining, *ROWS)
    with pytest.raises(RequestError) as caught:
        explained(joining, feature, "12:00", **keys)
    assert caught.value.code == code


def test_a_text_that_is_no_unicode_is_no_key(joining):
    joining.entity("zip", zip="string")
    joining.source("v", {"zip": ["x"], "ts": times("10:00"), "n": [1]})
    joining.view("v", ["zip"], {"n": "int64"})
    with pytest.raises(RequestError, match="no valid text"):
        explained(joining, "v:n", "12:00", zip="\udcff")


def test_a_source_that_lacks_a_column_is_an_error(joining, tmp_path):
    simple_view(joining, *ROWS)
    pq.write_table(pa.table({"driver": [1], "ts": times("10:00")}), tmp_path / "v.parquet")
    with pytest.raises(SourceError) as caught:
        explained(joining, "v:n", "12:00", driver=1)
    assert caught.value.code == "FC205"


def test_what_is_explained_is_what_is_joined(joining):
    simple_view(joining, *ROWS, ttl="2h")
    clocks = ["07:59", "08:00", "09:59", "10:00", "13:59", "14:00:00.000001"]
    joined = values(joining.join(frame("driver", *[(1, clock) for clock in clocks]), "v:n"))
    assert [explained(joining, "v:n", clock, driver=1).values["n"] for clock in clocks] == joined


@pytest.mark.parametrize("name", ["a[1].parquet", "it's.parquet", "a*b.parquet", "é ☃.parquet"])
def test_files_of_any_name_are_told_by_it(name, joining, tmp_path):
    joining.entity("driver", driver="int64")
    (tmp_path / "v").mkdir()
    for file, n in ((name, 1), ("z.parquet", 2)):
        rows = pa.table({"driver": [1], "ts": times("10:00"), "n": [n]})
        pq.write_table(rows, tmp_path / "v" / file)
    joining.source("v", None, path="v")
    joining.view("v", ["driver"], {"n": "int64"})
    found = explained(joining, "v:n", "12:00", driver=1)
    assert [(row.file, row.row) for row in found.candidates] == [
        ("v/z.parquet", 1),
        (f"v/{name}", 1),
    ]
