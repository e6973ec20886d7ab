"""What a run of materialize loads, rule by rule, over both online stores."""

from __future__ import annotations

import time

import pytest
from loading import Loading, at, source, view

from featurectl.definitions.entity import Entity
from featurectl.errors import RequestError
from featurectl.online.protocol import Rows

DRIVER = Entity("driver", join_keys={"id": "int64"})
X = {"x": "float64"}
DAY = [(1, "10:00", 0.1), (1, "12:00", 0.2), (1, "14:00", 0.3), (2, "09:00", 0.9)]
HOUR_US = 3_600_000_000


@pytest.fixture
def loading(tmp_path, online_url):
    loading = Loading(tmp_path, online_url)
    yield loading
    loading.close()


def applied(loading, rows=DAY, *, created=False, **fields):
    """A view ``stats`` over these rows."""
    loading.write("stats.parquet", rows, X, created=created)
    known = {"created_timestamp": "known"} if created else {}
    loading.apply(DRIVER, source(**known), view(**fields))


def only(summary):
    (part,) = summary.views
    return part


def test_a_first_run_loads_the_newest_row_of_each_entity(loading):
    applied(loading)
    part = only(loading.run(end="13:00"))
    assert loading.rows("stats", 1, 2, 3) == {
        1: (at("12:00"), (0.2,)),
        2: (at("09:00"), (0.9,)),
        3: None,
    }
    assert (part.status, part.rows, part.keys, part.late) == ("ok", 3, 2, 0)
    assert (part.from_us, part.to_us) == (None, at("13:00"))


def test_a_row_at_the_end_is_loaded_and_one_after_it_is_not(loading):
    applied(loading, [(1, "12:00", 1.0), (2, at("12:00") + 1, 2.0)])
    loading.run(end="12:00")
    assert loading.stored("stats", 1, 2) == {1: (1.0,), 2: None}


def test_the_end_is_now_unless_it_is_given(loading):
    applied(loading)
    part = only(loading.run(now="12:30"))
    assert part.to_us == at("12:30")
    assert loading.stored("stats", 1) == {1: (0.2,)}


def test_a_first_run_begins_a_ttl_before_its_end_and_that_moment_belongs_to_it(loading):
    applied(loading, [(1, "11:00", 1.0), (2, at("11:00") - 1, 2.0)], ttl="1h")
    loading.run(end="12:00")
    assert loading.stored("stats", 1, 2) == {1: (1.0,), 2: None}


def test_a_later_run_continues_after_the_end_of_the_last(loading):
    applied(loading)
    loading.run(end="12:00")
    part = only(loading.run(end="14:00"))
    assert (part.from_us, part.to_us, part.rows) == (at("12:00"), at("14:00"), 1)
    assert loading.stored("stats", 1) == {1: (0.3,)}


def test_a_row_at_the_watermark_is_not_read_again(loading):
    applied(loading)
    loading.run(end="14:00")
    part = only(loading.run(end="15:00"))
    assert (part.status, part.rows) == ("empty", 0)


def test_an_explicit_range_includes_both_ends_and_is_read_again_whatever_was_loaded(loading):
    applied(loading)
    loading.run(end="14:00")
    part = only(loading.run(start="10:00", end="12:00"))
    assert (part.rows, part.keys) == (2, 1)
    assert only(loading.run(start="10:00", end="12:00")).rows == 2


def test_a_backfill_makes_no_value_older_and_does_not_move_the_watermark(loading):
    applied(loading)
    loading.run(start="10:00", end="14:00")
    loading.run(start="09:00", end="10:00")
    assert loading.stored("stats", 1, 2) == {1: (0.3,), 2: (0.9,)}
    assert only(loading.run(end="15:00")).from_us == at("14:00")


def test_a_range_after_the_watermark_leaves_a_gap_that_the_next_run_names_and_fills(loading):
    applied(loading, [(1, "10:00", 1.0), (2, "12:00", 2.0), (3, "14:00", 3.0)])
    loading.run(end="10:00")
    ahead = loading.run(start="13:00", end="14:00")
    assert loading.stored("stats", 2, 3) == {2: None, 3: (3.0,)}
    assert ahead.notes["stats"] == (
        "not loaded: 2024-01-01T10:00:00Z -> 2024-01-01T13:00:00Z; the next run continues there",
    )
    after = loading.run(end="15:00")
    assert loading.stored("stats", 2) == {2: (2.0,)}
    assert after.notes["stats"] == (
        "fills the gap 2024-01-01T10:00:00Z -> 2024-01-01T13:00:00Z that run 3 has left",
    )
    assert "stats" not in loading.run(end="16:00").notes


