from collections.abc import Callable, Sequence
from datetime import datetime, timezone

import pyarrow as pa

from featurectl.cli.paint import strip
from featurectl.cli.screens.historical import (
    preview_screen,
    read_line,
    report_screen,
    report_warnings,
    wrote_line,
)
from featurectl.flows.report import Report, ViewReport

Golden = Callable[[str, Sequence[str]], None]

DRIVER = ViewReport(
    "driver_stats", "driver_stats", "off", 962_000, 31_000, 7_000, 96_559, 2, 3, 0.0, 9.0, {"x": 0}
)
WEATHER = ViewReport("weather", "dest_weather", "on", 1_000_000, 0, 0, 0, 0, 0, 0.0, 9.0, {})
STATIC = ViewReport("airports", "airports", "no created time", 0, 0, 10**6, 0, 0, 0, None, None, {})
REPORT = Report(1_000_000, 1, (DRIVER, WEATHER, STATIC))
COLUMNS = [("driver_id", "int64"), ("event_timestamp", "timestamp[us, tz=UTC]")]


def test_each_view_says_why_values_are_null(golden: Golden) -> None:
    read = read_line("entities.parquet", 1_000_000, [*COLUMNS, *[("label", "bool")] * 5])
    wrote = wrote_line("train.parquet", 1_000_000, 4, 18_400_000, 0.9)
    ttls = {"driver_stats": "24h", "weather": "3h"}

    lines = report_screen(read, REPORT, ttls, wrote)

    golden("historical.txt", [*lines, *report_warnings(REPORT)])


def test_what_is_only_looked_at_was_not_written() -> None:
    lines = report_screen(read_line("-", 0, COLUMNS), Report(0, 0, (STATIC,)), {}, [])

    assert [line.split()[0] for line in lines] == ["read", "join"]
    assert wrote_line("stdout", 1, 1, None, 0.1)[-1] == "x 1 column, 0.1 s"


ROWS = pa.table(
    {
        "id": pa.array([1, None, 3, 4], pa.int64()),
        "at": pa.array([datetime(2024, 1, 1, 12, tzinfo=timezone.utc)] * 4),
        "small": pa.array([0.1] * 4, pa.float32()),
        "name": ["a", "", None, "-"],
        "list": [[1], [], None, [2, 3]],
    }
)


def test_a_preview_shows_rows_and_tells_null_from_empty(golden: Golden) -> None:
    lines, shown = preview_screen(ROWS, columns=100)

    golden("historical_preview.txt", lines)
    assert shown == 4


def test_a_preview_of_many_columns_is_turned() -> None:
    many = pa.table({f"column_{n}": [n, n, n, n] for n in range(20)})
    turned, shown = preview_screen(many, columns=40)
    lines = [strip(line) for line in turned]

    assert lines[0].split() == ["column", "row", "1", "row", "2", "row", "3"]
    assert lines[-1].split() == ["column_19", "19", "19", "19"]
    assert shown == 3


def test_a_turned_preview_shows_as_many_rows_as_fit() -> None:
    turned, shown = preview_screen(ROWS, columns=40)
    lines = [strip(line) for line in turned]

    assert lines[0].split() == ["column", "row", "1"]
    assert max(map(len, lines)) <= 40
    assert shown == 1


def test_a_preview_of_nothing_has_a_header() -> None:
    lines, shown = preview_screen(ROWS.slice(0, 0), columns=None)

    assert (strip(lines[0]).split()[0], shown) == ("id", 0)
