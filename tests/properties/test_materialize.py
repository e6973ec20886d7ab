"""However a time line is split into runs, and whatever is repeated, the store ends the same."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loading import Loading, source, view

from featurectl.definitions.entity import Entity

DRIVER = Entity("driver", join_keys={"id": "int64"})
X = {"x": "int64"}
END = 12
KEYS = range(4)

times = st.integers(-3, END)
values = st.one_of(st.none(), st.integers(0, 3))
rows = st.lists(st.tuples(st.sampled_from(KEYS), times, values), max_size=25)
known_rows = st.lists(
    st.tuples(st.sampled_from(KEYS), times, st.one_of(st.none(), st.integers(-3, END)), values),
    max_size=25,
)
quick = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)

ends = st.lists(st.integers(-3, END), max_size=5).map(sorted)
backfills = st.lists(st.tuples(times, times).map(sorted), max_size=4)


def begun(folder, *, created=False, **fields):
    loading = Loading(Path(folder), f"sqlite:///{folder}/online.db")
    loading.write("stats.parquet", [], X, created=created)
    known = {"created_timestamp": "known"} if created else {}
    loading.apply(DRIVER, source(**known), view(features=X, **fields))
    return closing(loading)


def oracle(found, end):
    """Each key's newest (event, value) up to ``end``, of rows (key, event, created, value)."""
    newest = {}
    for key, event, created, value in found:
        rank = (event, event if created is None else created, value is not None, value or 0)
        if event <= end and (key not in newest or rank > newest[key][0]):
            newest[key] = (rank, (event, (value,)))
    return {key: newest[key][1] if key in newest else None for key in KEYS}


@quick
@given(rows, ends, backfills, st.data())
def test_any_split_with_repeats_and_backfills_ends_like_one_run(found, ends, backfills, data):
    with tempfile.TemporaryDirectory() as folder, begun(folder) as loading:
        loading.write("stats.parquet", found, X)
        steps = [{"end": end} for end in ends]
        steps += [{"start": start, "end": end} for start, end in backfills]
        for step in data.draw(st.permutations(steps)):
            assert not loading.run(**step, now=END).failed
        # An end before the watermark does nothing; one at it or after it reads what is left.
        loading.run(start=-3, end=END, now=END)
        every = [(key, event, None, value) for key, event, value in found]
        assert loading.rows("stats", *KEYS) == oracle(every, END)


@quick
@given(rows, ends)
def test_runs_that_continue_each_other_never_serve_what_is_not_the_newest(found, ends):
    with tempfile.TemporaryDirectory() as folder, begun(folder) as loading:
        loading.write("stats.parquet", found, X)
        every = [(key, event, None, value) for key, event, value in found]
        for end in [*ends, END]:
            assert not loading.run(end=end, now=END).failed
            assert loading.rows("stats", *KEYS) == oracle(every, end)


@quick
@given(known_rows, ends)
def test_rows_that_arrive_late_are_found_by_their_created_time(found, ends):
    """Each run sees the rows that were known by then, and must serve the newest of these."""
    with tempfile.TemporaryDirectory() as folder, begun(folder, created=True) as loading:
        for end in [*ends, END]:
            # A row whose created time is null is known from its event time on.
            known = [row for row in found if (row[1] if row[2] is None else row[2]) <= end]
            loading.write("stats.parquet", known, X, created=True)
            assert not loading.run(end=end, now=end).failed
            assert loading.rows("stats", *KEYS) == oracle(known, end)


@quick
@given(rows, ends, st.integers(1, 6))
def test_within_its_lookback_a_late_row_is_found_without_a_created_time(found, ends, late):
    """Each row arrives up to ``late`` after its event time."""
    with tempfile.TemporaryDirectory() as folder, begun(folder, lookback=f"{late}s") as loading:
        second = 1_000_000
        arrivals = [(row, row[1] + i % (late + 1)) for i, row in enumerate(found)]
        for end in [*ends, END, END + late]:
            known = [row for row, arrival in arrivals if arrival <= end]
            loading.write("stats.parquet", [(key, event * second, x) for key, event, x in known], X)
            assert not loading.run(end=end * second, now=end * second).failed
        every = [(key, event * second, None, value) for key, event, value in found]
        assert loading.rows("stats", *KEYS) == oracle(every, END * second)
