"""Every form of the join gives the same bytes, whatever a request is made of."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joining import Joining
from oracle import exact
from scenario_joins import declared, expect
from scenarios import Scenario, View, label_table, scenarios

from featurectl.definitions.arrow_type import arrow_type
from featurectl.definitions.service import ViewRef
from featurectl.flows.view_join import ViewJoiner
from featurectl.offline.duckdb import DuckDBEngine
from featurectl.queries.strategy import ASOF, BUCKET, HASH, STATIC, Strategy

CASES = int(os.environ.get("FEATURECTL_PROPERTY_CASES", "60")) // 2
WIDTHS = st.sampled_from([1, 3_600_000_000, 90 * 86_400_000_000])


@dataclass(frozen=True)
class Request:
    """Uses of views as (view, alias or None, features), all in one service.

    An alias has keys of its own: each label has those of the label ``shift`` before it.
    """

    scenario: Scenario
    uses: list[tuple[View, str | None, list[str]]]
    shift: int
    width_us: int

    def keys(self, ordinal: int, alias: str | None) -> dict[str, Any]:
        """The keys that a label has for a use."""
        labels = self.scenario.labels
        return labels[ordinal if alias is None else ordinal - self.shift][0]


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Each view as itself, or under aliases, or both; in any order."""
    scenario = draw(scenarios())
    uses: list[tuple[View, str | None, list[str]]] = []
    for view in scenario.views:
        aliases = [None, f"{view.name}_again", f"{view.name}_more"] if view.keys else [None]
        for alias in draw(st.lists(st.sampled_from(aliases), min_size=1, unique=True)):
            asked = draw(st.lists(st.sampled_from(list(view.features)), min_size=1, unique=True))
            uses.append((view, alias, asked))
    shift = draw(st.integers(0, len(scenario.labels)))
    return Request(scenario, draw(st.permutations(uses)), shift, draw(WIDTHS))


@pytest.fixture(scope="module")
def engine():
    folder = Path(tempfile.mkdtemp(prefix="join-"))
    engine = DuckDBEngine(folder)
    yield engine
    engine.close()
    shutil.rmtree(folder)


@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(request_=requests())
def test_all_forms_give_the_same_bytes_and_those_of_the_rules(engine, monkeypatch, request_):
    scenario = request_.scenario
    with tempfile.TemporaryDirectory(prefix="case-") as folder:
        joining = declared(scenario, Joining(Path(folder), engine))
        joining.service("model", *[reference(*use) for use in request_.uses])
        results = [joined(monkeypatch, joining, request_, form) for form in (HASH, BUCKET, ASOF)]
    (table, *first), *others = results
    assert all(other == first for _, *other in others)
    for view, alias, asked in request_.uses:
        found = [
            expect(scenario, view, request_.keys(i, alias), t)
            for i, (_, t) in enumerate(scenario.labels)
        ]
        for name in asked:
            values = [each.row[name] if each.row else None for each in found]
            given_values = table[f"{alias or view.name}__{name}"].to_pylist()
            assert list(map(exact, given_values)) == list(map(exact, values))


def joined(
    monkeypatch, joining: Joining, request_: Request, form: str
) -> tuple[pa.Table, bytes, dict[str, Any]]:
    """The training set by one form of the join, the same as bytes of a file, and its report."""

    def chosen(_joiner, use):
        is_other = form == BUCKET and use.uses_known_at
        name = STATIC if use.is_static else ASOF if is_other else form
        return Strategy(name, "", request_.width_us)

    monkeypatch.setattr(ViewJoiner, "_choose", chosen)
    labels = request_labels(request_)
    known_at = request_.scenario.known_at
    training = joining.join(labels, service="model", full_names=True, known_at=known_at)
    table, sink = training.to_arrow(), pa.BufferOutputStream()
    assert table.select(labels.column_names).equals(labels)
    pq.write_table(table, sink)
    return table, sink.getvalue().to_pybytes(), training.report.document()


def reference(view: View, alias: str | None, asked: list[str]) -> ViewRef:
    """One use of a view, an alias with keys of its own."""
    keys = {} if alias is None else {name: f"other_{name}" for name in view.keys}
    return ViewRef(view.name, alias=alias, join_keys=keys, features=asked)


def request_labels(request_: Request) -> pa.Table:
    """The labels with the keys of aliases beside their own."""
    table = label_table(request_.scenario)
    kinds = {name: kind for view in request_.scenario.views for name, kind in view.keys.items()}
    for name, kind in kinds.items():
        others = [request_.keys(i, "other")[name] for i in range(table.num_rows)]
        table = table.append_column(f"other_{name}", pa.array(others, arrow_type(kind)))
    return table
