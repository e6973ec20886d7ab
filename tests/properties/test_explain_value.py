"""What is explained is what was joined, and each stated reason is true by the rules."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from unittest.mock import patch

import pytest
from explaining import declared
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joining import Joining
from oracle import created, exact, join_label, orderable
from scenarios import Scenario, View, label_table, scenarios

from featurectl.flows import judged_rows
from featurectl.flows.explain_question import Question
from featurectl.flows.explain_value import explain_value
from featurectl.flows.request import requested_columns
from featurectl.offline.duckdb import DuckDBEngine

CASES = int(os.environ.get("FEATURECTL_PROPERTY_CASES", "150")) // 3 or 1
LABELS = 3  # of each scenario
OUTCOMES = {
    "matched": ("value", "null"),
    "expired": ("expired",),
    "no_row": ("no_row", "later", "known_later"),
}


@pytest.fixture(scope="module")
def engine():
    folder = Path(tempfile.mkdtemp(prefix="explain-"))
    engine = DuckDBEngine(folder)
    yield engine
    engine.close()
    shutil.rmtree(folder)


@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenario=scenarios(), held=st.sampled_from([0, judged_rows.HELD_ROWS]))
def test_the_explained_value_is_the_joined_one_and_each_reason_is_true(engine, scenario, held):
    with (
        tempfile.TemporaryDirectory(prefix="case-") as folder,
        patch.object(judged_rows, "HELD_ROWS", held),
    ):
        joining = declared(scenario, Joining(Path(folder), engine))
        references = [f"{view.name}:{name}" for view in scenario.views for name in view.asked]
        joined = joining.join(
            label_table(scenario), *references, full_names=True, known_at=scenario.known_at
        ).to_arrow()
        for at, (keys, t) in enumerate(scenario.labels[:LABELS]):
            for view in scenario.views:
                found = explained(joining, scenario, view, keys, t)
                for name in view.asked:
                    expected = joined[f"{view.name}__{name}"][at].as_py()
                    assert exact(found.values[name]) == exact(expected)
                check_reasons(scenario, view, keys, t, found)


def explained(joining: Joining, scenario: Scenario, view: View, keys, t):
    references = [f"{view.name}:{name}" for name in view.asked]
    (use,) = requested_columns(joining.repository, references, None, full_names=False)
    question = Question(use, [keys[name] for name in view.keys], t, scenario.known_at)
    return explain_value(question, joining.repository, joining.engine, joining.root)


def check_reasons(scenario: Scenario, view: View, keys, t, found) -> None:
    rows = rows_of(view, keys)
    expected = join_label(
        rows,
        tuple(keys[name] for name in view.keys),
        t,
        ttl=view.ttl,
        known_at=(scenario.known_at or view.known_at) and view.has_created,
        static=view.static,
        features=list(view.features),
    )
    if t is None or None in [keys[name] for name in view.keys]:
        assert found.outcome in ("null_time", "null_key")
        assert found.candidates == ()
        return
    assert found.counts.rows == len(rows)
    assert found.outcome in OUTCOMES[expected.state]
    assert sum(row.why == "chosen" for row in found.candidates) == (expected.row is not None)
    assert sum(found.not_shown.values()) == len(rows) - len(found.candidates)
    assert min(found.not_shown.values()) >= 0
    for row in found.candidates:
        check_reason(view, t, expected.row, row, cutoff=found.known_at == "on")


def check_reason(view: View, t, winner, row, *, cutoff: bool) -> None:
    event, written = row.event_us, row.event_us if row.created_us is None else row.created_us
    is_later = event is not None and event > t
    is_unknown = cutoff and written > t
    is_expired = view.ttl is not None and event is not None and event < t - view.ttl
    if row.why == "later":
        assert is_later
        return
    assert not is_later
    if row.why == "known_later":
        assert is_unknown
        return
    assert not is_unknown
    if row.why == "expired":
        assert is_expired
        return
    assert not is_expired
    if row.why == "chosen":
        assert content(row, row.values) == content(row, winner)
        return
    best = (winner["event"], created(winner)) if not view.static else (None, None)
    if row.why == "older":
        assert event < best[0]
    elif row.why == "created_earlier":
        assert event == best[0]
        assert written < best[1]
    else:
        assert view.static or (event, written) == best
        if row.why == "same":
            assert list(row.values) == list(view.features)
            assert content(row, row.values) == content(row, winner)
        else:
            check_decision(view, row, winner)


def check_decision(view: View, row, winner) -> None:
    for name in sorted(view.features):
        mine, best = orderable(row.values[name]), orderable(winner[name])
        if name == row.decided_by:
            assert mine < best
            return
        assert mine == best
    raise AssertionError(f"{row.decided_by} is no feature")


def content(row, values) -> list:
    return [orderable(values[name]) for name in row.values]  # those that were read


def rows_of(view: View, keys) -> list:
    wanted = tuple(keys[name] for name in view.keys)
    return [
        row
        for row in view.rows
        if row["key"] == wanted
        and None not in row["key"]
        and (view.static or row["event"] is not None)
    ]
