"""What a plan says of each kind of change; the classes are in test_classify.py."""

from __future__ import annotations

from applied import EMPTY, applied, repository

from featurectl.definitions.entity import Entity
from featurectl.definitions.repository import Repository
from featurectl.definitions.service import FeatureService, ViewRef
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import Feature, FeatureView
from featurectl.errors import Location
from featurectl.plan.diff import diff
from featurectl.plan.documents import documents
from featurectl.plan.plan import Change, FieldChange

DRIVER = Entity("driver", join_keys={"driver_id": "int64"})
FILE = FileSource("stats_file", path="data/stats.parquet", event_timestamp="event_timestamp")
FEATURES = {"conv_rate": "float64", "acc_rate": "float64", "trips": "int64"}


def stats(**changes: object) -> FeatureView:
    fields = {
        "entities": ["driver"],
        "source": "stats_file",
        "ttl": "24h",
        "features": FEATURES,
    }
    return FeatureView("stats", **{**fields, **changes})


RANKING = FeatureService("ranking", features=["stats:conv_rate", "stats:trips"])


def changes(before: list, after: list) -> dict[tuple[str, str], Change]:
    plan = diff(applied(*before), repository(*after))
    return {(change.kind, change.name): change for change in plan.changes}


def fields(change: Change) -> list[tuple[str, object, object]]:
    return [(field.path, field.old, field.new) for field in change.fields]


def test_a_first_plan_creates_everything_and_lists_the_features() -> None:
    plan = diff(EMPTY, repository(RANKING, stats(), FILE, DRIVER))

    assert [(c.kind, c.name, c.action, c.change_class) for c in plan.changes] == [
        ("entity", "driver", "create", "additive"),
        ("source", "stats_file", "create", "additive"),
        ("view", "stats", "create", "additive"),
        ("service", "ranking", "create", "additive"),
    ]
    assert plan.summary == {"create": 4, "update": 0, "rebuild": 0, "destroy": 0, "rename": 0}
    view = fields(plan.changes[2])
    assert ("features.conv_rate", None, "float64") in view
    assert ("features.trips", None, "int64") in view
    assert ("ttl", None, "1d") in view
    assert fields(plan.changes[0]) == [("join_keys", None, ["driver_id: int64"])]
    assert ("features.stats:trips", None, "stats:trips") in fields(plan.changes[3])


def test_a_created_view_tells_what_is_not_as_by_default() -> None:
    plan = diff(EMPTY, repository(stats(online=False, on_stale="fail"), FILE, DRIVER))

    found = [item for item in fields(plan.changes[-1]) if not item[0].startswith("features")]
    assert found == [
        ("entities", None, ["driver"]),
        ("source", None, "stats_file"),
        ("ttl", None, "1d"),
        ("on_stale", None, "fail"),
        ("online", None, False),
    ]


def test_the_same_repository_again_is_no_change() -> None:
    same = [DRIVER, FILE, stats(), RANKING]

    assert not diff(applied(*same), repository(*same)).has_changes


def test_format_only_edits_are_no_change() -> None:
    """Units of durations, spaces in types and the order of objects are formatting."""
    before = applied(DRIVER, FILE, stats(ttl="48h"), RANKING)
    typed = {"conv_rate": Feature("float64"), "acc_rate": {"type": " float64"}, "trips": "int64"}
    again = stats(ttl="2d", features=typed, entities=[DRIVER], source=FILE)

    assert not diff(before, repository(RANKING, again, FILE, DRIVER)).has_changes


def test_fields_are_told_old_and_new_with_readable_paths() -> None:
    after = stats(
        ttl="48h",
        description="of drivers",
        tags={"team": "eta"},
        features={
            "conv_rate": {"type": "float64", "description": "converted"},
            "acc_rate": {"type": "float64", "default": 0},
            "trips": "int64",
            "tips": {"type": "float64", "tags": {"unit": "usd"}},
        },
    )

    change = changes([DRIVER, FILE, stats()], [DRIVER, FILE, after])["view", "stats"]

    assert fields(change) == [
        ("description", "", "of drivers"),
        ("tags.team", None, "eta"),
        ("ttl", "1d", "2d"),
        ("features.conv_rate.description", "", "converted"),
        ("features.acc_rate.default", None, 0.0),
        ("features.tips", None, "float64"),
        ("features.tips.tags.unit", None, "usd"),
    ]
    assert change.action == "update"
    assert change.change_class == "additive"


