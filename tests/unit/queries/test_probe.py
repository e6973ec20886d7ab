"""A few rows, and about how many entities, of what a load would read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from featurectl.definitions.source import FileSource
from featurectl.definitions.view import FeatureView
from featurectl.offline.duckdb import DuckDBEngine
from featurectl.offline.protocol import Query
from featurectl.queries.expression import to_sql
from featurectl.queries.probe import about_how_many, some_rows
from featurectl.queries.relation import EVERYTHING, EventRange, SourcedView

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlglot import exp

ROWS = 50_000
ENTITIES = 2_000


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    found = DuckDBEngine(tmp_path)
    yield found
    found.close()


@pytest.fixture
def sourced(tmp_path: Path, engine: DuckDBEngine) -> SourcedView:
    table = pa.table(
        {
            "id": pa.array([i % ENTITIES for i in range(ROWS)], pa.int64()),
            "at": pa.array([None if i == 7 else i for i in range(ROWS)], pa.timestamp("us", "UTC")),
            "x": pa.array([float(i) for i in range(ROWS)]),
        }
    )
    pq.write_table(table, tmp_path / "rows.parquet", row_group_size=5_000)
    source = FileSource("s", path="rows.parquet", event_timestamp="at")
    view = FeatureView("v", source="s", ttl="1d", features={"x": "float64"})
    state = engine.schema(source)
    files = [file.path for file in state.files]
    return SourcedView(view, source, {"id": "int64"}, files, state.columns)


def answer(engine: DuckDBEngine, query: exp.Select) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = engine.fetch(Query(to_sql(query))).read_all().to_pylist()
    return found


def test_some_rows_are_the_same_each_time_and_from_all_over_the_range(
    engine: DuckDBEngine, sourced: SourcedView
) -> None:
    query = some_rows(sourced, ["x"], EventRange(10_000, 49_999), 200)

    found = answer(engine, query)

    assert found == answer(engine, query)
    assert len({row["e"] for row in found}) == 200
    assert all(row["e"] == row["f0"] and row["k0"] == row["e"] % ENTITIES for row in found)
    assert min(row["e"] for row in found) < 20_000
    assert max(row["e"] for row in found) > 40_000
    assert min(row["e"] for row in found) >= 10_000


def test_fewer_rows_than_asked_for_are_all_there_are(
    engine: DuckDBEngine, sourced: SourcedView
) -> None:
    assert len(answer(engine, some_rows(sourced, ["x"], EventRange(0, 9), 200))) == 9


def test_entities_are_counted_within_a_few_percent(
    engine: DuckDBEngine, sourced: SourcedView
) -> None:
    (all_,) = answer(engine, about_how_many(sourced, EVERYTHING))
    (few,) = answer(engine, about_how_many(sourced, EventRange(100, 149)))
    (none,) = answer(engine, about_how_many(sourced, EventRange(ROWS, None)))

    assert all_["keys"] == pytest.approx(ENTITIES, rel=0.1)
    assert few["keys"] == pytest.approx(50, abs=5)
    assert none["keys"] == 0


def test_a_view_without_entity_is_one(engine: DuckDBEngine, sourced: SourcedView) -> None:
    alone = SourcedView(sourced.view, sourced.source, {}, sourced.files, sourced.columns)

    assert answer(engine, about_how_many(alone, EVERYTHING)) == [{"keys": 1}]
    assert len(answer(engine, some_rows(alone, ["x"], EVERYTHING, 3))) == 3
