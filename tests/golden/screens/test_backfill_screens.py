"""What a plan loads, as a person reads it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planned import DRIVER, FEATURES, FIRST, LEGACY, MODEL, RIDER, TRIPS

from featurectl.cli.paint import strip
from featurectl.cli.screens.backfill import backfill_lines
from featurectl.cli.screens.plan import plan_header, plan_screen, unchanged_features
from featurectl.definitions.instant import parse_instant
from featurectl.plan.impact import Impact, StoreRoom
from featurectl.plan.plan import Change, Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Golden = Callable[[str, Sequence[str]], None]

NOW = parse_instant("2026-11-23T04:00:27.123456Z")
DAY = 86_400_000_000
ALL = ("rows", "keys", "bytes", "seconds", "extra_bytes")

DAY_LOAD = Impact(120, 5, 1_040, 0.2, NOW - DAY, NOW, 0, loads=True, estimated=("bytes", "seconds"))
MORE = Impact(1_214_870, 48_210, 9_803_113, 5.8, NOW - 2 * DAY, NOW, 0, loads=True, estimated=ALL)
ANEW = Impact(
    38_402_113,
    910_400,
    180_201_004,
    159.6,
    NOW - 30 * DAY,
    NOW,
    180_201_004,
    loads=True,
    estimated=ALL,
    serving="trip_stats.k3f9",
)
GONE = Impact(keys=2_104_883, bytes=410_203_991, estimated=("bytes",), serving="legacy_scores.a1b2")
REDIS = StoreRoom("Redis", 3_104_000_000)


def update(*changes: Change, store: StoreRoom | None = REDIS) -> Plan:
    return Plan(
        "fraud", "prod", "l", 41, "d", changes, git="9c01d3e4a5b6c7d8", made_at_us=NOW, store=store
    )


def view(name: str, impact: Impact) -> Change:
    return Change("view", name, "create", "additive", impact=impact)


def told(*changes: Change, store: StoreRoom | None = REDIS, full: bool = False) -> list[str]:
    return [strip(line) for line in backfill_lines(update(*changes, store=store), full=full)]


def test_the_first_plan_says_what_is_to_be_loaded(golden: Golden) -> None:
    changes = [
        replace(change, impact=DAY_LOAD) if change.kind == "view" else change
        for change in FIRST.changes
    ]
    plan = replace(FIRST, changes=tuple(changes), made_at_us=NOW, store=REDIS)
    header = plan_header(plan, registry=".featurectl/registry.db", online="redis://h:6379/0")

    golden("plan_first_load.txt", [header, "", *plan_screen(plan, {})])


def test_an_update_says_what_it_loads_and_what_leaves(golden: Golden) -> None:
    plan = update(
        replace(DRIVER, impact=MORE),
        replace(TRIPS, impact=ANEW),
        RIDER,
        MODEL,
        replace(LEGACY, impact=GONE),
    )
    header = plan_header(plan, registry="r", online="o")

    screen = plan_screen(plan, unchanged_features(plan, FEATURES))

    golden("plan_update_load.txt", [header, "", *screen])


def test_what_is_not_known_is_a_question_mark(golden: Golden) -> None:
    unknown = Impact(from_us=NOW - 30 * DAY, to_us=NOW, loads=True, serving="trip_stats.k3f9")
    static = Impact(rows=96, loads=True, extra_bytes=0)
    plan = update(
        replace(TRIPS, impact=unknown),
        view("airports", static),
        replace(LEGACY, impact=Impact(serving="legacy_scores.a1b2")),
        store=StoreRoom("Redis"),
    )

    golden("plan_unknown_load.txt", plan_screen(plan, {}))


def test_rows_that_are_there_already_are_not_loaded(golden: Golden) -> None:
    again = Impact(0, 0, 0, 0.0, extra_bytes=0, reuses="trip_stats.k3f9")

    promoted = replace(next(c for c in FIRST.changes if c.kind == "view"), impact=again)

    golden("plan_reuse.txt", plan_screen(update(replace(TRIPS, impact=again), promoted), {}))


def test_of_many_loads_the_largest_are_listed_and_the_sum() -> None:
    views = [view(f"v{n:03}", replace(DAY_LOAD, rows=n)) for n in range(200)]

    lines = told(*views)

    assert lines[0] == "Backfill"
    assert [line.split()[0] for line in lines[1:21]] == [f"v{n:03}" for n in range(180, 200)]
    assert lines[21].strip() == "# 180 smaller loads hidden (--full)"
    assert lines[22].startswith("  all 200")
    assert lines[22].endswith("19,900 rows ->  1,000 keys  ~208.0 kB  ~40 s")
    assert len(told(*views, full=True)) == 202


def test_a_peak_that_does_not_fit_is_said() -> None:
    twice = replace(TRIPS, name="b", impact=ANEW)

    lines = told(replace(TRIPS, impact=ANEW), twice, store=StoreRoom("Redis", 200_000_000))

    assert lines[-2] == (
        "  Redis peak  ~+360.4 MB while both versions of trip_stats, b exist"
        "  (free: 200.0 MB, which is too little)"
    )


def test_new_rows_that_do_not_fit_are_said() -> None:
    new = view("trips", replace(ANEW, extra_bytes=0, serving=""))

    fits = told(new, store=StoreRoom("Redis", 200_000_000))
    lines = told(new, store=StoreRoom("Redis", 100_000_000))

    assert not any("peak" in line for line in fits)
    assert lines[-2] == (
        "  Redis peak  ~+180.2 MB for what is new  (free: 100.0 MB, which is too little)"
    )


def test_a_store_that_is_not_known_has_no_peak() -> None:
    assert not any("peak" in line for line in told(replace(TRIPS, impact=ANEW), store=None))


def test_a_plan_that_loads_nothing_has_no_block() -> None:
    assert told(RIDER, replace(LEGACY, impact=GONE)) == []
