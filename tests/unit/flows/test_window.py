"""Which event times a run covers, and where the watermark is afterwards."""

from __future__ import annotations

import pytest

from featurectl.errors import RequestError
from featurectl.flows.window import (
    Asked,
    Loaded,
    Window,
    fills,
    gaps,
    leaves_gap,
    progress_after,
    window,
)
from featurectl.registry.protocol import Progress, ViewRun

NOW = 1_000
TTL = 100
AT_500 = Progress(watermark_us=500, created_bound_us=500, source_digest="", run=3, newest_us=450)


def part(from_us, to_us, *, generation="g", status="ok"):
    return ViewRun("v", generation, 1, "", from_us, to_us, None, 0, 0, status)


def after(asked, loaded, *, newest=None):
    covered = window(asked, loaded)
    assert covered
    return progress_after(covered, asked, loaded, run=4, newest_us=newest)


def test_a_first_run_begins_a_ttl_before_its_end_and_includes_that_moment():
    assert window(Asked(NOW), Loaded(TTL)) == Window("first", 900, 1_000, complete=True)


def test_a_ttl_longer_than_all_time_begins_at_the_least_time_that_there_is():
    forever = 10**21

    assert window(Asked(NOW), Loaded(forever)).from_us == -(1 << 63)
    with_lookback = Loaded(TTL, lookback_us=forever, progress=AT_500)
    assert window(Asked(NOW), with_lookback).from_us == -(1 << 63)


def test_a_first_run_without_a_ttl_begins_at_the_beginning():
    assert window(Asked(NOW), Loaded(None)) == Window("first", None, 1_000, complete=True)


def test_the_end_is_now_unless_it_is_given():
    assert window(Asked(NOW, to_us=700), Loaded(TTL)) == Window("first", 600, 700, complete=True)


def test_a_run_continues_after_the_watermark():
    covered = window(Asked(NOW), Loaded(TTL, progress=AT_500))
    assert covered == Window("incremental", 500, 1_000, includes_from=False)


def test_with_a_created_time_rows_known_since_the_last_run_belong_to_the_window():
    covered = window(Asked(NOW), Loaded(TTL, has_created=True, progress=AT_500))
    assert covered == Window("incremental", 500, 1_000, includes_from=False, created_after_us=500)


def test_a_lookback_moves_the_created_bound_where_there_is_a_created_time():
    covered = window(Asked(NOW), Loaded(TTL, lookback_us=30, has_created=True, progress=AT_500))
    assert covered
    assert (covered.from_us, covered.created_after_us) == (500, 470)


def test_a_lookback_reads_again_behind_the_watermark_where_there_is_no_created_time():
    covered = window(Asked(NOW), Loaded(TTL, lookback_us=30, progress=AT_500))
    assert covered == Window("incremental", 470, 1_000, includes_from=False)


def test_an_explicit_range_is_read_as_asked_whatever_was_loaded():
    asked = Asked(NOW, from_us=100, to_us=200)
    for loaded in (Loaded(TTL), Loaded(TTL, progress=AT_500)):
        assert window(asked, loaded) == Window("explicit", 100, 200)


def test_an_end_before_the_watermark_leaves_nothing_to_do():
    assert window(Asked(NOW, to_us=499), Loaded(TTL, progress=AT_500)) is None
    assert window(Asked(NOW, to_us=500), Loaded(TTL, progress=AT_500)) is not None


def test_a_start_after_the_end_is_an_error():
    with pytest.raises(RequestError, match="is after the end") as error:
        window(Asked(NOW, from_us=701, to_us=700), Loaded(TTL))
    assert error.value.code == "FC315"
    assert window(Asked(NOW, from_us=700, to_us=700), Loaded(TTL))


def test_full_covers_a_first_runs_window_again():
    covered = window(Asked(NOW, full=True), Loaded(TTL, progress=AT_500))
    assert covered == Window("full", 900, 1_000, complete=True)


def test_a_store_that_lost_its_rows_is_filled_as_by_a_first_run():
    covered = window(Asked(NOW), Loaded(TTL, progress=AT_500, lost=True))
    assert covered == Window("lost", 900, 1_000, complete=True)


