"""A load opens the files that may have rows of its window, and no others."""

from __future__ import annotations

import pytest
from loading import Loading, source, view
from profiled import ProfiledEngine

from featurectl.definitions.entity import Entity

DAYS = 20


@pytest.fixture
def loading(tmp_path, online_url):
    """A source of a file per day, each with one row at noon that holds the number of the day."""
    loading = Loading(tmp_path, online_url)
    loading.engine = ProfiledEngine(tmp_path)
    (tmp_path / "daily").mkdir()
    for day in range(1, DAYS + 1):
        noon = f"2024-01-{day:02}T12:00:00Z"
        loading.write("day.parquet", [(1, noon, float(day))], {"x": "float64"})
        (tmp_path / "day.parquet").rename(tmp_path / "daily" / f"{day:02}.parquet")
    entity = Entity("driver", join_keys={"id": "int64"})
    loading.apply(entity, source(path="daily"), view())
    yield loading
    loading.close()


def opened(loading: Loading, **window: str) -> int:
    """The most files that any query of a run opens."""
    loading.engine.profiles.clear()
    loading.run(**window)
    return max((profile.files for profile in loading.engine.profiles), default=0)


def test_a_window_opens_its_own_files(loading):
    assert opened(loading, end="2024-01-10T00:00:00Z") == 9
    assert loading.stored("stats", 1) == {1: (9.0,)}
    assert opened(loading, end="2024-01-12T00:00:00Z") == 2
    assert loading.stored("stats", 1) == {1: (11.0,)}
