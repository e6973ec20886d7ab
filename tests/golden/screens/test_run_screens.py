from collections.abc import Callable, Sequence

import pytest

from featurectl.cli.paint import strip
from featurectl.cli.screens.history import history_document, history_screen
from featurectl.cli.screens.run import RunLines, done_line, remarks
from featurectl.cli.screens.status import status_screen
from featurectl.definitions.instant import parse_instant
from featurectl.errors import SourceError, StoreError
from featurectl.flows.drift import Drift
from featurectl.flows.run_summary import RunSummary
from featurectl.flows.status import LastRun, StatusReport, ViewStatus
from featurectl.registry.protocol import Actor, RunRecord, ViewRun

Golden = Callable[[str, Sequence[str]], None]
NOW = parse_instant("2026-11-23T05:00:00Z")
HOUR = 3_600_000_000


def _part(view: str, status: str = "ok", **fields: object) -> ViewRun:
    values: dict[str, object] = {
        "generation": f"{view}.k3f9",
        "layout": 1,
        "fingerprint": "x",
        "from_us": NOW - HOUR,
        "to_us": NOW,
        "created_bound_us": None,
        "started_us": NOW,
        "finished_us": NOW + 400_000,
    }
    return ViewRun(view=view, status=status, **{**values, **fields})  # type: ignore[arg-type]


DRIVER = _part("driver_stats", rows=51_204, keys=4_811, late=12, nulls=14, values=14_433)
RIDER = _part("rider", "empty", finished_us=NOW)
TRIPS = _part(
    "trip_stats",
    rows=980_112,
    keys=910_400,
    values=1_820_800,
    from_us=NOW - 30 * 24 * HOUR,
    finished_us=NOW + 159_100_000,
)
ETA = _part("eta", "failed", error='source column "dist_km" is gone [FC205]')
AIRPORTS = _part("airports", rows=1_251, keys=1_251, from_us=None, to_us=None, values=1)
SUMMARY = RunSummary(44, (AIRPORTS, DRIVER, ETA, RIDER, TRIPS), 159.6)


def test_a_run_is_a_line_per_view_and_one_that_grep_reads(golden: Golden) -> None:
    lines = RunLines([part.view for part in SUMMARY.views], now_us=NOW, columns=None)
    notes = {"driver_stats": ["the store was found empty: loaded as a first run"]}
    shown = [lines.header()]
    for part in SUMMARY.views:
        shown += lines.finished(part, notes.get(part.view, []))

    golden("materialize.txt", [*shown, done_line(SUMMARY)])


def test_a_narrow_terminal_gets_narrow_lines(golden: Golden) -> None:
    lines = RunLines([part.view for part in SUMMARY.views], now_us=NOW, columns=80)
    shown = [lines.header()]
    for part in SUMMARY.views:
        shown += lines.finished(part)

    assert max(len(strip(line)) for line in shown) <= 80
    golden("materialize_80.txt", shown)


@pytest.mark.parametrize(
    ("columns", "header"),
    [
        (None, "VIEW WINDOW ROWS KEYS LATE NULL TIME"),
        (102, "VIEW WINDOW ROWS KEYS LATE NULL TIME"),
        (101, "VIEW WINDOW ROWS KEYS LATE NULL TIME"),
        (89, "VIEW WINDOW ROWS KEYS TIME"),
    ],
)
def test_a_line_is_never_wider_than_the_terminal(columns: int | None, header: str) -> None:
    lines = RunLines(["a" * 13], now_us=NOW, columns=columns)
    shown = [strip(lines.header()), *map(strip, lines.finished(TRIPS))]

    assert shown[0].split() == header.split()
    assert max(map(len, shown)) <= (columns or 102)


def test_what_is_skipped_says_why() -> None:
    lines = RunLines(["v"], now_us=NOW, columns=None)
    summary = RunSummary(0, (_part("v", "skipped"),), 0.0)

    assert lines.finished(summary.views[0], ["prod owns it"])[0].endswith(": prod owns it")
    assert done_line(summary) == (
        "Done run=dry ok=0 empty=0 failed=0 rows=0 keys=0 seconds=0.0 skipped=1"
    )


def test_the_same_advice_is_given_once() -> None:
    error = SourceError("FC205", "x", notes=["n"], help=["h"])

    assert len(remarks([error, error])) == 2


