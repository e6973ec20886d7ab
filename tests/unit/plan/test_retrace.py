"""What was applied earlier is given the names that it has now, and never those of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from applied import EMPTY, apply_to, repository

from featurectl.definitions.entity import Entity
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import Feature, FeatureView
from featurectl.plan.diff import diff
from featurectl.plan.retrace import with_names_since

if TYPE_CHECKING:
    from featurectl.definitions.repository import Repository

DRIVER = Entity("driver", join_keys={"driver_id": "int64"})
FILE = FileSource("file", path="a.parquet", event_timestamp="t")


def view(name: str = "v", was: str | None = None, /, **features: Feature) -> FeatureView:
    """A view of features ``a`` and ``b``, or of those that are given."""
    parts = features or {"a": Feature("int64"), "b": Feature("int64")}
    return FeatureView(
        name, entities=["driver"], source="file", ttl="1d", features=parts, renamed_from=was
    )


def files(*views: FeatureView) -> Repository:
    return repository(DRIVER, FILE, *views)


def back(*states: Repository) -> dict[str, tuple[str | None, dict[str, str | None]]]:
    """The hints that the first state gets, when the others were applied one after another."""
    snapshot, plans = apply_to(EMPTY, states[0]), []
    for after in states[1:]:
        plans.append(diff(snapshot, after).document())
        snapshot = apply_to(snapshot, after)
    found = with_names_since(states[0], plans)
    return {
        name: (each.renamed_from, {n: part.renamed_from for n, part in each.features.items()})
        for name, each in found.views.items()
    }


INT = Feature("int64")
NO_HINTS = {"a": None, "b": None}


def test_names_are_followed_through_several_plans() -> None:
    first = view("w", "v", a=INT, c=Feature("int64", renamed_from="b"))
    then = view("u", "w", a=INT, d=Feature("int64", renamed_from="c"))

    assert back(files(view()), files(first), files(then)) == {"v": ("u", {"a": None, "b": "d"})}


def test_a_feature_that_was_removed_is_not_what_got_its_later_name() -> None:
    states = (
        view(t=Feature("int64", renamed_from="a"), b=INT),
        view(b=INT),
        view(t=Feature("int64", renamed_from="b")),
    )

    assert back(files(view()), *map(files, states)) == {"v": (None, {"a": None, "b": "t"})}


def test_a_view_that_was_destroyed_is_not_what_got_its_name() -> None:
    states = (
        files(view("w")),
        files(view("v", "w")),
        files(view("q", "v")),
    )

    found = back(files(view("v"), view("w")), *states)

    assert found == {"v": (None, NO_HINTS), "w": ("q", NO_HINTS)}


def test_a_tag_and_a_feature_that_are_called_name_are_no_renames() -> None:
    first = view(a=Feature("int64", tags={"name": "b"}), b=INT)
    then = view(a=Feature("int64", tags={"name": "c"}), b=INT, name=INT)

    assert back(files(first), files(then)) == {"v": (None, NO_HINTS)}