def test_an_explicit_range_of_a_lost_store_refills_the_rest_too():
    lost = Loaded(TTL, progress=AT_500, lost=True)
    assert window(Asked(NOW, from_us=950), lost) == Window("lost", 900, 1_000, complete=True)
    assert window(Asked(NOW, from_us=50), lost) == Window("lost", 50, 1_000, complete=True)


def test_an_added_feature_makes_the_next_run_cover_a_first_runs_window():
    covered = window(Asked(NOW), Loaded(600, progress=AT_500, needs_fill=True))
    assert covered == Window("fill", 400, 1_000, complete=True)


def test_an_old_explicit_range_leaves_an_added_feature_to_be_filled_later():
    loaded = Loaded(TTL, progress=AT_500, needs_fill=True)
    covered = window(Asked(NOW, from_us=100, to_us=200), loaded)
    assert covered == Window("explicit", 100, 200)
    assert not fills(covered, loaded)


def test_a_generation_beside_the_serving_one_is_filled_whole_even_by_an_explicit_range():
    covered = window(Asked(NOW, from_us=950), Loaded(TTL, filling=True))
    assert covered == Window("fill", 900, 1_000, complete=True)


def test_the_watermark_is_the_end_of_the_first_run():
    assert after(Asked(NOW), Loaded(TTL), newest=990) == Progress(1_000, 1_000, "", 4, 990)
    assert after(Asked(NOW, 100, 200), Loaded(TTL)) == Progress(200, 200, "", 4, None)


def test_the_watermark_moves_to_the_end_of_a_run_that_begins_at_or_before_it():
    loaded = Loaded(TTL, progress=AT_500)
    assert after(Asked(NOW), loaded, newest=800) == Progress(1_000, 1_000, "", 4, 800)
    assert after(Asked(NOW, 500, 600), loaded).watermark_us == 600
    assert after(Asked(NOW, 300, 600), loaded).watermark_us == 600


def test_a_backfill_of_an_old_range_does_not_move_the_watermark():
    backfilled = after(Asked(NOW, 100, 200), Loaded(TTL, progress=AT_500), newest=150)
    assert backfilled == Progress(500, 500, "", 4, 450)


def test_a_run_that_begins_after_the_watermark_does_not_move_it_and_leaves_a_gap():
    asked, loaded = Asked(NOW, 501, 600), Loaded(TTL, progress=AT_500)
    covered = window(asked, loaded)
    assert covered
    assert leaves_gap(covered, loaded)
    assert after(asked, loaded, newest=600) == Progress(500, 500, "", 4, 600)


def test_a_first_runs_window_moves_the_watermark_though_it_begins_after_it():
    loaded = Loaded(TTL, progress=AT_500)
    covered = window(Asked(NOW, full=True), loaded)
    assert covered
    assert not leaves_gap(covered, loaded)
    assert after(Asked(NOW, full=True), loaded).watermark_us == 1_000


def test_an_explicit_range_does_not_move_the_created_bound_for_it_saw_no_late_rows():
    loaded = Loaded(TTL, has_created=True, progress=AT_500)
    assert after(Asked(NOW, 500, 600), loaded) == Progress(600, 500, "", 4, 450)


def test_an_end_in_the_future_does_not_hide_rows_that_become_known_until_then():
    assert after(Asked(NOW, to_us=5_000), Loaded(TTL)) == Progress(NOW, NOW, "", 4, None)


def test_a_lost_store_begins_anew_where_the_run_ended():
    loaded = Loaded(TTL, progress=AT_500, lost=True)
    assert after(Asked(NOW, to_us=400), loaded) == Progress(400, 400, "", 4, None)


def test_times_before_1970_are_times_like_others():
    loaded = Loaded(None, progress=Progress(-500, -500, "", 3))
    assert window(Asked(-400), loaded) == Window("incremental", -500, -400, includes_from=False)
    assert after(Asked(-400), loaded).watermark_us == -400
    assert after(Asked(-400, -600, -450), loaded).watermark_us == -450


def test_gaps_are_what_explicit_runs_left_out_since_the_watermark_moved():
    parts = [
        (9, part(800, 900)),
        (8, part(100, 200)),
        (7, part(700, 750, generation="other")),
        (6, part(650, 660, status="failed")),
        (5, part(600, 700)),
        (4, part(400, 500)),
        (3, part(600, 700)),
    ]
    assert gaps(parts, "g", 500) == [(9, 800), (5, 600)]
