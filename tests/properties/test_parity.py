"""What is served at a moment is what the join gives at it; both stores hold the same bytes."""

from __future__ import annotations

import itertools
import os
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loading import Loading, source, view
from oracle import exact

from featurectl.definitions.arrow_type import arrow_type
from featurectl.definitions.entity import Entity
from featurectl.flows.historical import HistoricalRequest, get_historical
from featurectl.flows.lookup import lookup
from featurectl.flows.request import requested_columns
from featurectl.flows.serving import ManifestCache, Request
from featurectl.offline.frame_table import TableFrame

CASES = max(1, int(os.environ.get("FEATURECTL_PROPERTY_CASES", "150")) // 10)
SECOND = 1_000_000
END = 12
BEGUN = time.time_ns() // 1_000_000_000 * SECOND  # a store drops by its own clock what is long past
PROJECTS = (f"parity{n}" for n in itertools.count())
KEYS: dict[str, list[Any]] = {
    "int64": [1, -1, 2**53, 2**53 + 1],
    "string": ["1", "", "a,b", "é", "e\N{COMBINING ACUTE ACCENT}", "-", "%2D"],
    "bytes": [b"", b"\x00", b"\xff"],
    "bool": [True, False],
}
VALUES: dict[str, list[Any]] = {
    "float64": [0.0, -0.0, float("nan"), 1.5, None],
    "int64": [2**63 - 1, 0, None],
    "string": ["", "\x00", "\U0001f600", None],
    "list<string>": [[], ["a", None], None],
}
MOMENTS = st.integers(-3, END)


@dataclass(frozen=True)
class History:
    """Rows (key, event, created or None, value) in seconds, and the runs that load them."""

    key: str
    kind: str
    ttl: int | None
    created: bool
    rows: list[tuple[Any, int | None, int | None, Any]]
    steps: list[tuple[int | None, int]]

    def known(self, end: int) -> list[tuple[Any, Any, Any, Any]]:
        """The rows that are written by then, with times in microseconds."""
        rows = [row for row in self.rows if max(part or -3 for part in row[1:3]) <= end]
        return [(key, at(event), at(created), value) for key, event, created, value in rows]


def at(second: int | None) -> int | None:
    return None if second is None else BEGUN + second * SECOND


@st.composite
def histories(draw: st.DrawFn) -> History:
    key, kind = draw(st.sampled_from(list(KEYS))), draw(st.sampled_from(list(VALUES)))
    created = draw(st.booleans())
    written = st.none() | MOMENTS if created else st.none()
    row = st.tuples(
        st.sampled_from([*KEYS[key], None]),
        MOMENTS | st.none(),
        written,
        st.sampled_from(VALUES[kind]),
    )
    ends = sorted(draw(st.lists(MOMENTS, max_size=3)))
    again = [tuple(sorted(draw(st.tuples(MOMENTS, MOMENTS)))) for _ in ends]
    steps = [
        step for pair in zip([(None, end) for end in ends], again, strict=True) for step in pair
    ]
    rows = draw(st.lists(row, max_size=25))
    ttl = draw(st.sampled_from([None, 1, 3, 8]))
    return History(key, kind, ttl, created, rows, [*steps, (None, END)])


@settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories())
def test_what_is_served_is_what_the_join_gives_at_that_time_in_both_stores(redis_url, history):
    project = next(PROJECTS)
    held = []
    with tempfile.TemporaryDirectory() as folder:
        for n, url in enumerate([f"sqlite:///{folder}/online.db", redis_url]):
            root = Path(folder) / str(n)
            root.mkdir()
            with closing(Loading(root, url, project=project)) as loading:
                load(loading, history)
                expected, matched = joined(loading, history)
                found = served(loading, history)
                assert [exact(row["x"]) for row in found.to_dicts()] == list(map(exact, expected))
                statuses = [row["x"] for row in found.status]
                assert sum(status in ("PRESENT", "NULL") for status in statuses) == matched
                generation = loading.generation("stats")
                held.append(sorted(loading.online.sample(project, generation, 1_000)))
    assert held[0] == held[1]


def load(loading: Loading, history: History) -> None:
    """Every run finds the file as it was then, and may be told to read a range again."""
    known_at = {"created_timestamp": "known"} if history.created else {}
    ttl = "none" if history.ttl is None else f"{history.ttl}s"
    write(loading, history, -4)
    loading.apply(
        Entity("driver", join_keys={"id": history.key}),
        source(**known_at),
        view(features={"x": history.kind}, ttl=ttl),
    )
    reached = -4
    for start, end in history.steps:
        reached = max(reached, end)
        write(loading, history, reached)
        assert not loading.run(start=at(start), end=at(end), now=at(reached)).failed


def write(loading: Loading, history: History, end: int) -> None:
    rows = history.known(end)
    if not history.created:
        rows = [(key, event, value) for key, event, _, value in rows]
    features = {"x": history.kind}
    loading.write("stats.parquet", rows, features, key=history.key, created=history.created)


def joined(loading: Loading, history: History) -> tuple[list[Any], int]:
    """What the join gives each key at the end, and how many have a row."""
    repository = loading.snapshot.repository
    columns = requested_columns(repository, ["stats:x"], None, full_names=False)
    keys = KEYS[history.key]
    times = pa.array([at(END)] * len(keys), pa.timestamp("us", "UTC"))
    rows = pa.table({"id": pa.array(keys, arrow_type(history.key)), "event_timestamp": times})
    asked = HistoricalRequest(columns, known_at=True)
    training = get_historical(asked, repository, loading.engine, TableFrame(rows))
    return training.to_arrow()["x"].to_pylist(), training.report.views[0].matched


def served(loading: Loading, history: History) -> Any:
    cache = ManifestCache(loading.online, loading.project, loading.env)
    rows = [{"id": key} for key in KEYS[history.key]]
    return lookup(cache, Request(("stats:x",)), rows, now_us=at(END))
