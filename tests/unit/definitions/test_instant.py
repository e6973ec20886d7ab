from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from featurectl.definitions.duration import format_duration, parse_duration
from featurectl.definitions.instant import format_instant, parse_instant, parse_when

NOON = parse_instant(datetime(2024, 1, 1, 12, tzinfo=timezone.utc))


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01T12:00:00Z",
        "2024-01-01T12:00Z",
        "2024-01-01 12:00:00",
        "2024-01-01T07:00-05:00",
        "2024-01-01T07:00-0500",
        "2024-01-01T12:00:00.000000999Z",
        "2024-01-01 13:30:00+01:30",
    ],
)
def test_iso_texts_of_one_instant_are_equal(text: str) -> None:
    assert parse_instant(text) == NOON


def test_naive_is_utc_and_a_date_is_its_midnight() -> None:
    assert parse_instant(datetime(2024, 1, 1, 12)) == NOON  # noqa: DTZ001 - naive on purpose
    assert (
        parse_instant(date(2024, 1, 1)) == parse_instant("2024-01-01") == NOON - 12 * 3_600_000_000
    )


def test_digits_beyond_the_microsecond_are_floored_before_1970_too() -> None:
    assert parse_instant("1969-12-31T23:59:59.9999995Z") == -1


@pytest.mark.parametrize(
    "text",
    [
        *("", "noon", "2024-13-01", "2024-01-01T25:00", "2024-01-01Z", "12:00"),
        *("0001-01-01T00:00+05:00", "9999-12-31T23:00-05:00"),
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        parse_instant(text)


@given(st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999))
def test_format_and_parse_are_inverse(us: int) -> None:
    assert parse_instant(format_instant(us)) == us


@pytest.mark.parametrize("us", [-(1 << 63), -(1 << 56) * 3, (1 << 58), (1 << 63) - 1])
def test_what_python_has_no_time_for_is_told_as_the_nearest_that_it_has(us: int) -> None:
    assert format_instant(us) in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z")


def test_what_64_bits_do_not_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="beyond all calendars"):
        parse_when("-999999999d", now_us=NOON)


def test_a_command_line_takes_now_and_ago() -> None:
    assert parse_when("now", now_us=NOON) == NOON
    assert parse_when("-2d", now_us=NOON) == NOON - 2 * 86_400_000_000


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("48h", "2d"), ("90s", "90s"), ("2w", "14d"), ("60m", "1h"), ("999999999d",) * 2],
)
def test_durations_have_one_canonical_text(text: str, canonical: str) -> None:
    assert format_duration(parse_duration(text)) == canonical
    assert parse_duration(timedelta(microseconds=parse_duration(text))) == parse_duration(text)


NO_DURATIONS = [
    *("0s", "1", "h", "-1h", "1.5h", "1h30m", "forever"),
    *("999999999w", timedelta(milliseconds=1_500), timedelta(0)),  # no text of their own
]


@pytest.mark.parametrize("text", NO_DURATIONS)
def test_what_is_no_duration_is_refused(text: str | timedelta) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)
