"""Seconds come from the past run that was most like what is to be loaded, or are not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from featurectl.flows.past_speed import past_parts, seconds_of
from featurectl.registry.protocol import Actor, RunRecord, ViewRun

if TYPE_CHECKING:
    from featurectl.registry.protocol import PartStatus


def part(
    keys: int, seconds: float, *, rows: int = 1, view: str = "v", status: PartStatus = "ok"
) -> ViewRun:
    end_us = round(seconds * 1_000_000)
    return ViewRun(view, "g", 1, "f", None, 0, None, 0, end_us, status, rows, keys)


def run(*parts: ViewRun) -> RunRecord:
    return RunRecord(1, "materialize", "dev", "ok", 0, 1, Actor("ada", "h", 1), 1, parts)


SMALL, LARGE = part(1_000, 0.5, rows=5_000), part(1_000_000, 200, rows=9_000_000)


@pytest.mark.parametrize(
    ("keys", "seconds"), [(1_000, 0.5), (2_000, 1.0), (900_000, 180), (3_000_000, 600)]
)
def test_the_nearest_run_tells_in_proportion(keys: int, seconds: float) -> None:
    assert seconds_of([SMALL, LARGE], None, keys) == pytest.approx(seconds)


def test_rows_tell_where_keys_are_not_known() -> None:
    assert seconds_of([SMALL, LARGE], 4_500_000, None) == pytest.approx(100)


def test_what_is_far_from_any_run_is_not_known() -> None:
    assert seconds_of([SMALL], None, 21_000) is None
    assert seconds_of([], None, 10) is None
    assert seconds_of([SMALL], None, None) is None


def test_nothing_takes_no_time_once_there_was_a_run() -> None:
    assert seconds_of([SMALL], 0, 0) == 0
    assert seconds_of([], 0, 0) is None


def test_only_finished_parts_of_the_view_under_its_names_count() -> None:
    old, new = part(1, 1, view="old"), part(2, 1, view="new")
    others = (part(3, 1, view="other"), part(4, 1, view="new", status="failed"), part(0, 1, rows=0))

    assert past_parts([run(new, *others), run(old)], {"new", "old"}) == [new, old]
