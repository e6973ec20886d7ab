"""Who must say yes to what, and what is refused with which words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from applied import applied, repository

from featurectl.definitions.acknowledgement import acknowledge
from featurectl.definitions.entity import Entity
from featurectl.definitions.repository import Repository
from featurectl.definitions.service import FeatureService
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import FeatureView
from featurectl.errors import Location, ManyErrors, RefusedError
from featurectl.plan.approval import check_approved, needed
from featurectl.plan.diff import diff

DRIVER = Entity("driver", join_keys={"driver_id": "int64"})
FILE = FileSource("file", path="a.parquet", event_timestamp="t")
BOTH = {"a": "int64", "b": "float64"}


def view(name: str = "v", features: dict | None = None, **fields: object) -> FeatureView:
    base = {"entities": ["driver"], "source": "file", "ttl": "1d", "features": features or BOTH}
    return FeatureView(name, **{**base, **fields})


MODEL = FeatureService("model", owner="ml@example.com", features=["v:a", "v:b"])


def refused(before: list, after: list, *allow: str, saved: bool = False) -> list:
    files = repository(DRIVER, FILE, *after)
    plan = diff(applied(DRIVER, FILE, *before), files)
    try:
        check_approved(plan, allow, saved=saved, repository=files)
    except ManyErrors as errors:
        return list(errors.errors)
    except RefusedError as error:
        return [error]
    return []


@pytest.mark.parametrize(
    "after",
    [
        view(description="x"),
        view(ttl="2d"),
        view(features={**BOTH, "c": "bool"}),
        view("w", renamed_from="v"),
    ],
)
def test_metadata_additive_and_rename_need_no_approval(after: FeatureView) -> None:
    assert refused([view()], [after]) == []


@pytest.mark.parametrize(
    ("after", "change_class"),
    [
        (view(ttl="1h"), "narrowing"),
        (view(features={"a": "int64"}), "narrowing"),
        (view(features={"a": "string", "b": "float64"}), "breaking"),
        (None, "destroy"),
    ],
)
def test_the_other_classes_each_need_to_be_allowed(after, change_class: str) -> None:
    now = [after] if after else []

    (error,) = refused([view()], now)
    assert (error.code, error.exit_code) == ("FC401", 4)
    assert f"1 {change_class} change and no terminal to ask" in error.message
    others = {"narrowing", "breaking", "destroy"} - {change_class}
    assert refused([view()], now, *others) != []
    assert refused([view()], now, change_class) == []
    assert refused([view()], now, saved=True) == []


def test_what_needs_approval_is_counted_by_class() -> None:
    after = [view("v", {"a": "string", "b": "float64"}), view("w", ttl="1h")]

    (error,) = refused([view("v"), view("w"), view("x")], after)

    assert error.message == (
        "apply needs approval: 1 breaking, 1 narrowing, 1 destroy change and no terminal to ask"
    )
    line, review, allow = error.help
    assert line.endswith(
        "acknowledge: [{view: x, change: destroy, reason: WHY}, "
        "{view: v, change: breaking, reason: WHY}, {view: w, change: narrowing, reason: WHY}]"
    )
    assert review.endswith("and then: featurectl apply plan.json")
    assert "apply --yes --allow breaking --allow narrowing --allow destroy" in allow


def test_what_is_needed_lists_the_severest_first_and_the_names_to_type() -> None:
    snapshot = applied(DRIVER, FILE, view("v"), view("w"), view("x"))
    files = repository(DRIVER, FILE, view("v", {"a": "string"}))

    asked = needed(diff(snapshot, files))

    assert asked.classes == ("destroy", "breaking")
    assert asked.destroyed == ("w", "x")


@pytest.mark.parametrize("saved", [True, False])
def test_what_is_protected_is_never_destroyed(saved: bool) -> None:  # noqa: FBT001
    (error,) = refused([view(prevent_destroy=True)], [], "destroy", saved=saved)

    assert (error.code, error.exit_code) == ("FC402", 4)
    assert error.message == 'view "v" has prevent_destroy: true, and would be destroyed'


def test_protection_removed_in_the_files_first_lets_a_view_go() -> None:
    assert refused([view(prevent_destroy=True)], [view()]) == []
    assert refused([view()], [], "destroy") == []


def test_removing_a_feature_that_a_service_reads_names_service_owner_and_place() -> None:
    kept = view(features={"a": "int64"})
    files = repository(DRIVER, FILE, kept, MODEL.model_copy(update={"features": ()}))
    service = FeatureService("model", owner="ml@example.com", features=["v:a"])
    places = {
        ("view", "v", "features"): Location("features/v.yaml", 7, 5),
        ("service", "model"): Location("features/model.yaml", 3, 5),
    }
    located = Repository(
        "demo", files.entities, files.sources, files.views, {"model": service}, places
    )
    plan = diff(applied(DRIVER, FILE, view(), MODEL), located)

    with pytest.raises(RefusedError) as caught:
        check_approved(plan, (), repository=located)

    error = caught.value
    assert error.message == 'removing feature "b" of view "v" breaks feature service "model"'
    assert (error.code, error.exit_code, str(error.location)) == ("FC403", 4, "features/v.yaml:7:5")
    owner = "service model is owned by ml@example.com (features/model.yaml:3)"
    keep, rename, line, allow, review = error.help
    assert error.notes == (owner,)
    assert keep == "keep it, beside a new one, until no applied service reads it"
    assert "renamed_from: b" in rename
    assert line.endswith("acknowledge: [{view: v, change: breaking, reason: WHY}]")
    assert allow.endswith("featurectl apply --allow breaking --env dev")
    assert "featurectl plan --out plan.json --env dev" in review


def test_a_type_that_a_service_reads_is_refused_by_name() -> None:
    after = view(features={"a": "string", "b": "float64"})

    (error,) = refused([view(), MODEL], [after, MODEL])

    assert error.code == "FC403"
    assert error.message == (
        'changing a of view "v" from int64 to string breaks feature service "model"'
    )


def test_a_join_key_that_a_service_is_served_by_is_refused_by_name() -> None:
    files = repository(Entity("driver", join_keys={"driver_id": "string"}), FILE, view(), MODEL)
    plan = diff(applied(DRIVER, FILE, view(), MODEL), files)

    with pytest.raises(RefusedError, match='this change of view "v" breaks') as caught:
        check_approved(plan, (), repository=files)

    assert caught.value.code == "FC403"
    assert "entity driver: join key driver_id int64 -> string" in caught.value.notes


def test_what_breaks_a_view_from_below_is_where_the_error_and_the_line_point() -> None:
    lake = FILE.model_copy(update={"path": "lake.parquet"})
    places = {("source", "file", "path"): Location("features/s.yaml", 3, 5)}
    files = replace(repository(DRIVER, lake, view(), MODEL), locations=places)

    with pytest.raises(RefusedError, match='this change of view "v" breaks') as caught:
        check_approved(diff(applied(DRIVER, FILE, view(), MODEL), files), (), repository=files)

    assert str(caught.value.location) == "features/s.yaml:3:5"
    assert "define a new source and view beside it" in caught.value.help[0]
    assert "[{source: file, change: breaking, reason: WHY}]" in caught.value.help[1]


def test_a_key_that_changes_is_to_be_defined_beside_the_old_one() -> None:
    files = repository(Entity("driver", join_keys={"driver_id": "string"}), FILE, view(), MODEL)
    plan = diff(applied(DRIVER, FILE, view(), MODEL), files)

    with pytest.raises(RefusedError) as caught:
        check_approved(plan, (), repository=files)

    assert "define a new entity and view beside it" in caught.value.help[0]
    assert "[{entity: driver, change: breaking, reason: WHY}]" in caught.value.help[1]


def test_a_view_that_leaves_the_online_store_is_kept_there_while_it_is_read() -> None:
    (error,) = refused([view(), MODEL], [view(online=False), MODEL])

    assert error.message.startswith('changing online of view "v" from true to false breaks')
    assert error.help[0] == "keep it online until no applied service reads it"


def test_a_view_that_an_applied_service_reads_is_not_destroyed_without_a_word() -> None:
    moved = FeatureService("model", owner="ml@example.com", features=["w:a", "w:b"])

    (error,) = refused([view(), view("w"), MODEL], [view("w"), moved])

    assert error.code == "FC403"
    assert error.message == 'destroying view "v" breaks feature service "model"'
    assert refused([view(), view("w"), MODEL], [view("w"), moved], "destroy", "breaking") == []


def test_a_service_that_loses_a_column_is_refused_although_its_own_lines_say_so() -> None:
    (error,) = refused([view(), MODEL], [view(), FeatureService("model", features=["v:a"])])

    assert error.code == "FC403"
    assert error.message == (
        'removing feature "v:b" of service "model" breaks feature service "model"'
    )


def test_what_breaks_services_and_what_does_not_are_told_in_one_run() -> None:
    after = [view(features={"a": "string", "b": "float64"}), MODEL, view("w", ttl="1h")]

    errors = refused([view(), MODEL, view("w")], after)

    assert [error.code for error in errors] == ["FC403", "FC401"]
    assert "1 narrowing change" in errors[1].message


def test_a_service_that_leaves_too_is_not_broken() -> None:
    (error,) = refused([view(), MODEL], [])

    assert error.code == "FC401"
    assert "2 destroy changes" in error.message


@pytest.mark.parametrize("saved", [True, False])
def test_a_reviewed_line_is_no_way_around_protection(saved: bool) -> None:  # noqa: FBT001
    line = acknowledge(view="v", change="destroy", reason="because")
    files = replace(repository(DRIVER, FILE), acknowledgements=(line,))
    plan = diff(applied(DRIVER, FILE, view(prevent_destroy=True)), files)

    with pytest.raises(RefusedError) as caught:
        check_approved(plan, ["destroy"], saved=saved, repository=files)

    assert caught.value.code == "FC402"


def test_what_a_reviewed_line_covers_needs_nothing_more_and_is_told_apart() -> None:
    lines = (
        acknowledge(view="v", change="destroy", reason="nobody reads it"),
        acknowledge(view="w", change="breaking", reason="text from now on"),
    )
    after = repository(DRIVER, FILE, view("w", {"a": "string", "b": "float64"}), view("x"))
    files = replace(after, acknowledgements=lines)
    plan = diff(applied(DRIVER, FILE, view("v"), view("w"), view("x")), files)

    check_approved(plan, (), repository=files)
    asked = needed(plan)
    assert (asked.classes, asked.destroyed) == ((), ())
    assert [change.name for change in asked.acknowledged] == ["v", "w"]


def test_of_many_lines_to_paste_three_are_shown() -> None:
    views = [view(f"v{i}") for i in range(5)]

    (error,) = refused(views, [])

    assert error.help[0].count("{view: v") == 3
    assert error.help[0].endswith("] and 2 more")
    assert len(error.notes) == 5


def test_a_rollback_is_refused_without_ways_out_that_only_files_have() -> None:
    before, after = [view(), view("w"), MODEL], [view(features={"a": "int64"}), MODEL]
    files = repository(DRIVER, FILE, *after)
    plan = diff(applied(DRIVER, FILE, *before), files)

    with pytest.raises(ManyErrors) as caught:
        check_approved(plan, (), repository=files, command="rollback")

    assert [(error.code, error.help) for error in caught.value.errors] == [
        ("FC403", ("on purpose, by hand: featurectl rollback --allow breaking --env dev",)),
        ("FC401", ("allow these classes: featurectl rollback --yes --allow destroy --env dev",)),
    ]
    assert caught.value.errors[1].message.startswith("rollback needs approval: 1 destroy change")
