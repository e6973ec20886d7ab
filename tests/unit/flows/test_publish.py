"""What readers of the online store are told of what is applied."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from applied import EMPTY, apply_to, suffixes
from applying import files, view

from featurectl.definitions.manifest import read_manifest
from featurectl.definitions.service import FeatureService, ViewRef
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import Feature
from featurectl.flows.publish import manifest_of, publish, publish_missing
from featurectl.wiring.stores import open_online

if TYPE_CHECKING:
    from collections.abc import Iterator

    from featurectl.definitions.snapshot import Snapshot
    from featurectl.online.protocol import Online


def applied(*steps: list) -> Snapshot:
    """The snapshot after one apply for each step."""
    snapshot, suffix = EMPTY, suffixes()
    for objects in steps:
        snapshot = apply_to(snapshot, files(*objects), suffix)
    return snapshot


@pytest.fixture
def store(online_url: str) -> Iterator[Online]:
    found = open_online(online_url)
    yield found
    found.close()


def test_a_manifest_has_the_views_as_they_are_applied() -> None:
    features = {"a": Feature("int64", default=7), "b": "decimal(4,2)"}
    snapshot = applied([view(features=features, ttl="none", on_stale="default")])

    served = manifest_of(snapshot).views["v"]

    assert served.features == {"a": "int64", "b": "decimal(4,2)"}
    assert (served.defaults, served.ttl_us, served.on_stale) == ({"a": 7}, None, "default")
    assert (served.is_static, served.join_keys) == (False, {"driver_id": "int64"})
    assert served.generation == snapshot.bindings["v"].read


def test_a_manifest_names_its_registry_and_orders_by_revision() -> None:
    manifest = manifest_of(replace(applied([view()]), revision=5))

    assert (manifest.project, manifest.env) == ("demo", "dev")
    assert (manifest.lineage, manifest.revision, manifest.serial) == ("lineage", 5, 1)


def test_views_that_are_not_online_are_not_in_the_manifest() -> None:
    assert list(manifest_of(applied([view(), view("w", online=False)])).views) == ["v"]


def test_a_view_of_a_static_source_says_so() -> None:
    static = FileSource("airports", path="airports.csv", event_timestamp="none")
    snapshot = applied([static, view(source="airports", ttl="none")])

    assert manifest_of(snapshot).views["v"].is_static


def test_services_have_explicit_features_in_the_manifest() -> None:
    refs = [ViewRef("v", alias="w", join_keys={"driver_id": "other"}), "v:a"]
    service = FeatureService("model", features=refs, full_names=True)

    served = manifest_of(applied([view(), service])).services["model"]

    assert served.full_names
    assert served.features == (
        {"view": "v", "as": "w", "join_keys": {"driver_id": "other"}, "features": ["a"]},
        {"view": "v", "as": None, "join_keys": {}, "features": ["a"]},
    )


def test_while_a_generation_is_filled_types_are_those_that_serve() -> None:
    before = {"a": "int64", "b": "float64", "c": "int32"}
    after = {
        "a": Feature("string", default="x"),
        "b": Feature("float64", default=1),
        "d": Feature("bool", default=True),
    }
    snapshot = applied([view(features=before)], [view(features=after, ttl="2d")])

    served = manifest_of(snapshot).views["v"]

    assert served.features == {"a": "int64", "b": "float64", "d": "bool"}
    assert served.ttl_us == 2 * 86_400_000_000
    assert served.generation.id == "v.0001"
    assert served.defaults == {"b": 1.0, "d": True}  # "x" is no int64


def test_a_widened_type_is_served_at_once() -> None:
    snapshot = applied([view(features={"a": "int32"})], [view(features={"a": "int64"})])

    served = manifest_of(snapshot).views["v"]

    assert served.features == {"a": "int64"}
    assert [dict(layout.columns) for layout in served.generation.layouts] == [
        {"a": "int32"},
        {"a": "int64"},
    ]


def test_what_is_stored_reads_back_as_it_was(store: Online) -> None:
    service = FeatureService("model", features=["v"])
    snapshot = applied([view(features={"a": Feature("float64", default="NaN")}), service])

    assert publish(snapshot, store)

    manifest = store.read("demo", "dev")
    assert manifest == manifest_of(snapshot)
    assert read_manifest(manifest_of(snapshot).to_json()) == manifest


def test_an_older_manifest_never_replaces_a_newer_one(store: Online) -> None:
    newer = replace(applied([view()], [view(ttl="2d")]), revision=8)
    older = replace(applied([view()]), revision=7)

    assert publish(newer, store)
    assert not publish(older, store)

    held = store.read("demo", "dev")
    assert held is not None
    assert held.revision == 8


def test_the_same_manifest_is_not_published_twice(store: Online) -> None:
    snapshot = applied([view()])

    assert publish_missing(snapshot, store)
    assert not publish_missing(snapshot, store)


@pytest.mark.parametrize("change", [{"revision": 9}, {"lineage": "another"}])
def test_what_the_store_lacks_is_published(store: Online, change: dict) -> None:
    snapshot = replace(applied([view()]), revision=4)
    publish(snapshot, store)

    assert publish_missing(replace(snapshot, **change), store)


def test_what_was_edited_in_the_store_is_published_again(store: Online) -> None:
    snapshot = replace(applied([view(), view("w")]), revision=4)
    manifest = manifest_of(snapshot)
    publish(snapshot, store)
    store.publish(replace(manifest, views={"v": replace(manifest.views["v"], ttl_us=1)}))

    assert publish_missing(snapshot, store)
    assert store.read("demo", "dev") == manifest
    assert not publish_missing(snapshot, store)


def test_a_newer_manifest_of_the_registry_stays(store: Online) -> None:
    snapshot = replace(applied([view()]), revision=4)
    publish(replace(snapshot, revision=5), store)

    assert not publish_missing(snapshot, store)


def test_environments_and_projects_have_manifests_of_their_own(store: Online) -> None:
    snapshot = applied([view()])
    for project, env in (("demo", "dev"), ("demo", "prod"), ("demo2", "dev")):
        publish(replace(snapshot, project=project, env=env), store)

    found = [store.read(project, env) for project, env in (("demo", "prod"), ("demo2", "dev"))]
    assert [(each.project, each.env) for each in found if each] == [
        ("demo", "prod"),
        ("demo2", "dev"),
    ]
    assert store.read("dem", "dev") is None