def test_another_order_of_features_is_shown_and_harmless() -> None:
    after = stats(features={"trips": "int64", "acc_rate": "float64", "conv_rate": "float64"})

    change = changes([DRIVER, FILE, stats()], [DRIVER, FILE, after])["view", "stats"]

    before = ["conv_rate", "acc_rate", "trips"]
    assert fields(change) == [("features", before, ["trips", "acc_rate", "conv_rate"])]
    assert change.change_class == "metadata"


def test_a_default_of_minus_zero_is_another_than_zero() -> None:
    def with_default(value: float) -> FeatureView:
        return stats(features={"conv_rate": Feature("float64", default=value)})

    change = changes([DRIVER, FILE, with_default(0.0)], [DRIVER, FILE, with_default(-0.0)])

    assert [field.path for field in change["view", "stats"].fields] == [
        "features.conv_rate.default"
    ]


def test_what_left_the_files_is_destroyed() -> None:
    found = changes([DRIVER, FILE, stats(), RANKING], [DRIVER, FILE])

    assert [(key, c.action, c.change_class) for key, c in found.items()] == [
        (("view", "stats"), "destroy", "destroy"),
        (("service", "ranking"), "destroy", "destroy"),
    ]
    assert found["view", "stats"].reason == "no longer in the files"


def test_a_destroyed_view_names_the_services_that_stay_and_read_it() -> None:
    other = stats().model_copy(update={"name": "other"})
    dropped = FeatureService("ranking", features=["other:trips"])

    found = changes(
        [DRIVER, FILE, stats(), other, RANKING, FeatureService("gone", features=["stats"])],
        [DRIVER, FILE, other, dropped],
    )

    assert found["view", "stats"].consumers == ("ranking",)


def test_a_source_with_other_data_rebuilds_the_views_on_it() -> None:
    moved = FileSource("stats_file", path="data/v2.parquet", event_timestamp="event_timestamp")

    found = changes([DRIVER, FILE, stats(), RANKING], [DRIVER, moved, stats(), RANKING])

    source, view = found["source", "stats_file"], found["view", "stats"]
    assert (source.action, source.change_class) == ("update", "breaking")
    assert fields(source) == [("path", "data/stats.parquet", "data/v2.parquet")]
    assert (view.action, view.change_class, view.fields) == ("rebuild", "breaking", ())
    assert view.reason == "source stats_file: path data/stats.parquet -> data/v2.parquet"
    assert view.consumers == ("ranking",)


def test_the_words_about_a_source_change_no_view() -> None:
    described = FILE.model_copy(update={"description": "of the drivers", "format": "parquet"})

    found = changes([DRIVER, FILE, stats()], [DRIVER, described, stats()])

    assert [(key, c.change_class) for key, c in found.items()] == [
        (("source", "stats_file"), "metadata")
    ]


def test_an_entity_of_another_key_type_rebuilds_the_views_on_it() -> None:
    text_keys = Entity("driver", join_keys={"driver_id": "string"})

    found = changes([DRIVER, FILE, stats()], [text_keys, FILE, stats()])

    entity, view = found["entity", "driver"], found["view", "stats"]
    assert fields(entity) == [("join_keys", ["driver_id: int64"], ["driver_id: string"])]
    assert entity.change_class == "breaking"
    assert (view.action, view.change_class) == ("rebuild", "breaking")
    assert view.reason == "entity driver: join key driver_id int64 -> string"


def test_another_name_for_an_unused_column_of_the_source_changes_no_view() -> None:
    mapped = FILE.model_copy(update={"columns": {"raw_tips": "tips"}})
    more = stats(features={**FEATURES, "tips": "float64"})

    found = changes([DRIVER, FILE, stats()], [DRIVER, mapped, more])

    assert found["source", "stats_file"].change_class == "metadata"
    assert (found["view", "stats"].action, found["view", "stats"].change_class) == (
        "update",
        "additive",
    )


