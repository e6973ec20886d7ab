"""Applying a repository to a real registry and a real online store."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from applied import repository
from applying import FIRST, Place, files, view

from featurectl.definitions.service import FeatureService
from featurectl.errors import RefusedError
from featurectl.registry.sqlite import SqliteRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from featurectl.definitions.repository import Repository


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    found = Place(tmp_path)
    yield found
    found.close()


def test_the_registry_holds_what_was_applied_by_whom_and_when(place: Place) -> None:
    plan = place.plan(FIRST)
    result = place.apply(FIRST, plan=replace(plan, git="3f2a91c"))

    snapshot = place.registry.snapshot("dev")
    assert snapshot.documents("view") == {"v": view().document()}
    assert (result.serial_before, result.serial, snapshot.serial) == (0, 1, 1)
    assert result.changed
    (commit,) = place.registry.history("dev")
    assert (commit.serial, commit.run, commit.actor) == (1, result.run, place.actor)
    assert commit.plan["git"] == "3f2a91c"
    assert [change["name"] for change in commit.plan["changes"]] == ["driver", "file", "v"]
    (run,) = place.registry.runs("dev")
    assert (run.run, run.kind, run.status, run.serial) == (result.run, "apply", "ok", 1)


def test_the_online_store_has_the_manifest_of_what_was_applied(place: Place) -> None:
    result = place.apply(FIRST)

    manifest = place.online.read("demo", "dev")
    assert manifest is not None
    assert result.published
    assert (manifest.serial, list(manifest.views)) == (1, ["v"])


def test_a_generation_is_named_after_its_view_with_four_random_characters(place: Place) -> None:
    place.apply(FIRST)

    generation = place.registry.snapshot("dev").bindings["v"].read
    assert re.fullmatch(r"v\.[a-z0-9]{4}", generation.id)


def test_a_plan_changes_nothing_and_creates_nothing(place: Place, tmp_path: Path) -> None:
    plan = place.plan(FIRST)

    assert plan.has_changes
    assert list(tmp_path.iterdir()) == []


def test_applying_the_same_again_changes_nothing_and_says_so(place: Place) -> None:
    place.apply(FIRST)

    again = place.apply(FIRST)

    assert (again.changed, again.serial, again.run, again.published) == (False, 1, 0, False)
    assert len(place.registry.runs()) == 1


def test_applying_the_same_again_publishes_what_the_store_has_lost(
    place: Place, tmp_path: Path
) -> None:
    place.apply(FIRST)
    place.online.close()
    (tmp_path / "online.db").unlink()

    again = place.apply(FIRST)

    assert (again.changed, again.published) == (False, True)
    assert place.online.read("demo", "dev") is not None


def test_an_empty_repository_is_nothing_to_apply(place: Place, tmp_path: Path) -> None:
    result = place.apply(repository())

    assert (result.changed, result.serial, result.published) == (False, 0, False)
    assert list(tmp_path.iterdir()) == []


def test_each_environment_has_its_own_serial_and_manifest(place: Place) -> None:
    place.apply(FIRST)

    place.apply(FIRST, plan=place.plan(FIRST, env="prod"))

    dev, prod = (place.registry.snapshot(env) for env in ("dev", "prod"))
    assert (dev.serial, prod.serial) == (1, 1)
    assert dev.bindings["v"].read.id != prod.bindings["v"].read.id
    assert place.online.read("demo", "prod") is not None


def test_what_was_applied_before_can_be_read_again(place: Place) -> None:
    place.apply(FIRST)
    place.apply(files(view(ttl="2d")))

    assert place.registry.snapshot("dev", 1).documents("view") == {"v": view().document()}
    assert place.registry.snapshot("dev", 2).documents("view")["v"]["ttl"] == "2d"


def test_services_are_held_with_the_features_that_they_were_applied_with(place: Place) -> None:
    model = FeatureService("model", features=["v"])
    place.apply(files(view(), model))

    place.apply(files(view(features={"b": "bool", "a": "int64"}), model))

    (ref,) = place.registry.snapshot("dev").documents("service")["model"]["features"]
    assert ref["features"] == ["a", "b"]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (repository(), "FC401"),
        (files(view(features={"a": "string"})), "FC401"),
        (files(view(ttl="1h")), "FC401"),
    ],
)
def test_what_is_not_approved_is_refused_and_nothing_is_written(
    place: Place, wanted: Repository, code: str
) -> None:
    place.apply(FIRST)

    with pytest.raises(RefusedError) as caught:
        place.apply(wanted)

    assert caught.value.code == code
    assert place.registry.snapshot("dev").serial == 1
    assert len(place.registry.runs()) == 1


def test_a_copy_of_the_registry_is_kept_before_each_change(place: Place, tmp_path: Path) -> None:
    place.apply(FIRST)
    place.apply(files(view(ttl="2d")))
    place.apply(files(view(ttl="2d")))

    copies = sorted((tmp_path / "backups").glob("*.db"))
    serials = []
    for copy in copies:
        registry = SqliteRegistry.open(copy, "demo", create=False)
        serials.append(registry.snapshot("dev").serial)
        registry.close()
    assert serials == [0, 1]


def test_the_document_of_a_result_says_what_was_done(place: Place) -> None:
    document = place.apply(FIRST).document()

    assert document["format"] == "featurectl.apply/1"
    assert (document["serial_before"], document["serial"], document["changed"]) == (0, 1, True)
    assert document["summary"]["create"] == 3
    assert [change["name"] for change in document["changes"]] == ["driver", "file", "v"]


def test_what_another_registry_serves_is_not_replaced_unless_it_is_allowed(
    place: Place, tmp_path: Path
) -> None:
    place.apply(FIRST)
    served = place.online.read("demo", "dev")
    (tmp_path / "other").mkdir()
    other = Place(tmp_path / "other", place.online)

    with pytest.raises(RefusedError, match="for another registry") as refused:
        other.apply(FIRST)
    assert refused.value.code == "FC404"
    assert other.registry.snapshot("dev").serial == 0
    assert place.online.read("demo", "dev") == served

    assert other.apply(FIRST, "breaking").published
    with pytest.raises(RefusedError):
        place.apply(FIRST)
    other.registry.close()
