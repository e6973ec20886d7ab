"""The join gives for every label what the rules in plain Python give."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joining import Joining
from oracle import exact
from scenario_joins import declared, expect, usable
from scenarios import label_table, scenarios

from featurectl.flows.view_join import ViewJoiner
from featurectl.offline.duckdb import DuckDBEngine
from featurectl.queries.strategy import ASOF, BUCKET, HASH, STATIC, Strategy

WIDTHS = st.sampled_from([1, 3_600_000_000, 90 * 86_400_000_000])  # no row, some, all in one bucket
CASES = int(os.environ.get("FEATURECTL_PROPERTY_CASES", "100"))


@pytest.fixture(scope="module")
def engine():
    folder = Path(tempfile.mkdtemp(prefix="join-"))
    engine = DuckDBEngine(folder)
    yield engine
    engine.close()
    shutil.rmtree(folder)


@pytest.mark.parametrize("form", [HASH, BUCKET, ASOF])
@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenario=scenarios(), width_us=WIDTHS)
def test_join_equals_the_rules_in_plain_python_in_every_form(
    engine, monkeypatch, form, scenario, width_us
):
    def chosen(_joiner, use):
        is_other = form == BUCKET and use.uses_known_at
        return Strategy(STATIC if use.is_static else ASOF if is_other else form, "", width_us)

    monkeypatch.setattr(ViewJoiner, "_choose", chosen)
    with tempfile.TemporaryDirectory(prefix="case-") as folder:
        joining = declared(scenario, Joining(Path(folder), engine))
        labels = label_table(scenario)
        references = [f"{view.name}:{name}" for view in scenario.views for name in view.asked]
        training = joining.join(labels, *references, full_names=True, known_at=scenario.known_at)
        result, report = training.to_arrow(), training.report
    assert result.select(labels.column_names).equals(labels)
    for view, told in zip(scenario.views, report.views, strict=True):
        expected = [expect(scenario, view, keys, t) for keys, t in scenario.labels]
        for name in view.asked:
            values = [found.row[name] if found.row else None for found in expected]
            given = result[f"{view.name}__{name}"].to_pylist()
            assert list(map(exact, given)) == list(map(exact, values))
        states = Counter(found.state for found in expected)
        assert (told.matched, told.expired, told.no_row) == (
            states["matched"], states["expired"], states["no_row"]
        )  # fmt: skip
        assert told.ties == sum(found.tied for found in expected)
        assert told.created_later == sum(found.created_later for found in expected)
        assert told.ignored == sum(not usable(row, view) for row in view.rows)
        ages = [found.age_us for found in expected if found.age_us is not None]
        assert told.oldest_age_seconds == (max(ages) / 1_000_000 if ages else None)
        assert told.newest_age_seconds == (min(ages) / 1_000_000 if ages else None)