def test_an_end_before_the_watermark_does_nothing_and_says_so(loading):
    applied(loading)
    loading.run(end="14:00")
    summary = loading.run(end="13:00")
    part = only(summary)
    assert (part.status, part.rows) == ("skipped", 0)
    assert summary.notes["stats"] == (
        "loaded up to 2024-01-01T14:00:00Z already, which is after the end 2024-01-01T13:00:00Z",
    )
    assert only(loading.run(end="15:00")).from_us == at("14:00")


def test_a_start_after_the_end_is_an_error_before_anything_is_done(loading):
    applied(loading)
    with pytest.raises(RequestError) as error:
        loading.run(start="13:00", end="12:00")
    assert error.value.code == "FC315"
    assert [run.kind for run in loading.registry.runs()] == ["apply"]


def test_full_reads_a_first_runs_window_again(loading):
    applied(loading)
    loading.run(end="14:00")
    loading.online.delete([key for key, _ in sample(loading)])
    part = only(loading.run(end="14:00", full=True))
    assert (part.from_us, part.rows) == (None, 4)
    assert loading.stored("stats", 1, 2) == {1: (0.3,), 2: (0.9,)}


def sample(loading):
    return loading.online.sample(loading.project, loading.generation("stats"), 100)


def test_late_rows_are_found_by_their_created_time(loading):
    rows = [(1, "10:00", "10:00", 1.0), (2, "10:00", "10:00", 2.0)]
    applied(loading, rows, created=True)
    loading.run(end="14:00", now="14:00")
    late = [(1, "11:00", "14:30", 1.1), (2, "09:00", "14:30", 0.9), (3, "08:00", "23:00", 3.0)]
    loading.write("stats.parquet", [*rows, *late], X, created=True)
    part = only(loading.run(end="15:00", now="15:00"))
    assert (part.rows, part.keys, part.late) == (3, 3, 3)
    assert part.created_bound_us == at("14:00")
    assert loading.stored("stats", 1, 2, 3) == {1: (1.1,), 2: (2.0,), 3: (3.0,)}


def test_a_late_row_after_the_end_is_not_loaded(loading):
    applied(loading, [], created=True)
    loading.run(end="14:00", now="14:00")
    loading.write("stats.parquet", [(1, "15:01", "14:30", 1.0)], X, created=True)
    assert only(loading.run(end="15:00", now="15:00")).rows == 0


def test_a_late_row_whose_created_time_is_null_is_not_told_from_an_old_one(loading):
    applied(loading, [], created=True)
    loading.run(end="14:00", now="14:00")
    rows = [(1, "13:00", None, 1.0), (2, "14:30", None, 2.0)]
    loading.write("stats.parquet", rows, X, created=True)
    loading.run(end="15:00", now="15:00")
    assert loading.stored("stats", 1, 2) == {1: None, 2: (2.0,)}


def test_a_lookback_finds_rows_that_were_created_before_the_last_run_and_arrived_after_it(loading):
    applied(loading, [], created=True, lookback="1h")
    loading.run(end="14:00", now="14:00")
    rows = [(1, "08:00", "13:30", 1.0), (2, "08:00", "12:59", 2.0)]
    loading.write("stats.parquet", rows, X, created=True)
    loading.run(end="15:00", now="15:00")
    assert loading.stored("stats", 1, 2) == {1: (1.0,), 2: None}


def test_without_a_created_time_a_lookback_reads_again_behind_the_watermark(loading):
    applied(loading, [], lookback="1h")
    loading.run(end="14:00", now="14:00")
    loading.write("stats.parquet", [(1, "13:30", 1.0), (2, "12:59", 2.0)], X)
    part = only(loading.run(end="15:00", now="15:00"))
    assert loading.stored("stats", 1, 2) == {1: (1.0,), 2: None}
    assert part.from_us == at("13:00")


def test_an_explicit_range_leaves_late_rows_to_the_next_run(loading):
    applied(loading, [], created=True)
    loading.run(end="12:00", now="12:00")
    loading.write("stats.parquet", [(1, "08:00", "12:30", 1.0)], X, created=True)
    loading.run(start="12:00", end="13:00", now="13:00")
    assert loading.stored("stats", 1) == {1: None}
    loading.run(end="14:00", now="14:00")
    assert loading.stored("stats", 1) == {1: (1.0,)}


def test_a_row_of_equal_times_is_replaced_by_a_later_run_as_a_correction(loading):
    applied(loading, [(1, "10:00", 5.0)])
    loading.run(end="12:00")
    loading.write("stats.parquet", [(1, "10:00", 4.0)], X)
    loading.run(start="10:00", end="12:00")
    assert loading.stored("stats", 1) == {1: (4.0,)}


def test_within_a_run_content_decides_between_rows_of_equal_times(loading):
    applied(loading, [(1, "10:00", 1.0), (1, "10:00", 3.0), (1, "10:00", None), (1, "10:00", 2.0)])
    summary = loading.run(end="12:00")
    assert loading.stored("stats", 1) == {1: (3.0,)}
    assert summary.notes["stats"] == (
        "1 entity has several newest rows of equal times: content decided",
    )


