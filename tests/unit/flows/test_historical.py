"""Historical retrieval by its rules, beyond the acceptance cases."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from joining import Joining, frame, simple_view, times, us, values


@pytest.fixture
def joining(tmp_path) -> Joining:
    joining = Joining(tmp_path)
    joining.entity("driver", driver="int64")
    return joining


@pytest.mark.parametrize("labels", [1, 63, 64, 65, 200])
def test_row_newer_than_label_is_never_joined(joining, labels):
    simple_view(joining, (1, "10:00", 1), (1, "12:00", 2))
    rows = frame("driver", *[(1, "11:59:59.999999")] * labels)
    assert values(joining.join(rows, "v:n")) == [1] * labels


def test_both_ends_of_the_ttl_are_inclusive(joining):
    simple_view(joining, (1, "10:00", 1), ttl="1h")
    rows = frame("driver", (1, "10:00"), (1, "11:00"), (1, "11:00:00.000001"), (1, "09:59"))
    assert values(joining.join(rows, "v:n")) == [1, 1, None, None]


def test_full_ties_are_decided_by_all_features_whatever_was_asked_and_counted(joining):
    columns = {
        "driver": [1, 1, 1],
        "ts": times("10:00", "10:00", "10:00"),
        "a": ["y", "z", "z"],
        "b": [9, None, 1],
    }
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        joining.source("v", pa.table(columns).take(order))
        joining.view("v", ["driver"], {"b": "int64", "a": "string"})
        training = joining.join(frame("driver", (1, "11:00"), (1, "12:00"), (2, "12:00")), "v:b")
        assert values(training, "b") == [1, 1, None]
        assert training.report.views[0].ties == 2


def test_ties_in_event_time_go_to_the_greatest_created_time(joining):
    columns = {"driver": [1, 1], "ts": times("10:00", "10:00"), "n": [9, 1]}
    columns["w"] = times(None, "10:00:00.000001")
    joining.source("v", columns, created_timestamp="w")
    joining.view("v", ["driver"], {"n": "int64"})
    assert values(joining.join(frame("driver", (1, "11:00")), "v:n")) == [1]


def created(joining: Joining, *rows: tuple[str, str | None, int], **fields) -> Joining:
    event, written, n = zip(*rows, strict=True)
    columns = {"driver": [1] * len(rows), "ts": times(*event), "w": times(*written), "n": list(n)}
    joining.source("v", columns, created_timestamp="w")
    joining.view("v", ["driver"], {"n": "int64"}, **fields)
    return joining


def test_known_at_takes_an_older_row_where_the_newer_is_not_known_yet(joining):
    created(joining, ("10:00", "10:30", 1), ("11:00", "13:00", 2), ("10:30", "12:30", 3))
    rows = frame("driver", *[(1, t) for t in ("10:15", "10:30", "12:00", "12:30", "13:00")])
    assert values(joining.join(rows, "v:n", known_at=True)) == [None, 1, 1, 3, 2]
    assert values(joining.join(rows, "v:n")) == [1, 3, 2, 2, 2]


def test_known_at_of_the_view_holds_without_being_asked_for(joining):
    created(joining, ("10:00", "12:00", 1), known_at=True)
    training = joining.join(frame("driver", (1, "11:00")), "v:n")
    assert values(training) == [None]
    assert training.report.views[0].known_at == "on"


def test_known_at_tells_an_expired_value_from_one_that_was_not_known(joining):
    created(joining, ("01:00", "23:00", 1), ("02:00", "02:00", 2), ttl="1h")
    rows = frame("driver", (1, "12:00"), (1, "01:30"))
    report = joining.join(rows, "v:n", known_at=True).report.views[0]
    assert (report.expired, report.no_row, report.matched) == (1, 1, 0)
    created(joining, ("01:00", "23:00", 1), ttl="1h")
    report = joining.join(frame("driver", (1, "12:00")), "v:n", known_at=True).report.views[0]
    assert (report.expired, report.no_row) == (0, 1)


def test_known_at_without_created_time_has_no_effect_and_says_so(joining):
    simple_view(joining, (1, "10:00", 1))
    training = joining.join(frame("driver", (1, "11:00")), "v:n", known_at=True)
    assert values(training) == [1]
    assert training.report.views[0].known_at == "no created time"


def test_static_rows_match_every_time_and_equal_keys_are_decided_by_content(joining):
    joining.source("v", {"driver": [1, 2, 2], "n": [5, 6, 7]}, event_timestamp="none")
    joining.view("v", ["driver"], {"n": "int64"})
    rows = frame("driver", (1, "1900-01-01T00:00Z"), (2, "10:00"), (3, "10:00"), (1, None))
    training = joining.join(rows, "v:n")
    assert values(training) == [5, 7, None, None]
    report = training.report.views[0]
    assert (report.matched, report.no_row, report.ties) == (2, 2, 1)
    assert report.oldest_age_seconds is None


def test_many_views_are_joined_in_one_request(joining):
    for n in range(12):
        joining.source(f"v{n}", {"driver": [1], "ts": times("10:00"), f"n{n}": [n]})
        joining.view(f"v{n}", ["driver"], {f"n{n}": "int64"})
    found = joining.join(frame("driver", (1, "11:00")), *(f"v{n}" for n in range(12))).to_arrow()
    assert [found[f"n{n}"][0].as_py() for n in range(12)] == list(range(12))


def test_empty_source_gives_nulls(joining):
    empty = {"driver": pa.array([], pa.int64()), "ts": times(), "n": pa.array([], pa.int64())}
    joining.source("v", empty)
    joining.view("v", ["driver"], {"n": "int64"}, ttl="1h")
    assert values(joining.join(frame("driver", (1, "10:00")), "v:n")) == [None]


def test_names_of_any_kind_are_only_names(joining, tmp_path):
    odd = "dr\"iver'; drop table labels --"
    renamed = {odd: "driver", 'n"': "n"}
    columns = {odd: [1], 'ts"': times("10:00"), 'n"': [7]}
    folder = tmp_path / "it's [odd] é"
    folder.mkdir()
    pq.write_table(pa.table(columns), folder / "a*.parquet")
    joining.source(
        "v", None, path="it's [odd] é/a*.parquet", event_timestamp='ts"', columns=renamed
    )
    joining.view("v", ["driver"], {"n": "int64"})
    rows = pa.table({"driver": [1], 't"': times("11:00"), 'select "': [1]})
    assert values(joining.join(rows, "v:n", event_timestamp='t"')) == [7]


def test_time_of_a_label_may_be_far_from_today(joining):
    simple_view(joining, (1, "0001-01-01T00:00:00Z", 1), (1, "9999-12-31T00:00:00Z", 2), ttl="1h")
    rows = frame("driver", (1, "0001-01-01T00:30:00Z"), (1, "9999-12-31T00:30:00Z"))
    assert values(joining.join(rows, "v:n")) == [1, 2]
    assert us("0001-01-01T00:30:00Z") < 0


@pytest.mark.parametrize("labels", [1, 64])
@pytest.mark.parametrize("user", [2**63 - 1, -1, 0, 1, -(2**63)])
@pytest.mark.parametrize("digest", [b"", b"a", b"\xff", b"\x00" * 9])
def test_keys_of_bytes_among_others_find_their_rows(joining, user, digest, labels):
    joining.entity("user", user="int64")
    joining.entity("digest", digest="bytes")
    keys = {"user": [user] * 4, "digest": [digest] * 4}
    clocks = times("10:00", "11:00", "12:00", "13:00")
    joining.source("v", {**keys, "ts": clocks, "n": [1, 2, 3, 4]})
    joining.view("v", ["user", "digest"], {"n": "int64"})
    asked = frame("user", *[(user, "12:30")] * labels, digest=[digest] * labels)
    assert values(joining.join(asked, "v:n")) == [3] * labels