REPORT = StatusReport(
    "prod",
    (
        ViewStatus(
            "driver_stats",
            "ok",
            NOW,
            NOW,
            12 * 60_000_000,
            HOUR,
            48_210,
            0.001,
            LastRun(44, DRIVER),
        ),
        ViewStatus(
            "eta",
            "failed",
            NOW,
            NOW,
            HOUR // 2,
            HOUR,
            88_102,
            0.084,
            LastRun(44, ETA),
            "dist_km is gone",
        ),
        ViewStatus("never_run", "never", limit_us=HOUR, detail="never materialized"),
        ViewStatus(
            "rider",
            "empty",
            NOW,
            NOW,
            2 * HOUR,
            6 * HOUR,
            0,
            None,
            LastRun(44, RIDER),
            "Redis was flushed?",
        ),
        ViewStatus("airports", "ok", None, None, None, None, 1_251, 0.0, LastRun(41, AIRPORTS)),
        ViewStatus(
            "trip_stats",
            "stale",
            NOW,
            NOW,
            5 * HOUR + 41 * 60_000_000,
            HOUR,
            910_400,
            0.0,
            LastRun(41, TRIPS),
        ),
    ),
)


def test_status_says_the_worst_in_words(golden: Golden) -> None:
    golden("status.txt", status_screen(REPORT))


DRIFT = (
    Drift(
        "manifest",
        "",
        "the online store has the manifest of serial 40, and serial 41 is applied: readers do not "
        "see all that is applied",
        "featurectl apply publishes it",
    ),
    Drift(
        "source",
        "trips_file",
        "source trips_file: column dist_km is gone, which was float64 when it was applied (feature "
        "dist_km of view eta)",
        "featurectl plan says where, and what to do",
    ),
)


def test_status_says_what_has_drifted_and_what_sets_it_right(golden: Golden) -> None:
    report = StatusReport("prod", REPORT.views[:2], drift=DRIFT)

    golden("status_drift.txt", status_screen(report))
    assert status_screen(StatusReport("prod", (), drift=DRIFT[:1]))[-1] == (
        "No view of env prod is served online."
    )


def test_status_of_no_view_says_so() -> None:
    assert status_screen(StatusReport("dev", ())) == ["No view of env dev is served online."]


def test_status_of_a_silent_store_has_dashes_and_says_so() -> None:
    report = StatusReport("dev", (ViewStatus("v", "ok"),), StoreError("FC601", "down"))

    lines = [strip(line) for line in status_screen(report)]
    assert lines[1].split() == ["v", "-", "-", "-", "-", "-", "ok"]
    assert lines[-1] == "by the registry alone: 1 ok; the online store is silent."


ACTOR = Actor("ci", "runner-7", 8123, "9c01d3e4a5b6+dirty")
RECORDS = (
    RunRecord(
        44, "materialize", "prod", "failed", NOW, NOW + 159_600_000, ACTOR, 41, SUMMARY.views
    ),
    RunRecord(43, "materialize", "prod", "died", NOW - HOUR, None, ACTOR, 41),
    RunRecord(
        42,
        "apply",
        "prod",
        "ok",
        NOW - 24 * HOUR,
        NOW - 24 * HOUR + 90_000,
        Actor("ann", "laptop", 1),
        41,
    ),
)


def test_history_has_a_line_per_run(golden: Golden) -> None:
    golden("history.txt", history_screen(RECORDS, "prod"))
    assert history_screen((), "dev") == ["No runs in env dev."]


def test_the_document_of_history_has_the_fields_that_scripts_read() -> None:
    document = history_document(RECORDS)

    assert document["format"] == "featurectl.history/1"
    run = document["runs"][0]
    assert {key: run[key] for key in run if key != "views"} == {
        "run": 44,
        "kind": "materialize",
        "status": "failed",
        "started": "2026-11-23T05:00:00Z",
        "seconds": 159.6,
        "by": "ci",
        "host": "runner-7",
        "git": "9c01d3e4a5b6+dirty",
        "serial": 41,
    }
    assert run["views"][2]["error"] == 'source column "dist_km" is gone [FC205]'
    assert document["runs"][1]["seconds"] is None
