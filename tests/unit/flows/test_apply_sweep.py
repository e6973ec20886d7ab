"""Rows that nothing reads any more leave the online store; all others stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from applying import FIRST, Place, files, view

from featurectl.errors import ConflictError
from featurectl.flows.lease import held
from featurectl.online.protocol import Rows, Stamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    found = Place(tmp_path)
    yield found
    found.close()


def test_a_destroyed_view_takes_its_keys_along_and_no_others(place: Place) -> None:
    place.apply(files(view("v"), view("v2")))
    gone, kept = place.fill("v"), place.fill("v2")
    for key in (b"mydemo:v:1", f"demo2:{gone}:1".encode(), f"dem:{gone}:1".encode()):
        place.online.put(Rows([key], [b"\0" * 20]))
    place.online.mark("mydemo", gone, Stamp(1, None, 1))

    result = place.apply(files(view("v2")), "destroy")

    assert (result.retired, result.swept) == ({"v": 1}, {gone: 1})
    assert place.online.count("demo", gone) == 0
    assert place.online.stamp("demo", gone) is None
    assert place.online.count("demo", kept) == 1
    assert place.online.stamp("mydemo", gone) is not None
    others = [b"mydemo:v:1", f"demo2:{gone}:1".encode(), f"dem:{gone}:1".encode()]
    assert None not in place.online.get(others)


def test_a_view_that_goes_offline_takes_its_keys_along(place: Place) -> None:
    place.apply(FIRST)
    gone = place.fill("v")

    result = place.apply(files(view(online=False)), "narrowing")

    assert (result.swept, place.online.count("demo", gone)) == ({gone: 1}, 0)
    manifest = place.online.read("demo", "dev")
    assert manifest is not None
    assert manifest.views == {}


def test_a_breaking_change_leaves_readers_on_the_old_rows(place: Place) -> None:
    place.apply(FIRST)
    serving = place.fill("v")

    result = place.apply(files(view(features={"a": "string"})), "breaking")

    manifest = place.online.read("demo", "dev")
    assert manifest is not None
    assert (manifest.views["v"].generation.id, manifest.views["v"].features) == (
        serving,
        {"a": "int64"},
    )
    assert (result.swept, place.online.count("demo", serving)) == ({}, 1)


def test_a_generation_that_was_never_served_is_swept_when_another_takes_its_place(
    place: Place,
) -> None:
    place.apply(FIRST)
    serving = place.fill("v")
    place.apply(files(view(features={"a": "string"})), "breaking")
    filled = place.fill("v")

    result = place.apply(files(view(features={"a": "bool"})), "breaking")

    assert filled != serving
    assert (result.swept, place.online.count("demo", filled)) == ({filled: 1}, 0)
    assert place.online.count("demo", serving) == 1


def test_a_view_that_is_being_loaded_is_not_destroyed_under_it(place: Place) -> None:
    place.apply(FIRST)
    run = place.registry.begin("materialize", "dev", 1, place.actor)
    lease = held(place.registry, "materialize:dev:v", run, place.actor)
    with lease, pytest.raises(ConflictError) as caught:
        place.apply(files(), "destroy")

    assert caught.value.code == "FC502"
    assert "materialize" in caught.value.message
    assert place.registry.snapshot("dev").serial == 1
