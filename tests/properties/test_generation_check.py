"""Whatever the data and the runs that fill it, a new generation that is right is not refused."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loading import Loading, source, view

from featurectl.definitions.entity import Entity
from featurectl.flows.run_summary import FINDINGS

CASES = max(1, int(os.environ.get("FEATURECTL_PROPERTY_CASES", "150")) // 6)
SECOND = 1_000_000
END = 12
BEGUN = time.time_ns() // 1_000_000_000 * SECOND  # a store drops by its own clock what is long past
KEYS: dict[str, list[Any]] = {
    "int64": [1, -1, 2**53 + 1],
    "string": ["1", "", "a,b", "é", "-", "%2D"],
    "bytes": [b"", b"\x00", b"\xff" * 9],
    "bool": [True, False],
}
VALUES: dict[str, list[Any]] = {
    "float64": [0.0, -0.0, float("nan"), 1.5, None],
    "float32": [0.5, float("inf"), None],
    "string": ["", "\x00", None],
    "list<float64>": [[], [float("nan"), None, -0.0], None],
}
MOMENTS = st.integers(-3, END)


@settings(
    max_examples=CASES, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
@given(st.data())
def test_a_fill_that_is_right_is_never_refused(data):
    key, kind = data.draw(st.sampled_from(list(KEYS))), data.draw(st.sampled_from(list(VALUES)))
    created, ttl = data.draw(st.booleans()), data.draw(st.sampled_from([None, 1, 3, 8]))
    row = st.tuples(
        st.sampled_from([*KEYS[key], None]),
        MOMENTS | st.none(),
        st.none() | MOMENTS if created else st.none(),
        st.sampled_from(VALUES[kind]),
    )
    rows = data.draw(st.lists(row, max_size=25))
    fills = sorted(data.draw(st.lists(MOMENTS, max_size=3)))
    static = ttl is None and not created and data.draw(st.booleans())
    fields = {"event_timestamp": "none"} if static else {}
    fields |= {"created_timestamp": "known"} if created else {}
    stats = view(
        features={"x": kind},
        ttl="none" if ttl is None else f"{ttl}s",
        known_at=created and data.draw(st.booleans()),
        lookback=None if created or static else data.draw(st.sampled_from([None, "2s"])),
    )
    driver = Entity("driver", join_keys={"id": key})

    def write(name: str, end: int) -> None:
        """What is written by then."""
        known = [each for each in rows if max(part or -3 for part in each[1:3]) <= end]
        timed = [(k, at(event), *([at(c)] if created else []), x) for k, event, c, x in known]
        loading.write(name, timed, {"x": kind}, key=key, created=created)

    with tempfile.TemporaryDirectory() as folder:
        loading = Loading(Path(folder), f"sqlite:///{folder}/online.db")
        with closing(loading):
            write("stats.parquet", END)
            write("other.parquet", -4)
            loading.apply(driver, source(**fields), stats)
            loading.run(end=at(data.draw(MOMENTS)), now=at(END))
            loading.apply(driver, source(path="other.parquet", **fields), stats)
            for end in [*fills, END]:
                write("other.parquet", end)
                summary = loading.run(end=at(end), now=at(end), allow=FINDINGS)
                assert not summary.failed, summary.errors
            assert loading.snapshot.bindings["stats"].fill is None


def at(second: int | None) -> int | None:
    return None if second is None else BEGUN + second * SECOND
