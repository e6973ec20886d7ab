"""The proof of a training set: what it carries, and that it fails where a row is of the future."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.csv as pcsv
import pytest
from joining import Joining, frame, moment, simple_view, times, us

from featurectl.errors import RequestError
from featurectl.flows.leakage import Prover, Rule

RULE = Rule("v", "v", ttl_us=3_600_000_000, known_at=True, has_created=True)
LEAST, GREATEST = -(1 << 63) + 2, (1 << 63) - 2  # what is beyond is infinite


@pytest.fixture
def joining(tmp_path) -> Joining:
    return Joining(tmp_path)


def prove(rule: Rule, row: int | None, event: int | None, created: int | None, value: object = 1):
    batch = pa.RecordBatch.from_pydict({"t": pa.array([row], pa.timestamp("us", "UTC"))})
    won = pa.array([event], pa.int64()), pa.array([created], pa.int64())
    prover = Prover([rule], "t", pa.chunked_array([batch.column(0).cast(pa.int64())]), "t")
    columns = prover.add(batch, [won], [[pa.array([value])]])
    return prover.finish(), [column.cast(pa.int64()).to_pylist()[0] for column in columns]


def test_each_row_carries_the_times_of_the_row_that_won(joining):
    columns = {
        "driver": [1, 1], "ts": times("10:00", "11:00"), "w": times("10:05", None), "n": [1, 2]
    }  # fmt: skip
    joining.entity("driver", driver="int64")
    joining.source("v", columns, created_timestamp="w")
    joining.view("v", ["driver"], {"n": "int64"}, ttl="2h")
    rows = frame("driver", (1, "10:30"), (1, "11:30"), (1, "15:00"), (2, "11:00"), (1, None))
    training = joining.join(rows, "v:n", proves=True)
    found = training.to_arrow()
    assert found.column_names[-3:] == ["n", "v__event_timestamp", "v__created_timestamp"]
    assert found.schema.field("v__event_timestamp").type == pa.timestamp("us", "UTC")
    assert found["v__event_timestamp"].to_pylist() == [
        moment("10:00"), moment("11:00"), None, None, None
    ]  # fmt: skip
    assert found["v__created_timestamp"].to_pylist()[:2] == [moment("10:05"), moment("11:00")]
    assert training.report.document()["proof"] == {
        "rows": 5,
        "views": [
            {
                "view": "v", "as": "v", "static": False, "rows": 2, "event_by_row_time": True,
                "within_ttl": "2h", "created_by_row_time": False, "has_created_time": True,
                "created_later": 0,
            }
        ],
    }  # fmt: skip


def test_a_view_without_created_times_has_none_to_show(joining):
    simple_view(joining, (1, "10:00", 1))
    found = joining.join(frame("driver", (1, "11:00")), "v:n", proves=True).to_arrow()
    assert found["v__event_timestamp"].to_pylist() == [moment("10:00")]
    assert found["v__created_timestamp"].to_pylist() == [None]


def test_a_static_view_has_nothing_to_prove(joining):
    joining.entity("driver", driver="int64")
    joining.source("v", {"driver": [1], "n": [1]}, event_timestamp="none")
    joining.view("v", ["driver"], {"n": "int64"})
    training = joining.join(frame("driver", (1, "11:00")), "v:n", proves=True)
    assert training.to_arrow().to_pylist()[0]["v__event_timestamp"] is None
    [view] = training.report.document()["proof"]["views"]
    assert (view["static"], view["event_by_row_time"], view["rows"]) == (True, False, 0)


def test_what_was_created_later_is_counted_and_with_known_at_excluded(joining):
    columns = {"driver": [1], "ts": times("10:00"), "w": times("12:00"), "n": [1]}
    joining.entity("driver", driver="int64")
    joining.source("v", columns, created_timestamp="w")
    joining.view("v", ["driver"], {"n": "int64"})
    rows = frame("driver", (1, "11:00"), (1, "12:00"))
    for known_at, later, values in ((False, 1, [1, 1]), (True, 0, [None, 1])):
        training = joining.join(rows, "v:n", proves=True, known_at=known_at)
        assert training.to_arrow()["n"].to_pylist() == values
        [view] = training.report.document()["proof"]["views"]
        assert (view["created_later"], view["created_by_row_time"]) == (later, known_at)


@pytest.mark.parametrize("suffix", ["csv", "parquet", "arrow"])
def test_the_columns_of_the_proof_are_in_every_format(joining, tmp_path, suffix):
    simple_view(joining, (1, "10:00", 1))
    (tmp_path / "rows.csv").write_text("driver,event_timestamp\n1,2024-01-01T11:00Z\n1,\n")
    training = joining.join(str(tmp_path / "rows.csv"), "v:n", proves=True)
    out = tmp_path / f"out.{suffix}"
    training.write(out)
    if suffix == "csv":
        assert pcsv.read_csv(out)["v__event_timestamp"].to_pylist()[1] is None
        assert "2024-01-01T10:00:00.000000Z" in out.read_text()
    assert training.report.proof.views[0].rows == 1


@pytest.mark.parametrize("name", ["v__event_timestamp", "V__Created_Timestamp"])
def test_a_column_named_like_those_of_the_proof_is_refused_before_any_work(joining, name):
    simple_view(joining, (1, "10:00", 1))
    with pytest.raises(RequestError, match=f'column "{name}" of the entity frame') as error:
        joining.join(frame("driver", (1, "11:00"), **{name: [1]}), "v:n", proves=True)
    assert error.value.code == "FC308"
    assert joining.join(frame("driver", (1, "11:00"), **{name: [1]}), "v:n").to_arrow().num_rows


def test_a_feature_named_like_a_column_of_the_proof_is_refused(joining):
    joining.entity("driver", driver="int64")
    joining.source("v", {"driver": [1], "ts": times("10:00"), "event_timestamp_": [1]})
    joining.view("v", ["driver"], {"event_timestamp_": "int64"})
    joining.source("w", {"driver": [1], "ts": times("10:00"), "v__event_timestamp": [1]})
    joining.view("w", ["driver"], {"v__event_timestamp": "int64"})
    with pytest.raises(RequestError, match='feature column "v__event_timestamp"'):
        joining.join(frame("driver", (1, "11:00")), "v", "w", proves=True)


def test_two_uses_under_one_alias_can_not_be_told_apart(joining):
    joining.entity("place", place="int64")
    joining.source("v", {"place": [1], "ts": times("10:00"), "a": [1], "b": [2]})
    joining.view("v", ["place"], {"a": "int64", "b": "int64"})
    refs = [
        {"view": "v", "as": "x", "join_keys": {"place": key}, "features": [name]}
        for key, name in (("origin", "a"), ("dest", "b"))
    ]
    joining.service("s", *refs)
    rows = frame("origin", (1, "11:00"), dest=[1])
    assert joining.join(rows, service="s").to_arrow().num_rows == 1
    with pytest.raises(RequestError, match="proof of another use called x"):
        joining.join(rows, service="s", proves=True)


def test_rows_at_the_bounds_pass():
    hour = RULE.ttl_us
    cases = [(0, 0, 0), (0, -hour, 0), (LEAST, LEAST, LEAST), (5, None, None)]
    for row, event, created in [*cases, (GREATEST, GREATEST - hour, GREATEST)]:
        value = None if event is None else 1
        found, columns = prove(RULE, row, event, created, value)
        assert found.views[0].rows == (event is not None)
        assert columns == [event, created]


@pytest.mark.parametrize(
    ("row", "event", "created", "what"),
    [
        (0, 1, 0, "has an event time after its row's"),
        (0, GREATEST, 0, "has an event time after its row's"),
        (LEAST, GREATEST, 0, "has an event time after its row's"),
        (0, -3_600_000_001, 0, "is older than its ttl 1h"),
        (GREATEST, LEAST, 0, "is older than its ttl 1h"),
        (0, 0, 1, "was created after its row's time"),
        (None, 0, 0, "has an event time, where its row has no time"),
    ],
)
def test_a_microsecond_too_far_fails(row, event, created, what):
    with pytest.raises(RequestError, match=what) as error:
        prove(RULE, row, event, created)
    assert error.value.code == "FC332"


def test_a_failure_names_the_row_and_both_times():
    with pytest.raises(RequestError) as error:
        prove(Rule("v", "dest", None), us("10:00"), us("10:00:00.000001"), None)
    assert error.value.message == (
        "leakage proof failed: in row 1 the value of dest (v) has an event time after its row's"
    )
    assert error.value.notes[0] == (
        "its time: 2024-01-01T10:00:00.000001Z, the row's: 2024-01-01T10:00:00Z"
    )


def test_a_value_that_no_row_gave_fails():
    with pytest.raises(RequestError, match="is there though no row has won"):
        prove(RULE, 0, None, None, 7)
    filled = Rule("v", "v", None, fills=True)
    assert prove(filled, 0, None, None, 7)[0].views[0].rows == 0


@pytest.mark.parametrize("known_at", [False, True])
def test_any_age_and_any_created_time_may_be_allowed(known_at):
    free = Rule("v", "v", ttl_us=None, known_at=known_at, has_created=True)
    assert prove(free, GREATEST, LEAST, 0)[0].views[0].created_later == 0
    if not known_at:
        assert prove(free, 0, 0, 1)[0].views[0].created_later == 1
