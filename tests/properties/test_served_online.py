"""What was read from the online store at any moment is what the join as served gives for it."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loading import Loading, source, view
from oracle import exact
from serving import answers, standing

from featurectl.definitions.entity import Entity
from featurectl.errors import RequestError
from featurectl.flows.lookup import lookup
from featurectl.flows.serving import ManifestCache, Request

CASES = max(1, int(os.environ.get("FEATURECTL_PROPERTY_CASES", "150")) // 5)
SECOND = 1_000_000
KEYS = (1, 2)
VALUES = (0.0, -0.0, float("nan"), 1.5, None)

rows = st.lists(
    st.tuples(st.sampled_from(KEYS), st.integers(-6, 2), st.sampled_from(VALUES)),
    min_size=1,
    max_size=4,
)
back = st.tuples(st.integers(-9, 0), st.integers(-9, 2)).map(sorted)
steps = st.one_of(
    st.tuples(st.just("rows"), rows),
    st.tuples(st.just("rows"), rows),
    st.tuples(st.just("run"), st.just({})),
    st.tuples(st.just("run"), st.just({})),
    st.tuples(st.just("run"), st.fixed_dictionaries({"end": st.integers(-2, 3)})),
    st.tuples(st.just("run"), back.map(lambda pair: {"start": pair[0], "end": pair[1]})),
    st.tuples(st.just("run"), st.just({"full": True})),
    st.tuples(st.just("ttl"), st.sampled_from(["none", "1s", "3s", "8s"])),
    st.tuples(st.just("on_stale"), st.sampled_from(["hide", "serve", "default", "fail"])),
    st.tuples(st.just("path"), st.sampled_from(["stats.parquet", "other.parquet"])),
    st.tuples(st.just("feature"), st.none()),
    st.tuples(st.just("wait"), st.integers(1, 5)),
)


@dataclass
class Simulation:
    """A project whose clock is moved by each step; what readers were told is kept."""

    loading: Loading
    created: bool
    lookback: str | None
    now_us: int = time.time_ns() // 1_000 // SECOND * SECOND
    view: dict[str, Any] = field(default_factory=lambda: {"ttl": "3s", "on_stale": "hide"})
    path: str = "stats.parquet"
    has_y: bool = False
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    read: list[tuple[Any, int, Any]] = field(default_factory=list)

    def do(self, kind: str, what: Any) -> None:
        self.now_us += SECOND * (what if kind == "wait" else 1)
        if kind == "rows":
            self.append(what)
        elif kind == "run":
            self.run(what)
        elif kind in ("ttl", "on_stale"):
            self.view[kind] = what
            self.apply()
        elif kind == "feature":
            self.has_y = not self.has_y
            self.apply()
        elif kind == "path":
            self.path = what
            self.apply()
        self.look()

    def append(self, new: list[tuple[Any, int, Any]]) -> None:
        """Rows are written at the moment from which on they are known."""
        for key, event, value in new:
            known = [self.now_us] if self.created else []
            at = self.now_us + (event * SECOND if self.created else 0)
            self.rows.append((key, at, *known, value))
        self.write()

    def write(self) -> None:
        for name, more in (("stats.parquet", 0), ("other.parquet", 10)):
            found = [
                (*row[:-1], None if row[-1] is None else row[-1] + more, more - n)
                for n, row in enumerate(self.rows)
            ]
            features = {"x": "float64", "y": "int64"}
            self.loading.write(name, found, features, created=self.created)

    def apply(self) -> None:
        known = {"created_timestamp": "known"} if self.created else {}
        y = {"y": {"type": "int64", "default": 100}} if self.has_y else {}
        self.loading.apply(
            Entity("driver", join_keys={"id": "int64"}),
            source(path=self.path, **known),
            view(
                features={"x": {"type": "float64", "default": 7.5}, **y},
                lookback=self.lookback,
                **self.view,
            ),
        )

    def run(self, what: dict[str, Any]) -> None:
        asked = {
            name: value if name == "full" else self.now_us + value * SECOND
            for name, value in what.items()
        }
        found = self.loading.run(now=self.now_us, allow=("empty", "nulls"), **asked)
        assert not found.failed, found.errors

    def look(self) -> None:
        """Read each key at this moment, as a model would."""
        cache = ManifestCache(self.loading.online, self.loading.project, self.loading.env)
        for key in KEYS:
            try:
                asked = Request(("stats:x", "stats:y") if self.has_y else ("stats:x",))
                found = lookup(cache, asked, [{"id": key}], now_us=self.now_us).to_dicts()[0]
                value = found["x"], found.get("y")
            except RequestError as error:
                if error.code != "FC317":
                    raise
                value = None, None  # a join has rows for all: what was refused is null
            self.read.append((key, self.now_us, value))


@settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    created=st.booleans(),
    lookback=st.sampled_from([None, "2s"]),
    then=st.lists(steps, min_size=3, max_size=12),
)
def test_what_was_read_online_is_what_the_join_as_served_gives(
    created: bool,  # noqa: FBT001 - drawn
    lookback: str | None,
    then: list[tuple[str, Any]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        moved: list[Simulation] = []

        def clock() -> int:
            return moved[0].now_us if moved else time.time_ns() // 1_000

        url = f"sqlite:///{folder}/online.db"
        with closing(Loading(Path(folder), url, clock=clock)) as loading, standing(clock):
            simulation = Simulation(loading, created, lookback)
            moved.append(simulation)
            simulation.write()
            simulation.apply()
            for step in [*then, ("rows", [(1, 0, 1.5)]), ("run", {}), ("wait", 2)]:
                simulation.do(*step)
            labels = [(key, at) for key, at, _ in simulation.read]
            names = ["stats:x", "stats:y"] if simulation.has_y else ["stats:x"]
            found = [list(map(exact, values)) for _, values in answers(loading, labels, *names)]
            read = [list(map(exact, values))[: len(names)] for *_, values in simulation.read]
            assert found == read
