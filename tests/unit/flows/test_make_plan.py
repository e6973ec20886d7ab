"""A plan is made against the sources as they are: what does not fit is refused, with its place."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from applied import repository

from featurectl.definitions.entity import Entity
from featurectl.definitions.repository import Repository
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import FeatureView
from featurectl.errors import Location, ManyErrors, SourceError
from featurectl.flows.apply import make_plan
from featurectl.flows.source_states import check_against_sources
from featurectl.offline.duckdb import DuckDBEngine
from featurectl.registry.actor import current_actor
from featurectl.registry.sqlite import SqliteRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from featurectl.definitions.definition import Definition
    from featurectl.plan.plan import Plan

DRIVER = Entity("driver", join_keys={"driver_id": "int64"})
NOON = datetime(2024, 1, 1, 12, tzinfo=timezone.utc)
TABLE = {
    "driver_id": pa.array([1, 2], pa.int64()),
    "t": pa.array([NOON, NOON], pa.timestamp("ns")),
    "conv": pa.array([0.5, 0.25], pa.float64()),
    "trips": pa.array([1, 2], pa.int32()),
}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    pq.write_table(pa.table(TABLE), tmp_path / "stats.parquet")
    found = DuckDBEngine(tmp_path)
    yield found
    found.close()


def source(name: str = "stats", **fields: object) -> FileSource:
    return FileSource(name, **{"path": "stats.parquet", "event_timestamp": "t", **fields})


def view(features: dict, name: str = "v", **fields: object) -> FeatureView:
    base = {"entities": ["driver"], "source": "stats", "ttl": "1d", "features": features}
    return FeatureView(name, **{**base, **fields})


def plan(engine: DuckDBEngine | None, tmp_path: Path, files: Repository) -> Plan:
    registry = SqliteRegistry.open(tmp_path / "registry.db", "demo", create=False)
    actor = current_actor(tmp_path)
    try:
        return make_plan(files, registry, engine, env="dev", actor=actor)
    finally:
        registry.close()


def located(*objects: Definition) -> Repository:
    files = repository(*objects)
    locations = {
        ("source", "stats", "path"): Location("f.yaml", 3, 11),
        ("view", "v", "features"): Location("f.yaml", 9, 5),
    }
    return Repository(
        files.project, files.entities, files.sources, files.views, files.services, locations
    )


def test_a_view_that_fits_its_source_is_planned_with_the_sources_rows(
    engine: DuckDBEngine, tmp_path: Path
) -> None:
    found = plan(engine, tmp_path, repository(DRIVER, source(), view({"trips": "int64"})))

    assert [(change.name, change.impact.rows) for change in found.changes] == [
        ("driver", None),
        ("stats", 2),
        ("v", None),
    ]
    assert found.document()["changes"][1]["impact"]["rows"] == 2


def test_a_plan_says_who_made_it_and_when(tmp_path: Path) -> None:
    found = plan(None, tmp_path, repository(DRIVER))
    actor = current_actor(tmp_path)

    assert found.made_by == f"{actor.by}@{actor.host}"
    assert found.made_at_us > 1_700_000_000_000_000


def test_all_that_does_not_fit_is_told_in_one_run(engine: DuckDBEngine, tmp_path: Path) -> None:
    files = located(
        DRIVER,
        source(),
        source("gone", path="gone.parquet"),
        source("untimed", event_timestamp="trips"),
        view({"conv": "int64", "trps": "int64"}),
    )

    with pytest.raises(ManyErrors) as caught:
        plan(engine, tmp_path, files)

    codes = sorted(error.code for error in caught.value.errors)
    assert codes == ["FC201", "FC204", "FC205", "FC208"]


def test_a_column_that_the_source_lacks_is_refused_at_plan_with_file_and_line(
    engine: DuckDBEngine, tmp_path: Path
) -> None:
    with pytest.raises(SourceError) as caught:
        plan(engine, tmp_path, located(DRIVER, source(), view({"trps": "int64"})))

    assert (caught.value.code, str(caught.value.location)) == ("FC205", "f.yaml:9:5")
    assert caught.value.caret == 'did you mean "trips"?'


def test_a_source_that_is_not_there_is_told_at_its_path(engine: DuckDBEngine) -> None:
    files = located(DRIVER, source(path="nowhere.parquet"), view({"trips": "int64"}))

    with pytest.raises(SourceError) as caught:
        check_against_sources(files, engine)

    assert (caught.value.code, str(caught.value.location)) == ("FC201", "f.yaml:3:11")


@pytest.mark.parametrize(
    ("column", "fits"),
    [
        (pa.array([NOON, NOON], pa.timestamp("ms")), True),
        (pa.array([NOON, NOON], pa.timestamp("us", "America/New_York")), True),
        (pa.array([NOON.date()] * 2, pa.date32()), True),
        (pa.array(["2024-01-01T12:00:00Z"] * 2), True),
        (pa.array([1_704_110_400, 0], pa.int64()), False),
        (pa.array([1.5, 2.5], pa.float64()), False),
    ],
)
def test_times_of_any_unit_dates_and_text_are_event_times_and_numbers_are_not(
    engine: DuckDBEngine, tmp_path: Path, column: pa.Array, *, fits: bool
) -> None:
    pq.write_table(pa.table({**TABLE, "t": column}), tmp_path / "stats.parquet")
    files = repository(DRIVER, source(), view({"trips": "int64"}))

    if fits:
        assert check_against_sources(files, engine)["stats"].rows == 2
    else:
        with pytest.raises(SourceError) as caught:
            check_against_sources(files, engine)
        assert caught.value.code == "FC208"


def test_without_an_engine_the_sources_are_left_alone(tmp_path: Path) -> None:
    files = repository(DRIVER, source(path="nowhere.parquet"), view({"trips": "int64"}))

    assert plan(None, tmp_path, files).has_changes


def test_a_csv_column_fits_what_is_declared_of_it(engine: DuckDBEngine, tmp_path: Path) -> None:
    (tmp_path / "stats.csv").write_text("driver_id,t,conv\n1,2024-01-01,1\n")
    files = repository(DRIVER, source(path="stats.csv"), view({"conv": "float64"}))

    assert check_against_sources(files, engine)["stats"].rows is None
