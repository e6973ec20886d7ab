"""A registry of each kind, under a clock that stands still until it is moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from registries import KINDS, Clock, Place

if TYPE_CHECKING:
    from pathlib import Path

    from featurectl.registry.protocol import RegistryStore


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where a registry is."""
    if request.param == "postgres":
        return Place(tmp_path, request.getfixturevalue("postgres_url"))
    return Place(tmp_path)


@pytest.fixture
def clock() -> Clock:
    """The time of the registry."""
    return Clock()


@pytest.fixture
def store(place: Place, clock: Clock) -> RegistryStore:
    """The registry that is there."""
    return place.open(now_us=clock)
