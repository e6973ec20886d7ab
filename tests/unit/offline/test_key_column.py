"""Frame columns as join keys and times."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from featurectl.errors import RequestError
from featurectl.offline.key_column import event_times, key_values

DAY = dt.date(2024, 1, 2)
ACCEPTED = [
    ("int64", pa.array([1, None], pa.int8()), [1, None]),
    ("int64", pa.array([2**64 - 1, 5], pa.uint64()), [None, 5]),
    ("int32", pa.array([2**31, -(2**31), None], pa.int64()), [None, -(2**31), None]),
    ("int64", pa.array(["-12", "0", None, "9" * 5_000]), [-12, 0, None, None]),
    ("int64", pa.nulls(2), [None, None]),
    ("int64", pa.array(["7", "7"]).dictionary_encode(), [7, 7]),
    ("string", pa.array(["a", None], pa.large_string()), ["a", None]),
    ("string", pa.array(["a\x00b", "é"]).dictionary_encode(), ["a\x00b", "é"]),
    ("bytes", pa.array([b"ab"], pa.binary(2)), [b"ab"]),
    ("bytes", pa.array(["YWI="]), [b"ab"]),
    ("bool", pa.array([True, None]), [True, None]),
    ("date", pa.array([DAY], pa.date64()), [DAY]),
    ("date", pa.array(["2024-01-02"]), [DAY]),
]


@pytest.mark.parametrize(("kind", "column", "expected"), ACCEPTED)
def test_values_of_a_key_are_of_its_type_and_what_no_key_can_be_is_null(kind, column, expected):
    assert key_values(pa.chunked_array([column]), kind, "c").to_pylist() == expected


REFUSED = [
    ("int64", pa.array([1.0])),
    ("int64", pa.array([True])),
    ("string", pa.array([1])),
    ("bool", pa.array([1])),
    ("date", pa.array([0], pa.timestamp("us"))),
    ("bytes", pa.array([1])),
]


@pytest.mark.parametrize(("kind", "column"), REFUSED)
def test_column_of_another_type_is_refused(kind, column):
    with pytest.raises(RequestError, match=f'column "k" .* but the join key is {kind}') as error:
        key_values(pa.chunked_array([column]), kind, 'column "k"')
    assert error.value.code == "FC307"


def test_floats_for_integers_tell_of_nulls_in_pandas():
    with pytest.raises(RequestError) as error:
        key_values(pa.chunked_array([pa.array([1.0])]), "int64", "c")
    assert "Int64" in error.value.help[0]


@pytest.mark.parametrize(
    ("kind", "text"),
    [("int64", "1.5"), ("int64", "01"), ("int64", "+1"), ("int64", ""), ("bytes", "?"),
     ("date", "1 May"), ("bool", "1")],
)  # fmt: skip
def test_text_that_is_no_value_of_the_key_is_refused(kind, text):
    with pytest.raises(RequestError) as error:
        key_values(pa.chunked_array([pa.array([text])]), kind, "c")
    assert error.value.code == "FC311"


NOON = 1_704_110_400_000_000
TIMES = [
    pa.array([NOON // 10**6], pa.timestamp("s")),
    pa.array([NOON // 10**3], pa.timestamp("ms", "America/New_York")),
    pa.array([NOON], pa.timestamp("us")),
    pa.array([NOON * 1000 + 999], pa.timestamp("ns", "UTC")),
    pa.array(["2024-01-01T07:00-05:00"]),
    pa.array(["2024-01-01 12:00"], pa.large_string()).dictionary_encode(),
]


@pytest.mark.parametrize("column", TIMES)
def test_times_of_every_form_are_microseconds(column):
    twice = pa.chunked_array([column, column])
    assert event_times(twice, "c").to_pylist() == [NOON, NOON]


def test_nanoseconds_are_floored_before_1970_and_nulls_stay():
    column = pa.array([-1, None, -1000, -1001], pa.timestamp("ns"))
    assert event_times(pa.chunked_array([column]), "c").to_pylist() == [-1, None, -1, -2]


def test_dates_are_midnight():
    column = pa.array([dt.date(1970, 1, 2), None])
    assert event_times(pa.chunked_array([column]), "c").to_pylist() == [86_400_000_000, None]


def test_text_that_is_no_time_is_refused():
    with pytest.raises(RequestError, match='"noon" is not a time') as error:
        event_times(pa.chunked_array([pa.array(["noon"])]), "c")
    assert error.value.code == "FC318"


def test_column_that_is_no_time_is_refused():
    with pytest.raises(RequestError) as error:
        event_times(pa.chunked_array([pa.array([1])]), "c")
    assert error.value.code == "FC307"


def test_time_beyond_microseconds_is_refused():
    column = pa.array(np.array([2**62]), pa.timestamp("s"))
    with pytest.raises(RequestError) as error:
        event_times(pa.chunked_array([column]), "c")
    assert error.value.code == "FC318"


@pytest.mark.parametrize("kind", [pa.int64(), pa.string(), pa.timestamp("ns")])
def test_no_rows_give_no_values(kind):
    empty = pa.chunked_array([], kind)
    found = event_times(empty, "c") if kind != pa.int64() else key_values(empty, "int64", "c")
    assert found.to_pylist() == []