def test_nulls_are_stored_and_counted(loading):
    applied(loading, [(1, "10:00", None), (2, "10:00", 1.0)])
    part = only(loading.run(end="12:00"))
    assert loading.stored("stats", 1) == {1: (None,)}
    assert (part.nulls, part.values) == (1, 2)


def test_rows_without_a_key_or_time_are_left_out_and_counted(loading):
    applied(loading, [(None, "10:00", 1.0), (2, None, 2.0), (3, "10:00", 3.0)])
    summary = loading.run(end="12:00")
    assert only(summary).rows == 1
    assert summary.notes["stats"] == ("2 rows have no usable time or key: left out",)


def test_an_empty_source_is_an_empty_run_that_moves_the_watermark(loading):
    applied(loading, [])
    assert only(loading.run(end="12:00")).status == "empty"
    loading.write("stats.parquet", DAY, X)
    assert only(loading.run(end="14:00")).from_us == at("12:00")


def test_a_view_without_entity_is_one_row(loading):
    loading.write("stats.parquet", [(1, "08:00", 7.0), (2, "11:00", 8.0)], X)
    loading.apply(source(), view(entities=[]))
    assert only(loading.run(end="12:00")).keys == 1
    assert loading.stored("stats", ()) == {(): (8.0,)}


def test_an_entity_of_several_keys_is_stored_under_all_of_them(loading):
    loading.write("stats.parquet", [(1, "09:00", "a", 100.0), (1, "09:00", "b", 200.0)],
                  {"shop": "string", **X})  # fmt: skip
    loading.apply(DRIVER, Entity("shop", join_keys={"shop": "string"}), source(),
                  view(entities=["driver", "shop"]))  # fmt: skip
    loading.run(end="12:00")
    assert loading.stored("stats", (1, "a"), (1, "b"), (1, "zz")) == {
        (1, "a"): (100.0,),
        (1, "b"): (200.0,),
        (1, "zz"): None,
    }


def test_a_view_that_is_not_served_online_is_skipped(loading):
    applied(loading, online=False)
    summary = loading.run(end="12:00")
    assert only(summary).status == "skipped"
    assert summary.exit_code == 0


def test_nothing_applied_is_said_with_what_to_do(loading):
    with pytest.raises(RequestError) as error:
        loading.run()
    assert error.value.code == "FC320"
    assert "featurectl apply" in error.value.help[0]


def test_a_view_that_does_not_exist_is_named_with_the_nearest(loading):
    applied(loading)
    with pytest.raises(RequestError) as error:
        loading.run("stat")
    assert (error.value.code, error.value.caret) == ("FC301", 'did you mean "stats"?')


def test_a_dry_run_counts_what_would_be_read_and_writes_nothing(loading):
    applied(loading)
    summary = loading.run(end="13:00", dry_run=True)
    part = only(summary)
    assert (summary.run, summary.dry_run) == (0, True)
    assert (part.status, part.rows, part.keys, part.to_us) == ("ok", 3, 2, at("13:00"))
    assert loading.stored("stats", 1) == {1: None}
    assert loading.registry.progress("dev", [part.generation]) == {}
    assert [run.kind for run in loading.registry.runs()] == ["apply"]
    loading.run(end="12:00")
    assert only(loading.run(end="14:00", dry_run=True)).rows == 1


def test_the_summary_is_a_document(loading):
    applied(loading)
    document = loading.run(end="12:00").document()
    (part,) = document["views"]
    assert document["format"] == "featurectl.run/1"
    assert (document["run"], part["from"], part["to"]) == (2, None, "2024-01-01T12:00:00Z")
    assert (part["rows"], part["keys"], part["late"], part["status"]) == (3, 2, 0, "ok")
    assert (part["error"], part["null_share"]) == (None, 0.0)


def test_events_are_told_in_the_order_in_which_they_happen(loading):
    applied(loading)
    events = []
    loading.run(end="12:00", progress=events.append)
    assert [type(event).__name__ for event in events] == ["Started", "Written", "Finished"]
    assert (events[1].keys, events[1].rows, events[2].part.keys) == (2, 3, 2)


def test_a_row_that_is_read_again_unchanged_has_its_full_expiry_back(loading):
    now_us = time.time_ns() // 1_000
    applied(loading, [(1, now_us - HOUR_US, 1.0)], ttl="2h", lookback="1d")
    loading.run()
    ((key, row),) = sample(loading)
    soon_ms = time.time_ns() // 1_000_000 + 300
    loading.online.put(Rows([key], [row], soon_ms))
    loading.run()
    time.sleep(0.4)
    assert loading.stored("stats", 1) == {1: (1.0,)}
