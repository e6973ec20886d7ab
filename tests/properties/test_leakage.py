"""The proof and the report of every join are those of the rules; of a wrong join there is none."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from explaining import declared
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from joining import Joining
from oracle import Found, created, join_label
from scenarios import SECOND_US, Scenario, View, label_table, scenarios

from featurectl.errors import RequestError
from featurectl.offline.duckdb import DuckDBEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from featurectl.flows.training_set import TrainingSet

CASES = int(os.environ.get("FEATURECTL_PROPERTY_CASES", "40"))
FEW = settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def engine():
    with tempfile.TemporaryDirectory(prefix="proof-") as folder:
        engine = DuckDBEngine(Path(folder))
        yield engine
        engine.close()


@contextmanager
def joined(engine: DuckDBEngine, scenario: Scenario, shift_us: int = 0) -> Iterator[TrainingSet]:
    """The training set; with a shift, of values as they were at other times than the rows'."""
    labels = [(keys, None if t is None else t + shift_us) for keys, t in scenario.labels]
    wrong = replace(scenario, labels=labels, label_form="us")
    with tempfile.TemporaryDirectory(prefix="case-") as folder:
        joining = declared(scenario, Joining(Path(folder), engine))
        references = [f"{view.name}:{name}" for view in scenario.views for name in view.asked]
        training, other = (
            joining.join(
                rows, *references, full_names=True, known_at=scenario.known_at, proves=True
            )
            for rows in map(label_table, (scenario, wrong if shift_us else scenario))
        )
        yield replace(other, frame=training.frame, _audit=training._audit)


def expected(scenario: Scenario, view: View, shift_us: int = 0) -> list[Found]:
    usable = [row for row in view.rows
              if None not in row["key"] and (view.static or row["event"] is not None)]  # fmt: skip
    return [
        join_label(
            usable,
            tuple(keys[name] for name in view.keys),
            None if t is None else t + shift_us,
            ttl=view.ttl,
            known_at=(scenario.known_at or view.known_at) and view.has_created,
            static=view.static,
            features=list(view.features),
        )
        for keys, t in scenario.labels
    ]


@FEW
@given(scenario=scenarios())
def test_every_join_passes_and_shows_the_times_of_the_oracle(engine, scenario):
    with joined(engine, scenario) as training:
        result, report = training.to_arrow(), training.report
    for number, view in enumerate(scenario.views):
        found = expected(scenario, view)
        won = [None if view.static else item.row for item in found]
        for column, when in (
            ("event", [row and row["event"] for row in won]),
            ("created", [row and created(row) if view.has_created else None for row in won]),
        ):
            assert micros(result, f"{view.name}__{column}_timestamp") == when
        proof, told = report.proof.views[number], report.views[number]
        assert proof.rows == sum(row is not None for row in won)
        assert (
            proof.created_later == told.created_later == sum(item.created_later for item in found)
        )
        same = zip(won, scenario.labels, strict=True)
        assert told.same_time == sum(row is not None and row["event"] == t for row, (_, t) in same)
        for name in view.asked:
            values = [item.row[name] if item.row else None for item in found]
            assert told.nulls[name] == values.count(None)
    assert report.proof.rows == len(scenario.labels)


@FEW
@given(scenario=scenarios(), shift_us=st.sampled_from([1, SECOND_US, 3 * SECOND_US + 1]))
def test_a_join_at_later_times_is_caught_where_it_shows(engine, scenario, shift_us):
    shown = any(broken(scenario, view, shift_us) for view in scenario.views)
    assume(shown)
    with joined(engine, scenario, shift_us) as training, pytest.raises(RequestError) as error:
        training.to_arrow()
    assert error.value.code == "FC332"


@FEW
@given(scenario=scenarios())
def test_a_join_at_earlier_times_is_caught_where_a_value_is_expired(engine, scenario):
    shown = any(broken(scenario, view, -1) for view in scenario.views)
    assume(shown)
    with joined(engine, scenario, -1) as training, pytest.raises(RequestError, match="its ttl"):
        training.to_arrow()


def broken(scenario: Scenario, view: View, shift_us: int) -> bool:
    """Whether a join at times that are wrong by so much has a value that the rules forbid."""
    if view.static:
        return False
    known_at = (scenario.known_at or view.known_at) and view.has_created
    for item, (_, t) in zip(expected(scenario, view, shift_us), scenario.labels, strict=True):
        if item.row is None or t is None:
            continue
        event = item.row["event"]
        if event > t or (view.ttl is not None and event < t - view.ttl):
            return True
        if known_at and created(item.row) > t:
            return True
    return False


def micros(table: pa.Table, name: str) -> list[int | None]:
    return table[name].cast(pa.int64()).to_pylist()
