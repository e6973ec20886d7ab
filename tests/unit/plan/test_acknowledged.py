"""What a reviewed line covers, what it does not, and what is said of one without effect."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from applied import EMPTY, applied, repository

from featurectl.definitions.acknowledgement import acknowledge
from featurectl.definitions.entity import Entity
from featurectl.definitions.service import FeatureService
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import Feature, FeatureView
from featurectl.errors import Location
from featurectl.plan.diff import diff

if TYPE_CHECKING:
    from featurectl.definitions.acknowledgement import Acknowledgement
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.plan.plan import Plan

DRIVER = Entity("driver", join_keys={"driver_id": "int64"})
FILE = FileSource("file", path="a.parquet", event_timestamp="t")
LAKE = FILE.model_copy(update={"path": "lake.parquet"})
BOTH = {"a": "int64", "b": "float64"}


def view(name: str = "v", features: dict | None = None, **fields: object) -> FeatureView:
    base = {"entities": ["driver"], "source": "file", "ttl": "1d", "features": features or BOTH}
    return FeatureView(name, **{**base, **fields})


def line(change: str, why: str = "because", **target: Any) -> Acknowledgement:
    return acknowledge(change=change, reason=why, **target)


def plan(snapshot: Snapshot, lines: list[Acknowledgement], *objects: Any) -> Plan:
    """What the objects change, with one line of a file for each acknowledgement."""
    places = {
        ("acknowledge", str(each)): Location("features/a.yaml", number, 5)
        for number, each in enumerate(lines, 1)
    }
    files = replace(repository(*objects), acknowledgements=tuple(lines), locations=places)
    return diff(snapshot, files)


def covered(found: Plan) -> dict[str, str]:
    return {f"{c.kind} {c.name}": c.acknowledged for c in found.changes if c.acknowledged}


WIDE = view(features={"a": "string", "b": "float64"})
MODEL = FeatureService("model", features=["v"])
GO = "it can go, unless another env waits for it"


@pytest.mark.parametrize(
    ("after", "change"),
    [(view(ttl="1h"), "narrowing"), (WIDE, "breaking"), (None, "destroy")],
)
def test_a_line_covers_the_change_of_its_object_and_class_only(after, change: str) -> None:
    snapshot = applied(DRIVER, FILE, view())
    now = [DRIVER, FILE, *([after] if after else [])]
    others = {"narrowing", "breaking", "destroy"} - {change}

    assert covered(plan(snapshot, [line(change, view="v")], *now)) == {
        "view v": "because (features/a.yaml:1)"
    }
    assert covered(plan(snapshot, [line(other, view="v") for other in others], *now)) == {}
    assert covered(plan(snapshot, [line(change, source="v"), line(change, view="w")], *now)) == {}


def test_a_line_makes_no_plan_another_one() -> None:
    snapshot = applied(DRIVER, FILE, view())

    with_line = plan(snapshot, [line("breaking", view="v")], DRIVER, FILE, WIDE)

    assert with_line.changes == plan(snapshot, [], DRIVER, FILE, WIDE).changes
    assert with_line.definitions == plan(snapshot, [], DRIVER, FILE, WIDE).definitions


def test_a_line_for_a_source_covers_the_views_that_only_it_makes_again() -> None:
    views = (view("v"), view("w"))
    snapshot = applied(DRIVER, FILE, *views)
    lines = [line("breaking", source="file")]
    by_source = "with source file: because (features/a.yaml:1)"

    alone = covered(plan(snapshot, lines, DRIVER, LAKE, *views))
    assert alone == {
        "source file": "because (features/a.yaml:1)", "view v": by_source, "view w": by_source,
    }  # fmt: skip

    more = covered(plan(snapshot, lines, DRIVER, LAKE, WIDE, view("w", ttl="1h")))
    assert list(more) == ["source file"]


def test_a_view_that_changes_beside_its_source_needs_a_line_for_what_it_changes_itself() -> None:
    snapshot = applied(DRIVER, FILE, view())
    now = [DRIVER, LAKE, view(ttl="1h")]
    source, own = line("breaking", source="file"), line("narrowing", "less", view="v")

    assert set(covered(plan(snapshot, [source], *now))) == {"source file"}
    assert set(covered(plan(snapshot, [own], *now))) == set()
    assert covered(plan(snapshot, [source, own], *now)) == {
        "source file": "because (features/a.yaml:1)",
        "view v": "with source file: because (features/a.yaml:1); less (features/a.yaml:2)",
    }


def test_a_line_for_an_entity_covers_its_views_and_the_services_that_only_read_them() -> None:
    snapshot = applied(DRIVER, FILE, view(), MODEL)
    text = Entity("driver", join_keys={"driver_id": "string"})

    found = plan(snapshot, [line("breaking", entity="driver")], text, FILE, view(), MODEL)

    assert set(covered(found)) == {"entity driver", "view v"}
    assert [change.acknowledged != "" for change in found.changes] == [True, True]


def test_lines_for_all_views_of_a_source_cover_it_and_one_does_not() -> None:
    views = (view("v"), view("w"))
    snapshot = applied(DRIVER, FILE, *views)
    lines = [line("breaking", view="v"), line("breaking", view="w")]

    assert "source file" in covered(plan(snapshot, lines, DRIVER, LAKE, *views))
    assert set(covered(plan(snapshot, lines[:1], DRIVER, LAKE, *views))) == {"view v"}


@pytest.mark.parametrize("features", [["v"], ["v:a", "v:b"]])
def test_a_line_for_a_view_covers_the_services_that_lose_its_columns(features) -> None:
    service = FeatureService("model", features=features)
    after = FeatureService("model", features=features[:1])
    snapshot = applied(DRIVER, FILE, view(), service)

    found = plan(
        snapshot, [line("breaking", view="v")], DRIVER, FILE, view(features={"a": "int64"}), after
    )

    assert covered(found) == {
        "view v": "because (features/a.yaml:1)",
        "service model": "with view v: because (features/a.yaml:1)",
    }


def test_a_line_for_a_view_that_leaves_covers_the_services_that_read_another_now() -> None:
    snapshot = applied(DRIVER, FILE, view(), view("w"), MODEL)
    moved = FeatureService("model", features=["w"])

    found = plan(snapshot, [line("destroy", view="v")], DRIVER, FILE, view("w"), moved)

    assert set(covered(found)) == {"view v", "service model"}


@pytest.mark.parametrize(
    "after",
    [
        FeatureService("model", features=["w:a"]),
        FeatureService("model", features=["v:a"]),
        FeatureService("model", features=["w:a", "v:a"]),
        FeatureService("model", features=["v:a", "w:a"], full_names=True),
    ],
)
def test_what_a_service_changes_itself_needs_a_line_of_its_own(after) -> None:
    model = FeatureService("model", features=["v:a", "v:b", "w:a"], full_names=False)
    w = view("w", {"a": "int64"})
    snapshot = applied(DRIVER, FILE, view(), w, model)
    now = [DRIVER, FILE, view(features={"a": "int64"}), w, after]

    by_view = plan(snapshot, [line("breaking", view="v")], *now)
    by_both = plan(snapshot, [line("breaking", view="v"), line("breaking", service="model")], *now)

    assert set(covered(by_view)) == {"view v"}
    assert set(covered(by_both)) == {"view v", "service model"}


def test_a_feature_of_another_view_that_is_named_anew_is_not_covered() -> None:
    """The view is renamed, which needs no line; the service calls a column otherwise."""
    renamed = {"c": Feature("int64", renamed_from="a"), "b": Feature("float64")}
    snapshot = applied(DRIVER, FILE, view(), MODEL)
    mapped = FILE.model_copy(update={"columns": {"a": "c"}})

    found = plan(
        snapshot, [line("breaking", view="v")], DRIVER, mapped, view(features=renamed), MODEL
    )

    assert covered(found) == {}


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (
            line("destroy", view="legacy_score"),
            "there is no such change; did you mean destroy of view legacy_scores?",
        ),
        (line("breaking", view="legacy_scores"), "the change is destroy: write change: destroy"),
        (
            line("destroy", source="legacy_scores"),
            "there is no such change; did you mean destroy of view legacy_scores?",
        ),
        (
            line("breaking", view="vvv"),
            f"there is no such change in env dev (applied already?); {GO}",
        ),
        (
            line("narrowing", view="wide"),
            f"the change is additive in env dev, which needs no approval; {GO}",
        ),
        (
            line("breaking", view="same"),
            f"view same does not change in env dev; {GO}",
        ),
    ],
)
def test_a_line_without_effect_is_pointed_out_with_what_was_meant(written, why: str) -> None:
    before = [view("legacy_scores"), view("wide"), view("same")]
    now = [view("wide", ttl="2d"), view("same")]

    found = plan(applied(DRIVER, FILE, *before), [written], DRIVER, FILE, *now)

    assert found.notes == (f"features/a.yaml:1: acknowledge of {written} has no effect: {why}",)
    assert covered(found) == {}


def test_a_line_for_the_old_name_of_what_is_renamed_is_told_the_new_one() -> None:
    after = view("w", {"a": "string", "b": "float64"}, renamed_from="v")
    written = [line("breaking", view="v")]

    found = plan(applied(DRIVER, FILE, view()), written, DRIVER, FILE, after)

    assert found.notes[0].endswith("did you mean breaking of view w?")


def test_a_line_for_a_lesser_part_of_a_change_is_not_pointed_out() -> None:
    after = view(features={"a": "string", "b": "float64"}, ttl="1h")
    lines = [line("narrowing", view="v")]

    found = plan(applied(DRIVER, FILE, view()), lines, DRIVER, FILE, after)

    assert (found.notes, covered(found)) == ((), {})


def test_a_line_that_has_an_effect_is_not_pointed_out_nor_any_where_nothing_is_applied() -> None:
    lines = [line("destroy", view="v")]

    assert plan(applied(DRIVER, FILE, view()), lines, DRIVER, FILE).notes == ()
    assert plan(EMPTY, lines, DRIVER, FILE).notes == ()


def test_a_line_can_go_once_it_is_applied() -> None:
    (note,) = plan(applied(DRIVER, FILE), [line("destroy", view="v")], DRIVER, FILE).notes

    assert "applied already?" in note