def test_a_feature_that_is_read_from_another_column_is_rebuilt() -> None:
    mapped = FILE.model_copy(update={"columns": {"all_trips": "trips"}})

    view = changes([DRIVER, FILE, stats()], [DRIVER, mapped, stats()])["view", "stats"]

    assert (view.action, view.change_class) == ("rebuild", "breaking")
    assert view.reason == "source stats_file: trips is read from all_trips, not trips"


def test_a_source_under_another_name_with_the_same_data_is_no_rebuild() -> None:
    twin = FileSource("twin", path="data/stats.parquet", event_timestamp="event_timestamp")

    found = changes([DRIVER, FILE, stats()], [DRIVER, twin, stats(source="twin")])

    view = found["view", "stats"]
    assert (view.action, view.change_class) == ("update", "metadata")
    assert [(f.path, f.note) for f in view.fields] == [("source", "the same data")]
    assert found["source", "stats_file"].action == "destroy"


def test_a_view_offline_only_has_nothing_to_rebuild() -> None:
    before, after = stats(online=False), stats(online=False, features={"conv_rate": "string"})

    view = changes([DRIVER, FILE, before], [DRIVER, FILE, after])["view", "stats"]

    assert (view.action, view.change_class) == ("update", "breaking")


def test_every_change_and_field_says_where_it_stands() -> None:
    places = {
        ("view", "stats"): Location("features/driver.yaml", 9, 5),
        ("view", "stats", "features", "tips"): Location("features/driver.yaml", 14, 7),
    }
    more = stats(features={**FEATURES, "tips": "float64"})
    files = repository(DRIVER, FILE, more)
    located = Repository(
        files.project, files.entities, files.sources, files.views, files.services, places
    )

    change = diff(applied(DRIVER, FILE, stats()), located).changes[0]

    assert (change.file, change.line) == ("features/driver.yaml", 9)
    assert (change.fields[0].file, change.fields[0].line) == ("features/driver.yaml", 14)


def test_a_moved_file_is_no_other_plan() -> None:
    one = Change("view", "v", "update", "metadata", (FieldChange("ttl", 1, 2, file="a.yaml"),))
    other = Change("view", "v", "update", "metadata", (FieldChange("ttl", 1, 2, file="b.yaml"),))

    assert one == other


def test_documents_hold_only_what_changes() -> None:
    snapshot = applied(DRIVER, FILE, stats(), RANKING)
    moved = FILE.model_copy(update={"path": "data/v2.parquet"})
    files = repository(DRIVER, moved, stats())

    found = documents(diff(snapshot, files), snapshot, files)

    assert found == {("source", "stats_file"): moved.document(), ("service", "ranking"): None}


def test_changes_come_by_kind_and_name_whatever_they_do() -> None:
    zones = Entity("zone", join_keys={"zone": "string"})
    other = stats().model_copy(update={"name": "another"})

    plan = diff(applied(zones, DRIVER, stats(), FILE), repository(RANKING, FILE, other, DRIVER))

    assert [(change.kind, change.name) for change in plan.changes] == [
        ("entity", "zone"),
        ("view", "another"),
        ("view", "stats"),
        ("service", "ranking"),
    ]


def test_a_service_with_an_alias_is_told_by_its_label_and_keys() -> None:
    def service(column: str) -> FeatureService:
        keys = {"driver_id": column}
        ref = ViewRef("stats", alias="driver_a", join_keys=keys, features=["trips"])
        return FeatureService("s", features=[ref])

    found = changes([DRIVER, FILE, stats(), service("a")], [DRIVER, FILE, stats(), service("b")])

    change = found["service", "s"]

    before, after = "stats:trips where driver_id = a", "stats:trips where driver_id = b"
    assert fields(change) == [("features.driver_a:trips", before, after)]
    assert change.change_class == "breaking"
