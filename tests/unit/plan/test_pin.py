"""A service reads the columns it was applied with, in that order, and new ones behind them."""

from __future__ import annotations

import pytest
from applied import EMPTY, applied, apply_to, repository

from featurectl.definitions.entity import Entity
from featurectl.definitions.service import FeatureService, ViewRef
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import FeatureView
from featurectl.plan.diff import diff
from featurectl.plan.pin import pin

DRIVER = Entity("driver", join_keys={"driver_id": "int64"})
FILE = FileSource("file", path="a.parquet", event_timestamp="t")


def view(name: str, *features: str) -> FeatureView:
    return FeatureView(
        name,
        entities=["driver"],
        source="file",
        ttl="1d",
        features=dict.fromkeys(features, "float64"),
    )


def repo(service: FeatureService | None, *views: FeatureView):
    return repository(DRIVER, FILE, *views, *([service] if service else []))


def columns(files, snapshot) -> list[str]:
    service = pin(files, snapshot).services["model"]
    return [f"{ref.label}:{name}" for ref in service.features for name in ref.features or ()]


def model(*refs: object) -> FeatureService:
    return FeatureService("model", features=list(refs))


def test_a_view_named_whole_is_applied_with_its_features() -> None:
    files = repo(model("v", "w:x"), view("v", "a", "b"), view("w", "x", "y"))

    assert columns(files, EMPTY) == ["v:a", "v:b", "w:x"]
    assert apply_to(EMPTY, files).documents("service")["model"]["features"] == [
        {"view": "v", "as": None, "join_keys": {}, "features": ["a", "b"]},
        {"view": "w", "as": None, "join_keys": {}, "features": ["x"]},
    ]


def test_a_feature_that_a_whole_view_gets_comes_at_the_end_of_the_service() -> None:
    snapshot = applied(DRIVER, FILE, view("v", "a", "b"), view("w", "x"), model("v", "w"))
    files = repo(model("v", "w"), view("v", "new", "a", "b"), view("w", "x"))

    assert columns(files, snapshot) == ["v:a", "v:b", "w:x", "v:new"]
    service = diff(snapshot, files).changes[-1]
    assert (service.kind, service.action, service.change_class) == ("service", "update", "additive")
    assert [(f.path, f.old, f.new) for f in service.fields] == [("features.v:new", None, "v:new")]
    assert service.reason == "v is named whole, and has new now"


def test_what_is_applied_stays_where_it_is_in_later_plans() -> None:
    snapshot = applied(DRIVER, FILE, view("v", "a", "b"), view("w", "x"), model("v", "w"))
    files = repo(model("v", "w"), view("v", "new", "b", "a"), view("w", "x"))

    after = apply_to(snapshot, files)

    assert columns(files, after) == ["v:a", "v:b", "w:x", "v:new"]
    assert not diff(after, files).has_changes


def test_a_feature_that_a_whole_view_loses_is_a_breaking_change_of_the_service() -> None:
    snapshot = applied(DRIVER, FILE, view("v", "a", "b"), model("v"))

    found = diff(snapshot, repo(model("v"), view("v", "a"))).changes

    assert [(c.kind, c.change_class, c.consumers) for c in found] == [
        ("view", "breaking", ("model",)),
        ("service", "breaking", ()),
    ]
    assert found[1].reason == "v no longer has b"


def test_an_explicit_list_has_the_order_of_the_files() -> None:
    views = view("v", "a", "b", "c")
    snapshot = applied(DRIVER, FILE, views, model("v:a", "v:b"))

    assert columns(repo(model("v:a", "v:c", "v:b"), views), snapshot) == ["v:a", "v:c", "v:b"]


def test_another_order_of_a_services_columns_is_breaking() -> None:
    views = view("v", "a", "b")
    snapshot = applied(DRIVER, FILE, views, model("v:a", "v:b"))

    (change,) = diff(snapshot, repo(model("v:b", "v:a"), views)).changes

    assert [(f.path, f.old, f.new) for f in change.fields] == [
        ("features", ["v:a", "v:b"], ["v:b", "v:a"])
    ]
    assert change.change_class == "breaking"


def test_parts_put_in_another_order_are_followed_although_a_view_is_named_whole() -> None:
    views = (view("v", "a", "b"), view("w", "x"))
    snapshot = applied(DRIVER, FILE, *views, model("v", "w:x"))
    files = repo(model("w:x", "v"), *views)

    assert columns(files, snapshot) == ["w:x", "v:a", "v:b"]
    assert columns(files, apply_to(snapshot, files)) == ["w:x", "v:a", "v:b"]


def test_a_new_part_stands_where_the_files_have_it_and_stays_there() -> None:
    views = (view("v", "a", "b"), view("w", "x"), view("u", "m"))
    snapshot = applied(DRIVER, FILE, *views, model("v", "w"))
    more = repo(model("u", "v", "u:m", "w"), view("v", "a", "b", "c"), *views[1:])

    assert columns(more, snapshot) == ["u:m", "v:a", "v:b", "w:x", "v:c"]
    after = apply_to(snapshot, more)
    assert columns(more, after) == ["u:m", "v:a", "v:b", "w:x", "v:c"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("v:a", "v:b"), ({"view": "v", "features": ["a", "b"]},)),
        (("v:a", "v:b"), ("v:a", "v:b", "v:a")),
        (("v",), ("v", "v:a")),
        (
            ("v:a",),
            (ViewRef("v", alias="v", join_keys={"driver_id": "driver_id"}, features=["a"]),),
        ),
    ],
)
def test_two_ways_to_write_the_same_columns_are_no_change(one: tuple, other: tuple) -> None:
    views = view("v", "a", "b")
    snapshot = applied(DRIVER, FILE, views, model(*one))

    assert not diff(snapshot, repo(model(*other), views)).has_changes


def test_one_view_under_two_aliases_is_pinned_for_each() -> None:
    refs = [ViewRef("v", alias=name, join_keys={"driver_id": name}) for name in ("one", "two")]
    service = FeatureService("model", features=refs, full_names=True)
    files = repo(service, view("v", "a", "b"))
    snapshot = apply_to(EMPTY, files)

    more = repo(service, view("v", "a", "b", "c"))

    assert columns(files, EMPTY) == ["one:a", "one:b", "two:a", "two:b"]
    assert columns(more, snapshot) == ["one:a", "one:b", "two:a", "two:b", "one:c", "two:c"]
