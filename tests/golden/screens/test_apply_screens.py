from collections.abc import Callable, Sequence

import pytest

from featurectl.cli.paint import strip
from featurectl.cli.screens.apply import applied_screen, destroy_question, question
from featurectl.definitions.duration import parse_duration
from featurectl.flows.apply import ApplyResult
from featurectl.plan.approval import needed
from featurectl.plan.plan import Change, Plan

Golden = Callable[[str, Sequence[str]], None]

CHANGES = (
    Change("source", "trips_file", "update", "breaking"),
    Change("view", "driver_stats", "update", "additive"),
    Change("view", "trip_stats", "rebuild", "breaking"),
    Change("view", "rider", "rename", "rename", old_name="rider_profile"),
    Change("view", "weather", "update", "metadata"),
    Change("view", "legacy_scores", "destroy", "destroy"),
    Change("view", "scores_v2", "create", "additive"),
)


def _plan(*changes: Change) -> Plan:
    return Plan("fraud", "prod", "l", 41, "d", changes)


def test_what_is_done_and_what_the_online_store_still_lacks(golden: Golden) -> None:
    result = ApplyResult(
        *(_plan(*CHANGES), 42, 41, 42, 159.0),
        published=True,
        retired={"legacy_scores": 2_104_883},
        incomplete=("driver_stats", "scores_v2", "trip_stats"),
        grace_us=parse_duration("24h"),
    )

    golden("applied.txt", applied_screen(result, "featurectl materialize --env prod"))


def test_rows_that_are_still_there_are_told_to_be_served_again(golden: Golden) -> None:
    result = ApplyResult(
        *(_plan(CHANGES[2], CHANGES[6]), 43, 42, 43, 0.04),
        published=True,
        reused={"trip_stats": "trip_stats.k3f9", "scores_v2": "scores_v2.a1b2"},
        incomplete=("trip_stats",),
    )

    golden("applied_reused.txt", applied_screen(result, "featurectl materialize"))


def test_metadata_alone_needs_no_materialize() -> None:
    result = ApplyResult(_plan(CHANGES[4]), 2, 1, 2, 0.04, published=True)

    assert applied_screen(result, "featurectl materialize") == [
        "Applied run #2 in 0.0 s. serial 1 -> 2. 0 created, 1 updated, 0 rebuilt, 0 destroyed."
    ]


def test_an_apply_without_changes_tells_what_it_has_put_right() -> None:
    nothing = ApplyResult(_plan(), 0, 41, 41, 0.0, published=False)
    repaired = ApplyResult(_plan(), 43, 41, 41, 0.0, published=True, swept={"old": 1})

    assert applied_screen(nothing, "") == []
    assert applied_screen(repaired, "") == [
        "Published again: the online store did not have what readers need.",
        "old: 1 key that nothing reads deleted from the online store",
    ]


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        (CHANGES[3:5], "Apply? [y/N]"),
        (CHANGES[5:], "Apply? [y/N]"),
        (CHANGES, "Apply, with 2 breaking? [y/N]"),
    ],
)
def test_the_question_names_what_is_severe(changes: tuple[Change, ...], asked: str) -> None:
    assert strip(question(needed(_plan(*changes)))) == asked


def test_what_is_destroyed_is_to_be_typed() -> None:
    assert strip(destroy_question("view", "legacy_scores")) == (
        "This destroys view legacy_scores. Type its name to go on:"
    )
