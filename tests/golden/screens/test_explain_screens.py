from collections.abc import Callable, Sequence
from dataclasses import replace

from featurectl.cli.paint import strip, width
from featurectl.cli.screens.explain import explain_screen, explain_warnings
from featurectl.definitions.instant import parse_instant
from featurectl.flows.explanation import Candidate, Counts, Explanation

Golden = Callable[[str, Sequence[str]], None]
DAY = "2013-01-01T"
HOURLY = "data/weather/2013-01-01.parquet"


def row(  # noqa: PLR0917 - a cell each
    at: str, created: str, value: float | None, place: int, why: str, reason: str
) -> Candidate:
    times = (parse_instant(f"{DAY}{at}Z"), parse_instant(f"{DAY}{created}Z"))
    values = {"visibility": value, "wind_speed": 4.5}
    decided = "visibility" if why == "content" else None
    return Candidate(HOURLY, place, *times, values, why, reason, decided)


FOUND = Explanation(
    view="airport_weather",
    features={"visibility": "float64"},
    keys={"airport": "JFK"},
    key_types={"airport": "string"},
    at_us=parse_instant(f"{DAY}11:00Z"),
    ttl_us=3 * 3_600_000_000,
    known_at="off",
    outcome="value",
    reason="the newest row was 1 h 00 m old, within ttl 3h",
    source="weather_hourly",
    types={"visibility": "float64", "wind_speed": "float64"},
    candidates=(
        row("12:00", "12:05", 1.0, 1204, "later", "later than that time, by 1 h 00 m"),
        row("10:00", "11:30", 5.0, 1203, "chosen", "chosen"),
        row(
            "10:00",
            "11:30",
            None,
            1201,
            "content",
            "same times; by content: visibility null is below 5.0",
        ),
        row(
            "10:00", "10:05", 4.0, 1202, "created_earlier", "created 1 h 25 m before the chosen row"
        ),
        row("09:00", "09:05", 4.0, 1200, "older", "older than the chosen row, by 1 h 00 m"),
        row("07:59", "08:05", 0.1 + 0.2, 1198, "expired", "expired: past ttl 3h by 1 m 00 s"),
    ),
    counts=Counts(1_226, 18, 0, 1_204, 4, 2, 40),
)
NOTHING = replace(
    FOUND,
    keys={"airport": "jfk"},
    outcome="no_row",
    reason="the source has no row of this entity",
    candidates=(),
    counts=Counts(),
    hints=('no row has airport=jfk (string); did you mean airport="JFK"?',),
)


def test_the_value_comes_first_then_each_row_and_why_it_lost(golden: Golden) -> None:
    lines = explain_screen(FOUND, columns=None)

    golden("explain.txt", [*lines, *explain_warnings(FOUND)])


def test_a_null_says_what_there_is(golden: Golden) -> None:
    late = FOUND.candidates[0]
    only_later = replace(
        FOUND,
        outcome="later",
        reason="the first row is at 2013-01-01T12:00:00Z, 1 h 00 m after that time",
        candidates=(late,),
        counts=Counts(18, 18),
    )

    lines = [*explain_screen(NOTHING, columns=None), "", *explain_screen(only_later, columns=None)]

    golden("explain_null.txt", lines)


def test_all_features_of_a_view_stand_below_each_other(golden: Golden) -> None:
    candidates = [
        replace(each, values=each.values | {"visibility": None}) for each in FOUND.candidates
    ]
    other = replace(candidates[-1], file="data/weather/2012-12-31.parquet")
    several = replace(
        FOUND,
        features=FOUND.types,
        candidates=(*candidates[:2], other),
        changed={"wind_speed": 4.0},
    )

    golden("explain_view.txt", [*explain_screen(several, columns=None), *explain_warnings(several)])


def test_the_source_s_null_is_told_apart_from_no_value() -> None:
    chosen = replace(FOUND.candidates[1], values={"visibility": None, "wind_speed": 1.0})
    found = replace(FOUND, outcome="null", candidates=(chosen,), counts=Counts(1))

    lines = [strip(line) for line in explain_screen(found, columns=None)]

    assert lines[0].startswith("airport_weather:visibility = null, as in the source: the newest")


def test_a_static_source_shows_no_times() -> None:
    chosen = replace(FOUND.candidates[1], event_us=None, created_us=None)
    found = replace(
        FOUND, candidates=(chosen,), is_static=True, counts=Counts(1), keys={}, key_types={}
    )

    lines = [strip(line) for line in explain_screen(found, columns=None)]

    assert lines[1] == "  for the one row of all at 2013-01-01T11:00:00Z"
    assert lines[3].split() == ["visibility", "ROW", "WHY"]
    assert explain_warnings(found) == []


def test_the_last_features_are_left_out_where_the_terminal_is_narrow() -> None:
    several = replace(FOUND, features=FOUND.types, candidates=FOUND.candidates[:2])

    wide = [strip(line) for line in explain_screen(several, columns=None)]
    narrow = [strip(line) for line in explain_screen(several, columns=max(map(width, wide)) - 1)]

    assert "wind_speed" in wide[5]
    assert "wind_speed" not in narrow[5]
    assert "CREATED" in narrow[5]


def test_created_times_are_left_out_last() -> None:
    narrow = [strip(line) for line in explain_screen(FOUND, columns=70)]

    header = next(line for line in narrow if "EVENT TIME" in line)
    assert header.split() == ["EVENT", "TIME", "visibility", "ROW", "WHY"]


def test_what_is_not_printable_is_escaped() -> None:
    found = replace(NOTHING, keys={"airport": "\x1b[31m"}, hints=())

    assert "\x1b[31m" not in "".join(map(strip, explain_screen(found, columns=None)))
