"""``--only``: what is selected is as the files have it, all else as it is applied."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from applied import EMPTY, applied, apply_to, repository

from featurectl.definitions.acknowledgement import acknowledge
from featurectl.definitions.entity import Entity
from featurectl.definitions.service import FeatureService
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import FeatureView
from featurectl.errors import ManyErrors, RequestError
from featurectl.plan.diff import diff
from featurectl.plan.selection import select

if TYPE_CHECKING:
    from featurectl.definitions.repository import Repository

DRIVER = Entity("driver", join_keys={"driver_id": "int64"})
FILE = FileSource("file", path="a.parquet", event_timestamp="t")
LAKE = FileSource("lake", path="lake.parquet", event_timestamp="t")


def view(name: str, *features: str, **fields: object) -> FeatureView:
    base = {"entities": ["driver"], "source": "file", "ttl": "1d"}
    return FeatureView(name, **{**base, "features": dict.fromkeys(features, "int64"), **fields})


V, W = view("v", "a", "b", tags={"team": "eta"}), view("w", "x")
MODEL = FeatureService("model", features=["v:a", "w:x"])
SNAPSHOT = applied(DRIVER, FILE, LAKE, V, W, MODEL)
SAME = (DRIVER, FILE, LAKE)


def planned(files: Repository, *only: str) -> list[tuple[str, str, str]]:
    """What apply would change of the files."""
    found = diff(SNAPSHOT, select(SNAPSHOT, files, only)).changes
    return [(change.kind, change.name, change.action) for change in found]


def errors(files: Repository, *only: str) -> list[str]:
    try:
        select(SNAPSHOT, files, only)
    except ManyErrors as many:
        return [str(error) for error in many.errors]
    except RequestError as error:
        return [str(error)]
    return []


@pytest.mark.parametrize("only", ["v", "v:a", "tag:team=eta", "[v]"])
def test_a_selected_view_changes_and_no_other(only: str) -> None:
    files = repository(*SAME, view("v", "a", "b", "c", tags={"team": "eta"}), view("w", "x", "y"))

    assert planned(files, only) == [("view", "v", "update")]


def test_a_new_view_brings_its_source_and_its_entities_and_nothing_else() -> None:
    rider = Entity("rider", join_keys={"rider_id": "int64"})
    bikes = FileSource("bikes", path="b.parquet", event_timestamp="t")
    new = view("n", "z", entities=["rider"], source="bikes")
    other = FileSource("other", path="o.parquet", event_timestamp="t")
    files = repository(*SAME, rider, bikes, other, V, view("w", "x", "y"), new, MODEL)

    assert planned(files, "n") == [
        ("entity", "rider", "create"),
        ("source", "bikes", "create"),
        ("view", "n", "create"),
    ]


def test_a_selected_service_brings_its_views() -> None:
    service = FeatureService("model", features=["v:a", "n:z"])
    files = repository(*SAME, view("v", "a"), view("w", "x", "y"), view("n", "z"), service)

    assert planned(files, "service:model") == [
        ("view", "n", "create"),
        ("view", "v", "update"),
        ("service", "model", "update"),
    ]


def test_a_selected_view_that_left_is_destroyed_and_others_that_left_stay() -> None:
    snapshot = applied(*SAME, V, W, view("u", "m"))
    files = repository(DRIVER, FILE)

    found = diff(snapshot, select(snapshot, files, ["u"])).changes

    assert [(change.name, change.action) for change in found] == [("u", "destroy")]


@pytest.mark.parametrize("only", ["v", "rides"])
def test_a_renamed_view_is_selected_by_either_name(only: str) -> None:
    snapshot = applied(*SAME, V, W)
    renamed = view("rides", "a", "b", tags={"team": "eta"}, renamed_from="v")
    files = repository(*SAME, renamed, view("w", "x", "y"))

    found = diff(snapshot, select(snapshot, files, [only])).changes

    assert [(change.name, change.action) for change in found] == [("rides", "rename")]


def test_what_is_applied_bit_by_bit_is_the_files_in_the_end() -> None:
    files = repository(*SAME, view("v", "a", "b", "c"), view("w", "x", "y"), MODEL)
    after = apply_to(SNAPSHOT, select(SNAPSHOT, files, ["v"]))
    after = apply_to(after, select(after, files, ["w"]))

    assert not diff(after, files).has_changes


def test_on_an_empty_registry_only_the_selected_is_created() -> None:
    files = repository(*SAME, V, W, MODEL)

    found = diff(EMPTY, select(EMPTY, files, ["w"])).changes

    assert [change.name for change in found] == ["driver", "file", "w"]


def test_a_service_that_is_not_selected_must_still_be_readable() -> None:
    files = repository(*SAME, view("v", "b"), W, FeatureService("model", features=["w:x"]))

    (error,) = errors(files, "v")

    assert 'service "model" is not selected' in error
    assert 'view "v" has no feature "a"' in error
    assert planned(files, "v", "service:model") == [
        ("view", "v", "update"),
        ("service", "model", "update"),
    ]


def test_a_view_that_is_not_selected_must_keep_its_rows() -> None:
    lake = FILE.model_copy(update={"path": "lake.parquet"})
    files = repository(DRIVER, lake, LAKE, V, W, MODEL)

    (error,) = errors(files, "v")

    assert error.startswith('source "file" can\'t change for the selection alone: view "w" reads')
    assert planned(files, "v", "w") == [
        ("source", "file", "update"),
        ("view", "v", "rebuild"),
        ("view", "w", "rebuild"),
    ]


def test_all_that_hinders_a_selection_is_told_at_once() -> None:
    lake = FILE.model_copy(update={"path": "lake.parquet"})

    found = errors(repository(DRIVER, lake, LAKE, view("v", "b"), W), "v")

    assert len(found) == 2
    assert all("[FC330]" in error for error in found)


@pytest.mark.parametrize("only", ["x", "x*", "v:zz", "tag:team=none", "service:modle"])
def test_a_selector_that_matches_nothing_is_an_error(only: str) -> None:
    (error,) = errors(repository(*SAME, V, W, MODEL), only)

    assert "[FC313]" in error


def test_lines_for_what_is_not_selected_are_not_judged() -> None:
    lines = tuple(acknowledge(view=name, change="narrowing", reason="because") for name in "vw")
    after: Any = (view("v", "a", "b", ttl="1h"), view("w", "x", ttl="1h"))
    files = replace(repository(*SAME, *after, MODEL), acknowledgements=lines)

    plan = diff(SNAPSHOT, select(SNAPSHOT, files, ["v"]))

    assert [(c.name, bool(c.acknowledged)) for c in plan.changes] == [("v", True)]
    assert plan.notes == ()
