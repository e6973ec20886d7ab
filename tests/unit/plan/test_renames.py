"""Renames: by a hint nothing moves; without one the plan says what it looks like."""

from __future__ import annotations

from applied import applied, apply_to, repository

from featurectl.definitions.entity import Entity
from featurectl.definitions.service import FeatureService
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import Feature, FeatureView
from featurectl.plan.diff import diff

DRIVER = Entity("driver", join_keys={"driver_id": "int64"})
FILE = FileSource("file", path="a.parquet", event_timestamp="t")
WEATHER = FeatureView(
    "weather", entities=["driver"], source="file", ttl="1d", features={"wspd": "float64"}
)


def renamed(view: str = "weather", feature: str = "wspd", **fields: object) -> FeatureView:
    hint = {"renamed_from": "weather"} if view != "weather" else {}
    part = Feature("float64", renamed_from="wspd") if feature != "wspd" else Feature("float64")
    return FeatureView(
        view, entities=["driver"], source="file", ttl="1d", features={feature: part}, **hint,
        **fields,
    )  # fmt: skip


def test_a_view_renamed_by_a_hint_is_one_rename_and_moves_nothing() -> None:
    snapshot = applied(DRIVER, FILE, WEATHER)
    files = repository(DRIVER, FILE, renamed("airport_weather"))

    plan = diff(snapshot, files)

    (change,) = plan.changes
    assert (change.action, change.change_class) == ("rename", "rename")
    assert (change.name, change.old_name) == ("airport_weather", "weather")
    assert [(f.path, f.old, f.new, f.note) for f in change.fields] == [
        ("name", "weather", "airport_weather", "0 bytes moved")
    ]
    after = apply_to(snapshot, files)
    before = snapshot.bindings["weather"]
    assert list(after.bindings) == ["airport_weather"]
    assert after.bindings["airport_weather"].read == before.read
    assert list(after.repository.views) == ["airport_weather"]


def test_a_feature_renamed_by_a_hint_keeps_its_generation_under_the_new_column() -> None:
    snapshot = applied(DRIVER, FILE, WEATHER)
    mapped = FILE.model_copy(update={"columns": {"wspd": "wind_speed"}})
    files = repository(DRIVER, mapped, renamed(feature="wind_speed"))

    plan = diff(snapshot, files)

    view = plan.changes[-1]
    assert (view.action, view.change_class, view.reason) == ("update", "rename", "")
    assert [(f.path, f.old, f.new) for f in view.fields] == [
        ("features.wind_speed.name", "wspd", "wind_speed")
    ]
    before, after = snapshot.bindings["weather"], apply_to(snapshot, files).bindings["weather"]
    assert after.read.id == before.read.id
    assert [layout.columns for layout in after.read.layouts] == [(("wind_speed", "float64"),)]
    assert not after.needs_fill


def test_a_hint_that_is_applied_does_nothing_more() -> None:
    files = repository(DRIVER, FILE, renamed("airport_weather", "wind_speed"))
    after = apply_to(applied(DRIVER, FILE, WEATHER), files)

    assert not diff(after, files).has_changes


def test_a_hint_to_a_view_that_is_still_there_creates_another() -> None:
    files = repository(DRIVER, FILE, WEATHER, renamed("airport_weather"))

    (change,) = diff(applied(DRIVER, FILE, WEATHER), files).changes

    assert (change.name, change.action) == ("airport_weather", "create")


def test_of_two_hints_to_one_view_only_one_counts() -> None:
    files = repository(DRIVER, FILE, renamed("one"), renamed("two"))

    plan = diff(applied(DRIVER, FILE, WEATHER), files)

    assert [(change.name, change.action) for change in plan.changes] == [
        ("one", "rename"),
        ("two", "create"),
    ]


