import pytest

from featurectl.cli import figures
from featurectl.definitions.instant import parse_instant

NOW = parse_instant("2026-11-23T06:00:00Z")


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (18_412_345, "18.4 MB"),
        (999_960_000, "1.0 GB"),
        (3_100_000_000_000, "3.1 TB"),
        (3_100_000_000_000_000, "3,100.0 TB"),
    ],
)
def test_sizes_are_decimal(size_bytes: int, text: str) -> None:
    assert figures.size(size_bytes) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "~0"),
        (120, "~120"),
        (999.6, "~1000"),
        (1_234, "~1,230"),
        (48_210, "~48,200"),
        (999_499, "~999,000"),
        (999_500, "~1.0 M"),
        (39_602_113, "~39.6 M"),
        (999_960_000, "~1.0 G"),
        (38_400_000_000, "~38.4 G"),
    ],
)
def test_an_estimate_shows_no_more_digits_than_it_has(number: float, text: str) -> None:
    assert figures.about(number) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, "-"),
        (0, 10, "0.0 %"),
        (1, 100_000, "<0.1 %"),
        (962, 1000, "96.2 %"),
        (99_999, 100_000, ">99.9 %"),
        (10, 10, "100.0 %"),
    ],
)
def test_a_share_is_never_rounded_to_none_or_all(part: int, whole: int, text: str) -> None:
    assert figures.percent(part, whole) == text


@pytest.mark.parametrize(
    ("elapsed", "text"),
    [(0.04, "0.0 s"), (5.8, "5.8 s"), (59.94, "59.9 s"), (151, "2 m 31 s"), (3_900, "1 h 05 m")],
)
def test_a_run_takes_seconds_minutes_or_hours(elapsed: float, text: str) -> None:
    assert figures.seconds(elapsed) == text


@pytest.mark.parametrize(
    ("elapsed", "text"), [(0.0006, "0.6 ms"), (0.0412, "41 ms"), (1.23, "1.2 s")]
)
def test_a_wait_is_brief(elapsed: float, text: str) -> None:
    assert figures.brief(elapsed) == text


@pytest.mark.parametrize(
    ("elapsed", "text"),
    [
        (5, "5 s"),
        (720, "12 m"),
        (10_920, "3 h 02 m"),
        (183_600, "2 d 03 h"),
        (4711 * 86_400, "12.9 y"),
        (-720, "12 m ahead"),
    ],
)
def test_an_age_has_two_units_at_most(elapsed: float, text: str) -> None:
    assert figures.age(elapsed) == text


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ("2026-11-23T04:00", "2026-11-23T05:00", "04:00 -> 05:00"),
        ("2026-11-22T04:00", "2026-11-22T05:00:30", "2026-11-22 04:00 -> 05:00:30"),
        ("2013-01-01", "2013-12-31T23:00", "2013-01-01 00:00 -> 2013-12-31 23:00"),
        ("2026-11-23T04:00:00.5", "2026-11-23T05:00", "04:00 -> 05:00"),
        (None, "2026-11-23T05:00", "beginning -> 2026-11-23 05:00"),
    ],
)
def test_a_window_names_the_date_where_it_is_not_today(
    start: str | None, end: str, text: str
) -> None:
    begin = parse_instant(start) if start else None

    assert figures.window(begin, parse_instant(end), now_us=NOW) == text


def test_a_window_of_a_static_source_is_all_rows() -> None:
    assert figures.window(None, None, now_us=NOW) == "all rows"


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (1, "view", "1 view"),
        (0, "view", "0 views"),
        (2, "entity", "2 entities"),
        (2, "key", "2 keys"),
        (1234, "row", "1,234 rows"),
    ],
)
def test_nouns_have_a_plural(number: int, noun: str, text: str) -> None:
    assert figures.plural(number, noun) == text


@pytest.mark.parametrize(
    ("limit", "text"), [("1h", "1 h"), ("90m", "90 m"), ("48h", "2 d"), ("30s", "30 s")]
)
def test_a_limit_is_short(limit: str, text: str) -> None:
    from featurectl.definitions.duration import parse_duration  # noqa: PLC0415

    assert figures.limit(parse_duration(limit)) == text
