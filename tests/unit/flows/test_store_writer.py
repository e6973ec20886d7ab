"""Batches of newest rows on their way into the store, and when the store may drop them."""

from __future__ import annotations

import threading

import pyarrow as pa
import pytest

from featurectl.definitions.binding import Generation, Layout
from featurectl.definitions.instant import parse_instant
from featurectl.errors import StoreError
from featurectl.flows.expiry import expires_at_ms
from featurectl.flows.store_writer import ROWS_PER_PUT, StoreWriter
from featurectl.online.sqlite import SqliteOnline

NOW = parse_instant("2024-01-01T00:00Z")
HOUR, DAY = 3_600_000_000, 86_400_000_000
GENERATION = Generation("v.0001", (("id", "int64"),), (Layout(1, (("x", "float64"),)),))


def batch(first, last):
    """Rows with keys from ``first`` to before ``last``; each is the newest of two, one was late."""
    count = last - first
    return pa.record_batch(
        {
            "k0": pa.array(range(first, last), pa.int64()),
            "e": pa.array(range(first, last), pa.int64()),
            "c": pa.array(range(first, last), pa.int64()),
            "hc": [False] * count,
            "f0": pa.array([None if i % 4 == 0 else i / 2 for i in range(first, last)]),
            "n": pa.array([2] * count, pa.int64()),
            "l": pa.array([1] * count, pa.int64()),
            "t": pa.array([1 + (i % 5 == 0) for i in range(first, last)], pa.int64()),
        }
    )


@pytest.fixture
def store(tmp_path):
    store = SqliteOnline(tmp_path / "online.db")
    yield store
    store.close()


def writer(store, *, before_put=lambda: None, after_put=lambda _: None):
    return StoreWriter(
        store,
        "demo",
        GENERATION,
        is_static=False,
        expires_at_ms=None,
        before_put=before_put,
        after_put=after_put,
    )


def test_rows_are_written_a_few_thousand_at_a_time_and_counted(store):
    seen = []
    size = 2 * ROWS_PER_PUT + 10
    with writer(store, after_put=lambda counts: seen.append(counts.keys)) as writing:
        writing(batch(0, size))
        writing(batch(size, size + 5))
        counts = writing.finish()
    assert seen == [ROWS_PER_PUT, 2 * ROWS_PER_PUT, size, size + 5]
    assert (counts.keys, counts.rows, counts.late) == (size + 5, 2 * size + 10, size + 5)
    assert (counts.written, counts.created) == (size + 5, size + 5)
    assert (counts.values, counts.nulls) == (size + 5, (size + 5 + 3) // 4)
    assert (counts.ties, counts.newest_us) == ((size + 5 + 4) // 5, size + 4)
    assert store.count("demo", "v.0001") == size + 5


def test_what_the_store_has_newer_is_not_counted_as_written(store):
    with writer(store) as writing:
        writing(batch(0, 10))
        writing.finish()
    older = batch(0, 12).set_column(1, "e", pa.array([-1] * 12, pa.int64()))
    with writer(store) as writing:
        writing(older)
        counts = writing.finish()
    assert (counts.keys, counts.written, counts.created) == (12, 2, 2)


def test_an_empty_result_counts_nothing(store):
    with writer(store) as writing:
        writing(batch(0, 0))
        counts = writing.finish()
    assert (counts.keys, counts.rows, counts.newest_us) == (0, 0, None)


def test_a_store_that_fails_stops_the_run_with_its_error(store, monkeypatch):
    def refuse(_rows):
        raise StoreError("FC603", "the store is full")

    monkeypatch.setattr(store, "put", refuse)
    with writer(store) as writing:
        writing(batch(0, 10))
        with pytest.raises(StoreError) as error:
            writing.finish()
    assert error.value.code == "FC603"


def test_no_thread_is_left_when_the_run_is_stopped(store):
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), writer(store, before_put=stop) as writing:
        writing(batch(0, 10))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("put")]


@pytest.mark.parametrize(
    ("ttl_us", "on_stale", "kept_us"),
    [
        (2 * HOUR, "hide", 2 * HOUR + 7 * DAY),
        (2 * HOUR, "default", 2 * HOUR + 7 * DAY),
        (2 * HOUR, "fail", 2 * HOUR + 7 * DAY),
        (30 * DAY, "hide", 60 * DAY),
    ],
)
def test_a_row_may_be_dropped_a_ttl_and_a_week_or_another_ttl_after_the_run(
    ttl_us, on_stale, kept_us
):
    assert expires_at_ms(ttl_us, on_stale, NOW) == (NOW + kept_us) // 1_000


def test_a_row_without_a_ttl_and_one_that_is_served_stale_is_never_dropped():
    assert expires_at_ms(None, "hide", NOW) is None
    assert expires_at_ms(2 * HOUR, "serve", NOW) is None