def test_a_renamed_view_that_changes_too_has_both() -> None:
    view = renamed("airport_weather").model_copy(update={"ttl": 2 * 86_400_000_000})

    (change,) = diff(applied(DRIVER, FILE, WEATHER), repository(DRIVER, FILE, view)).changes

    assert (change.action, change.change_class, change.old_name) == (
        "rename",
        "additive",
        "weather",
    )
    assert [field.path for field in change.fields] == ["name", "ttl"]


def test_a_renamed_view_of_another_type_is_filled_anew_beside_the_old_rows() -> None:
    view = renamed("airport_weather").model_copy(update={"features": {"wspd": Feature("string")}})
    snapshot = applied(DRIVER, FILE, WEATHER)
    files = repository(DRIVER, FILE, view)

    (change,) = diff(snapshot, files).changes
    binding = apply_to(snapshot, files).bindings["airport_weather"]

    assert (change.action, change.old_name) == ("rebuild", "weather")
    assert binding.read == snapshot.bindings["weather"].read
    assert binding.fill is not None
    assert binding.fill.id.startswith("airport_weather.")


def test_without_the_hint_the_plan_says_what_looks_like_a_rename_of_a_view() -> None:
    files = repository(DRIVER, FILE, WEATHER.model_copy(update={"name": "airport_weather"}))

    created, destroyed = diff(applied(DRIVER, FILE, WEATHER), files).changes

    assert created.reason == "looks like a rename of weather: add renamed_from: weather"
    assert destroyed.action == "destroy"
    assert "airport_weather looks like it" in destroyed.reason


def test_without_the_hint_the_plan_says_what_looks_like_a_rename_of_a_feature() -> None:
    view = WEATHER.model_copy(update={"features": {"wspd_kn": Feature("float64")}})

    (change,) = diff(applied(DRIVER, FILE, WEATHER), repository(DRIVER, FILE, view)).changes

    assert change.reason == "wspd_kn looks like a rename of wspd: add renamed_from: wspd"
    assert change.change_class == "narrowing"


def test_a_new_feature_of_the_same_source_column_looks_like_a_rename() -> None:
    view = WEATHER.model_copy(update={"features": {"knots": Feature("float64")}})
    mapped = FILE.model_copy(update={"columns": {"wspd": "knots"}})

    plan = diff(applied(DRIVER, FILE, WEATHER), repository(DRIVER, mapped, view))

    assert plan.changes[-1].reason == "knots looks like a rename of wspd: add renamed_from: wspd"


def test_a_service_follows_a_rename_by_its_own_reference() -> None:
    before = FeatureService("model", features=["weather:wspd"])
    after = FeatureService("model", features=["airport_weather:wind_speed"])
    snapshot = applied(DRIVER, FILE, WEATHER, before)

    plan = diff(snapshot, repository(DRIVER, FILE, renamed("airport_weather", "wind_speed"), after))

    view, service = plan.changes
    assert view.consumers == ("model",)
    assert (service.action, service.change_class) == ("update", "rename")
    assert [(f.path, f.old, f.new) for f in service.fields] == [
        ("features.airport_weather:wind_speed", "weather:wspd", "airport_weather:wind_speed")
    ]


def test_a_service_that_names_a_view_whole_does_not_follow_a_renamed_feature_silently() -> None:
    snapshot = applied(DRIVER, FILE, WEATHER, FeatureService("model", features=["weather"]))
    files = repository(
        DRIVER, FILE, renamed(feature="wind_speed"), FeatureService("model", features=["weather"])
    )

    service = diff(snapshot, files).changes[-1]

    assert (service.kind, service.change_class) == ("service", "breaking")
    assert service.reason == "weather is named whole, and calls weather:wspd wind_speed now"


def test_a_service_that_names_a_view_whole_follows_the_renamed_view() -> None:
    snapshot = applied(DRIVER, FILE, WEATHER, FeatureService("model", features=["weather"]))
    after = FeatureService("model", features=["airport_weather"])

    service = diff(snapshot, repository(DRIVER, FILE, renamed("airport_weather"), after)).changes[
        -1
    ]

    assert (service.kind, service.change_class) == ("service", "rename")
