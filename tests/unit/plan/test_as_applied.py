"""Files taken for what is applied differ from others as what is applied does."""

from applied import EMPTY, apply_to, repository

from featurectl.definitions.entity import Entity
from featurectl.definitions.service import FeatureService, ViewRef
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import Feature, FeatureView
from featurectl.plan.as_applied import as_applied
from featurectl.plan.diff import diff

DRIVER = Entity("driver", join_keys={"driver_id": "int64"})
STATS = FileSource("stats", path="a.parquet", event_timestamp="t")


def view(**features: str) -> FeatureView:
    found = {name: Feature(kind) for name, kind in features.items()}
    return FeatureView("v", entities=["driver"], source="stats", ttl="1d", features=found)


BEFORE = repository(
    DRIVER, STATS, view(a="int64", b="int64"), FeatureService("s", features=[ViewRef("v")])
)


def test_the_same_files_differ_in_nothing() -> None:
    assert not diff(as_applied(BEFORE, "prod"), BEFORE).has_changes


def test_other_files_differ_as_from_what_they_would_have_applied() -> None:
    after = repository(
        DRIVER, view(a="string", c="int64"), STATS, FeatureService("s", features=[ViewRef("v")])
    )

    found = diff(as_applied(BEFORE, "dev"), after)

    assert found.changes == diff(apply_to(EMPTY, BEFORE), after).changes
    assert {change.change_class for change in found.changes} == {"breaking"}


def test_it_belongs_to_no_registry() -> None:
    found = as_applied(BEFORE, "prod")
    assert (found.env, found.serial, found.lineage, found.bindings) == ("prod", 0, "", {})
