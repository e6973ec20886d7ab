"""Rows that were made by an earlier definition: what its features are called now."""

from __future__ import annotations

from applied import applied, repository

from featurectl.definitions.entity import Entity
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import Feature, FeatureView
from featurectl.plan.reuse import reuse_of

DRIVER = Entity("driver", join_keys={"driver_id": "int64"})


def source(**columns: str) -> FileSource:
    return FileSource("file", path="a.parquet", event_timestamp="t", columns=columns)


def view(name: str, **features: Feature) -> FeatureView:
    return FeatureView(name, entities=["driver"], source="file", ttl="1d", features=features)


THEN = applied(DRIVER, source(), view("v", a=Feature("int64")))


def test_a_feature_of_the_same_column_is_the_same_under_any_name_of_feature_and_view() -> None:
    now = repository(DRIVER, source(a="b"), view("w", b=Feature("int64")))

    found = reuse_of("w", THEN, "v", THEN.bindings["v"].read, now)

    assert found is not None
    assert (found.renamed, found.change and found.change.change_class) == ({"b": "a"}, "rename")


def test_a_hint_that_tells_of_another_time_does_not_make_another_column_the_same() -> None:
    hinted = view("v", b=Feature("int64", renamed_from="a"))

    found = reuse_of("v", THEN, "v", THEN.bindings["v"].read, repository(DRIVER, source(), hinted))

    assert found is not None
    assert found.renamed == {}
