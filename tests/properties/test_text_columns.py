"""Columns of text that are read at once give what reading them one by one gives."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from featurectl.definitions.instant import parse_instant
from featurectl.offline.csv_text import csv_column
from featurectl.offline.guessed_type import GuessedType
from featurectl.offline.text_column import plain_instants, plain_integers

DIGITS = st.integers(0, 99).map("{:02d}".format)
YEARS = st.sampled_from(["0000", "0001", "0002", "1600", "1969", "1970", "2024", "9998", "9999"])
DATES = st.builds("{}-{}-{}".format, YEARS, DIGITS, DIGITS) | st.dates().map(str)
CLOCKS = st.one_of(
    st.times().map(str),
    st.times().map(lambda time: f"{time:%H:%M}"),
    st.builds("{}:{}:{}".format, DIGITS, DIGITS, DIGITS),
    st.builds("12:00:00.{}".format, st.integers(0, 10**9)),
)
ZONES = st.one_of(
    st.sampled_from(["", "Z", "z", " Z"]),
    st.builds("{}{}:{}".format, st.sampled_from("+-"), DIGITS, DIGITS),
    st.builds("{}{}".format, st.sampled_from("+-"), DIGITS),
)
TEXTS = DATES | st.builds("{}{}{}{}".format, DATES, st.sampled_from("T "), CLOCKS, ZONES)


@given(st.lists(st.none() | TEXTS, max_size=3))
def test_plain_instants_are_what_single_texts_are(texts):
    found = plain_instants(pa.chunked_array([pa.array(texts, pa.large_string())]))
    if found is not None:
        expected = [None if text is None else parse_instant(text) for text in texts]
        assert found.to_pylist() == expected


@given(st.datetimes(timezones=st.timezones()) | st.datetimes())
def test_iso_times_are_plain(moment):
    found = plain_instants(pa.chunked_array([pa.array([moment.isoformat()], pa.large_string())]))
    if found is not None:
        assert found.to_pylist() == [parse_instant(moment)]
    else:  # years at the edges, or offsets with seconds
        assert moment.year in (1, 9999) or moment.utcoffset().seconds % 60


@given(st.lists(st.none() | st.integers(-(10**20), 10**20).map(str) | st.text(max_size=3)))
def test_plain_integers_are_what_single_texts_are(texts):
    found = plain_integers(pa.chunked_array([pa.array(texts, pa.string())]))
    if found is not None:
        assert found.to_pylist() == [None if text is None else int(text) for text in texts]


@given(st.lists(st.none() | st.integers(1 - 10**18, 10**18 - 1), min_size=1))
def test_integers_of_up_to_18_digits_are_plain(numbers):
    texts = [None if number is None else str(number) for number in numbers]
    found = plain_integers(pa.chunked_array([pa.array(texts, pa.string())]))
    assert found is not None
    assert found.to_pylist() == numbers


@given(st.lists(st.from_regex(r"-?[0-9]{1,9}(\.[0-9]{0,5})?", fullmatch=True), min_size=1))
def test_a_guessed_type_gives_back_every_text(texts):
    column = pa.array(texts, pa.string())
    guess = GuessedType()
    guess.look(column)
    assert csv_column(column.cast(guess.type)).cast(pa.string()).equals(column)


@given(
    st.lists(st.integers() | st.floats() | st.decimals() | st.booleans() | st.dates(), max_size=3)
)
def test_a_guessed_type_of_any_values_gives_back_every_text(values):
    column = pa.array([str(value) for value in values], pa.string())
    guess = GuessedType()
    guess.look(column)
    assert csv_column(column.cast(guess.type)).cast(pa.string()).equals(column)
