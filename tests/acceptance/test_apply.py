"""The acceptance cases of apply, from YAML files to both online stores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from joining import times

from featurectl import FeatureStore
from featurectl.errors import FeaturectlError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VIEW = """
  - name: {name}
    entities: [driver]
    source: trips
    ttl: none
    features: {{conv: float64}}
"""
SOURCE = """
entities:
  - {name: driver, join_keys: {driver: int64}}
sources:
  - {name: trips, path: trips.parquet, event_timestamp: ts}
"""
SERVICE = """
feature_services:
  - name: ranking
    owner: ml@example.com
    features: [fv:conv]
"""
ROWS = {"driver": [1, 2], "ts": times("10:00", "09:00"), "conv": [0.1, 0.9]}


class Project:
    """A feature repository in a folder of its own, over an online store that others may use."""

    def __init__(self, folder: Path, name: str, online_url: str) -> None:
        self.folder, self.name = folder / name, name
        (self.folder / "features").mkdir(parents=True)
        pq.write_table(pa.table(ROWS), self.folder / "trips.parquet")
        config = f"project: {name}\nonline: {online_url}\ngrace: 0s\n"
        (self.folder / "featurectl.yaml").write_text(config)

    def write(self, *views: str, rest: str = "") -> None:
        """Define these views, and what else is given."""
        parts = "".join(VIEW.format(name=name) for name in views)
        text = SOURCE + ("feature_views:" + parts if views else "") + rest
        (self.folder / "features" / "all.yaml").write_text(text)

    def apply(self, *views: str, rest: str = "", allow: tuple[str, ...] = ()) -> Any:
        self.write(*views, rest=rest)
        with FeatureStore(self.folder) as store:
            return store.apply(allow=allow)

    def conv(self, view: str, *drivers: int) -> list[Any]:
        with FeatureStore(self.folder) as store:
            keys = [{"driver": driver} for driver in drivers]
            found = store.get_online_features(features=[f"{view}:conv"], keys=keys)
            return [row["conv"] for row in found.to_dicts()]

    def held(self) -> dict[str, Any]:
        """All that the store has of the project: rows, stamps and the manifest."""
        with FeatureStore(self.folder) as store:
            online, bindings = store.environment.online, store.snapshot().bindings
            generations = sorted({binding.read.id for binding in bindings.values()})
            rows = {name: sorted(online.sample(self.name, name, 100)) for name in generations}
            stamps = {f"{name}@": online.stamp(self.name, name) for name in generations}
            return {**rows, **stamps, "manifest": online.read(self.name, "dev")}


@pytest.fixture
def project(tmp_path: Path, online_url: str) -> Iterator[Project]:
    project = Project(tmp_path, "demo", online_url)
    project.apply("fv", "fv0", rest=SERVICE)
    with FeatureStore(project.folder) as store:
        assert not store.materialize().failed
    return project


def test_22_deleting_views_and_all_of_a_project_leaves_those_that_are_called_alike(
    project: Project, tmp_path: Path, online_url: str
) -> None:
    other = Project(tmp_path, "mydemo", online_url)
    other.apply("fv", "fv0")
    with FeatureStore(other.folder) as store:
        store.materialize()
    before = other.held()

    assert project.apply("fv", rest=SERVICE, allow=("destroy",)).retired == {"fv0": 2}
    assert (other.held(), other.conv("fv0", 1, 2)) == (before, [0.1, 0.9])

    assert project.apply(allow=("destroy", "breaking")).retired == {"fv": 2}
    assert (other.held(), other.conv("fv", 1, 2)) == (before, [0.1, 0.9])
    assert all(before.values())


def refused(project: Project) -> tuple[str, str, int]:
    """Code, file and line of the one error that plan refuses the files with."""
    with FeatureStore(project.folder) as store, pytest.raises(FeaturectlError) as error:
        store.plan()
    place = error.value.location
    assert place is not None
    return error.value.code, place.file, place.line


def test_24_deleting_a_view_that_a_service_uses_is_refused_with_file_and_line(
    project: Project,
) -> None:
    project.write("fv0", rest=SERVICE)
    assert refused(project) == ("FC113", "features/all.yaml", 16)
    assert project.conv("fv", 1) == [0.1]


def test_24_what_a_service_loses_with_a_view_is_refused_unless_allowed_by_name(
    project: Project,
) -> None:
    project.write("fv0", rest=SERVICE.replace("fv:conv", "fv0:conv"))
    with FeatureStore(project.folder) as store:
        with pytest.raises(RefusedError, match="ranking") as error:
            store.apply(allow=["additive"])
        assert error.value.code == "FC403"
        assert project.conv("fv", 1) == [0.1]


def test_24_a_column_that_the_source_lacks_is_refused_with_file_and_line(project: Project) -> None:
    project.write("fv", "fv0", rest=SERVICE)
    file = project.folder / "features" / "all.yaml"
    file.write_text(file.read_text().replace("{conv: float64}", "{conv: float64, cnv: int64}", 1))
    assert refused(project) == ("FC205", "features/all.yaml", 11)
