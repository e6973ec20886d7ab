"""Whatever runs have loaded and whenever: a join as served gives what the rule says of each row."""

from __future__ import annotations

import os
import tempfile
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loading import Loading, source, view
from oracle import exact
from registries import NOON, SECOND, Clock
from served_oracle import Row, Served, served
from serving import answers

from featurectl.definitions.entity import Entity
from featurectl.registry.protocol import ViewRun
from featurectl.registry.serving_history import Load

if TYPE_CHECKING:
    from featurectl.definitions.binding import Binding

CASES = max(1, int(os.environ.get("FEATURECTL_PROPERTY_CASES", "150")) // 5)
END = 16
KEYS = (1, 2)
VALUES = (0.0, -0.0, float("nan"), 1.5, None)
POLICIES = ("hide", "serve", "default", "fail")
TTLS = (None, 1, 4, 40)

times = st.integers(0, END)
rows = st.lists(
    st.tuples(st.sampled_from(KEYS), times, st.integers(-3, 9), st.sampled_from(VALUES)),
    max_size=25,
)
runs = st.fixed_dictionaries(
    {
        "to": times,
        "span": st.none() | st.integers(0, END),
        "late": st.none() | st.integers(0, 8),
        "started": times,
        "takes": st.integers(0, 4),
        "status": st.sampled_from(["ok", "ok", "ok", "ok", "failed", "empty"]),
        "generation": st.sampled_from([0, 0, 0, 1]),
    }
)
flips = st.lists(st.tuples(times, st.integers(0, 1)), max_size=3).map(sorted)
changes = st.lists(
    st.tuples(times, st.sampled_from(TTLS), st.sampled_from(POLICIES)), min_size=1, max_size=3
).map(lambda found: sorted(found, key=lambda change: change[0]))


@dataclass(frozen=True)
class Case:
    """Rows of a source, runs into two generations, and what was applied and flipped when."""

    created: bool
    rows: list[Row]
    loads: list[tuple[str, ViewRun]]
    changes: list[tuple[int, int | None, str]]
    flips: list[tuple[int, int]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    created = draw(st.booleans())
    found = [
        Row(key, at(event), at(event + (later if created else 0)), value)
        for key, event, later, value in draw(rows)
    ]
    loads = [(f"stats.{run['generation']}", part_of(run)) for run in draw(st.lists(runs))]
    return Case(created, found, loads, draw(changes), draw(flips))


def at(second: int) -> int:
    return NOON + second * SECOND


def part_of(run: dict[str, Any]) -> ViewRun:
    to, started = at(run["to"]), at(run["started"])
    return ViewRun(
        "stats",
        f"stats.{run['generation']}",
        1,
        "0011223344556677",
        None if run["span"] is None else to - run["span"] * SECOND,
        to,
        None if run["late"] is None else to - run["late"] * SECOND,
        started,
        started + run["takes"] * SECOND,
        run["status"],
        rows=1,
    )


@settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(case=cases())
def test_the_join_as_served_gives_what_the_rule_says_row_by_row(case: Case) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        url = f"sqlite:///{folder}/online.db"
        with closing(Loading(Path(folder), url, clock=clock)) as loading:
            past = recorded(loading, clock, case)
            loads = loading.registry.loads(["stats.0", "stats.1"])
            moments = {load.finished_us + d for load in loads for d in (-1, 0, 1)}
            moments |= {since.since + d for since in past for d in (-1, 0)}
            labels = [(key, t) for key in (*KEYS, 3) for t in sorted(moments)]
            expected = [served(case.rows, loads, past, *label) for label in labels]
            if {load.generation for load in loads} & {each.generation for each in past}:
                found = [(state, values[0]) for state, values in answers(loading, labels)]
                assert list(map(seen, found)) == list(map(seen, expected))


def seen(answer: tuple[str, Any]) -> tuple[str, Any]:
    return answer[0], exact(answer[1])


def recorded(loading: Loading, clock: Clock, case: Case) -> list[Served]:
    """Bring the case into a registry and a file; what was served when, as the oracle takes it."""
    write(loading, case)
    known = {"created_timestamp": "known"} if case.created else {}
    binding: Binding | None = None
    steps = [(when, 0, change) for when, *change in case.changes]
    steps += [(when, 1, to) for when, to in case.flips]
    past: list[Served] = []
    for when, kind, what in sorted(steps, key=lambda step: step[:2]):
        clock.now_us = at(when)
        if kind == 0:
            ttl, policy = what
            defined = view(
                ttl="none" if ttl is None else f"{ttl}s",
                on_stale=policy,
                features={"x": {"type": "float64", "default": 7.5}},
            )
            loading.apply(Entity("driver", join_keys={"id": "int64"}), source(**known), defined)
            applied = loading.snapshot.bindings["stats"]
            binding = binding or rebound(loading, applied, 0)
            now = Served(clock.now_us, binding.read.id, ttl and ttl * SECOND, policy, 7.5)
        elif binding:
            number = what
            binding = rebound(loading, binding, number)
            now = replace(past[-1], since=clock.now_us, generation=binding.read.id)
        else:
            continue
        past.append(now)
    for generation, part in case.loads:
        run = loading.registry.begin("materialize", "dev", 1, loading.actor)
        loading.registry.advance("dev", run, replace(part, generation=generation), lease=None)
    return past


def rebound(loading: Loading, binding: Binding, number: int) -> Binding:
    """Send readers to a generation of ours, as a run that has filled it does."""
    new = replace(
        binding,
        read=replace(binding.read, id=f"stats.{number}"),
        fill=None,
        needs_fill=False,
    )
    run = loading.registry.begin("materialize", "dev", 1, loading.actor)
    part = replace(part_of(EMPTY), generation=new.read.id, status="skipped")
    loading.registry.advance("dev", run, part, lease=None, binding=new)
    return new


EMPTY = {"to": 0, "span": 0, "late": None, "started": 0, "takes": 0, "status": "ok",
         "generation": 0}  # fmt: skip


def write(loading: Loading, case: Case) -> None:
    found = [
        (row.key, row.event, *([row.known] if case.created else []), row.value) for row in case.rows
    ]
    loading.write("stats.parquet", found, {"x": "float64"}, created=case.created)


def test_a_load_is_told_as_it_was_recorded() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/online.db"
        with closing(Loading(Path(folder), url, clock=Clock())) as loading:
            case = Case(False, [], [("stats.0", part_of(EMPTY))], [(0, None, "hide")], [])
            recorded(loading, Clock(), case)
            assert loading.registry.loads(["stats.0"]) == [
                Load("stats.0", 1, NOON, NOON, None, NOON, NOON)
            ]
