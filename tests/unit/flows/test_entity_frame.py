"""Entity frames: checked against what is asked for, and given back as they came."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from joining import Joining, frame, moment, simple_view, times, values

from featurectl.errors import ManyErrors, RequestError


@pytest.fixture
def joining(tmp_path) -> Joining:
    joining = Joining(tmp_path)
    joining.entity("driver", driver="int64")
    return joining


def test_frame_comes_out_as_it_went_in(joining):
    simple_view(joining, (1, "10:00", 1), (2, "10:00", 2))
    given = pa.table(
        {
            "word": pa.array(["a", None, "a", "b"]).dictionary_encode(),
            "Driver": pa.array(["q", "r", "s", "t"], pa.large_string()),
            "event_timestamp": pa.array(
                [moment("12:00"), None, moment("12:00"), moment("09:00")],
                pa.timestamp("ns", "Asia/Kolkata"),
            ),
            "driver": pa.array([2, 1, None, 1], pa.int32()),
            "money": pa.array([Decimal("1.10"), None, None, None], pa.decimal128(12, 2)),
            "nested": [{"a": [1]}, None, {"a": []}, None],
            "naive": pa.array([0, 1, None, 3], pa.timestamp("s")),
        }
    )
    training = joining.join(given, "v:n")
    assert training.to_arrow().select(given.column_names).equals(given)
    assert values(training) == [2, None, None, None]
    assert training.report.null_event_timestamps == 1


def test_duplicate_rows_stay_in_input_order(joining):
    simple_view(joining, (1, "10:00", 1), (2, "10:00", 2))
    rows = frame("driver", *[(2, "11:00"), (1, "11:00")] * 5000, label=list(range(10_000)))
    found = joining.join(rows, "v:n").to_arrow()
    assert found["label"].to_pylist() == list(range(10_000))
    assert found["n"].to_pylist() == [2, 1] * 5000


def test_keys_are_compared_typed(joining):
    joining.entity("zip", zip="string")
    joining.source("z", {"zip": ["012", "12"], "ts": times("10:00", "10:00"), "n": [1, 2]})
    joining.view("z", ["zip"], {"n": "int64"})
    assert values(joining.join(frame("zip", ("12", "11:00"), ("012", "11:00")), "z:n")) == [2, 1]
    with pytest.raises(RequestError) as error:
        joining.join(frame("zip", (12, "11:00")), "z:n")
    assert error.value.code == "FC307"


def test_empty_frame_gives_an_empty_result_of_the_right_types(joining):
    simple_view(joining, (1, "10:00", 1), ttl="1h")
    given = pa.table({
        "driver": pa.array([], pa.int64()), "event_timestamp": pa.array([], pa.timestamp("us"))
    })  # fmt: skip
    training = joining.join(given, "v:n")
    assert training.to_arrow().num_rows == 0
    assert training.schema.field("n").type == pa.int64()
    assert training.report.views[0].matched == 0


def refused(joining: Joining, rows, *features, **request) -> RequestError:
    with pytest.raises(RequestError) as error:
        joining.join(rows, *features, **request)
    return error.value


def test_missing_event_timestamp_is_an_error_with_the_nearest_column(joining):
    simple_view(joining, (1, "10:00", 1))
    error = refused(joining, pa.table({"driver": [1], "event_timestmp": [1]}), "v:n")
    assert (error.code, error.caret) == ("FC306", 'did you mean "event_timestmp"?')


def test_event_timestamp_may_have_another_name(joining):
    simple_view(joining, (1, "10:00", 1))
    rows = pa.table({"driver": [1], "when": ["2024-01-01T11:00Z"]})
    assert values(joining.join(rows, "v:n", event_timestamp="when")) == [1]


@pytest.mark.parametrize("taken", ["n", "N"])
def test_feature_named_like_a_column_of_the_frame_is_refused(joining, taken):
    simple_view(joining, (1, "10:00", 1))
    error = refused(joining, frame("driver", (1, "11:00"), **{taken: [7]}), "v:n")
    assert error.code == "FC308"
    assert f'"{taken}"' in error.message
    assert values(
        joining.join(frame("driver", (1, "11:00"), n=[7]), "v:n", full_names=True), "n"
    ) == [7]


def test_all_errors_of_a_frame_are_told_at_once(joining):
    simple_view(joining, (1, "10:00", 1))
    with pytest.raises(ManyErrors) as error:
        joining.join(pa.table({"drvr": [1]}), "v:n")
    assert sorted(e.code for e in error.value.errors) == ["FC305", "FC306"]


def test_floats_are_no_integer_keys(joining):
    simple_view(joining, (1, "10:00", 1))
    error = refused(joining, frame("driver", (1.0, "11:00")), "v:n")
    assert error.code == "FC307"
    assert 'column "driver" of the entity frame is double' in error.message


def test_csv_frame_reads_join_keys_by_their_declared_types(joining, tmp_path):
    joining.entity("zip", zip="string")
    joining.source("z", {"zip": ["012"], "ts": times("10:00"), "n": [1]})
    joining.view("z", ["zip"], {"n": "int64"})
    path = tmp_path / "entities.csv"
    path.write_text("zip,event_timestamp,label\n012,2024-01-01T12:00:00Z,1.5\n12,2024-01-01,\n")
    found = joining.join(path, "z:n").to_arrow()
    assert found["zip"].to_pylist() == ["012", "12"]
    assert found["n"].to_pylist() == [1, None]
    assert found["label"].to_pylist() == [1.5, None]
