"""What a plan does to the rows of each view: generations, layouts, columns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from applied import EMPTY, applied, apply_to, repository, suffixes

from featurectl.definitions.binding import Binding, Generation, Layout
from featurectl.definitions.entity import Entity
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import Feature, FeatureView
from featurectl.plan.bindings import dropped, rebind
from featurectl.plan.diff import diff

if TYPE_CHECKING:
    from featurectl.definitions.snapshot import Snapshot

DRIVER = Entity("driver", join_keys={"driver_id": "int64"})
FILE = FileSource("file", path="a.parquet", event_timestamp="t")
TWO = {"a": "int32", "b": "float64"}
KEYS = (("driver_id", "int64"),)
CREATED = Generation("v.0001", KEYS, (Layout(1, (("a", "int32"), ("b", "float64"))),))


def view(features: dict | None = None, **fields: object) -> FeatureView:
    base = {"entities": ["driver"], "source": "file", "ttl": "1d", "features": features or TWO}
    return FeatureView("v", **{**base, **fields})


def after(snapshot: Snapshot, *objects: object) -> Snapshot:
    """The snapshot after a second apply, whose generations have suffixes from 1001 on."""
    numbers = suffixes()
    return apply_to(snapshot, repository(*objects), lambda: f"1{numbers()[1:]}")


def binding_of(before: FeatureView, now: FeatureView) -> Binding:
    return after(applied(DRIVER, FILE, before), DRIVER, FILE, now).bindings["v"]


def test_a_created_view_gets_a_generation_with_one_layout() -> None:
    assert applied(DRIVER, FILE, view()).bindings == {"v": Binding("v", CREATED)}


def test_a_view_that_is_not_online_has_no_binding() -> None:
    assert applied(DRIVER, FILE, view(online=False)).bindings == {}


def test_what_changes_no_row_changes_no_binding() -> None:
    snapshot = applied(DRIVER, FILE, view())
    files = repository(DRIVER, FILE, view(description="x", ttl="1h", schedule="1h"))

    assert rebind(snapshot, files, diff(snapshot, files), suffixes(), {}) == {}


def test_an_added_feature_is_the_next_layout_of_the_same_generation_and_needs_a_fill() -> None:
    binding = binding_of(view(), view({**TWO, "c": "string"}))

    columns = (("a", "int32"), ("b", "float64"), ("c", "string"))
    assert binding.read == replace(CREATED, layouts=(*CREATED.layouts, Layout(2, columns)))
    assert binding.fill is None
    assert binding.needs_fill


def test_a_removed_feature_has_a_nameless_column_in_old_rows() -> None:
    binding = binding_of(view(), view({"a": "int32"}))

    assert binding.read.layouts == (
        Layout(1, (("a", "int32"), ("", "float64"))),
        Layout(2, (("a", "int32"),)),
    )
    assert not binding.needs_fill


def test_a_feature_added_again_never_reads_an_old_column_of_its_name() -> None:
    removed = after(applied(DRIVER, FILE, view()), DRIVER, FILE, view({"a": "int32"}))

    binding = after(removed, DRIVER, FILE, view()).bindings["v"]

    assert binding.read.layouts == (
        Layout(1, (("a", "int32"), ("", "float64"))),
        Layout(2, (("a", "int32"),)),
        Layout(3, (("a", "int32"), ("b", "float64"))),
    )
    assert binding.needs_fill


def test_a_widened_type_is_the_next_layout_and_is_rewritten() -> None:
    binding = binding_of(view(), view({"a": "int64", "b": "float64"}))

    assert [layout.columns[0] for layout in binding.read.layouts] == [
        ("a", "int32"),
        ("a", "int64"),
    ]
    assert binding.fill is None
    assert binding.needs_fill


@pytest.mark.parametrize(
    ("fields", "needs_fill"),
    [
        ({"ttl": "2d"}, True),
        ({"ttl": "none"}, True),
        ({"ttl": "1h"}, False),
        ({"on_stale": "serve"}, True),
        ({"on_stale": "default"}, False),
        ({"known_at": True}, False),
    ],
)
def test_only_what_older_rows_are_needed_for_needs_a_fill(fields: dict, needs_fill: bool) -> None:  # noqa: FBT001
    binding = binding_of(view(), view(**fields))

    assert binding == Binding("v", CREATED, needs_fill=needs_fill)


def test_a_fill_that_is_needed_stays_needed() -> None:
    snapshot = after(applied(DRIVER, FILE, view()), DRIVER, FILE, view(ttl="2d"))

    binding = after(snapshot, DRIVER, FILE, view(ttl="1h")).bindings["v"]

    assert binding.needs_fill


def test_a_breaking_change_fills_a_new_generation_beside_the_one_that_serves() -> None:
    binding = binding_of(view(), view({"a": "string", "b": "float64"}))

    filled = Generation("v.1001", KEYS, (Layout(1, (("a", "string"), ("b", "float64"))),))
    assert binding == Binding("v", CREATED, filled)
    assert binding.target == filled


def test_another_join_key_fills_a_generation_with_the_new_keys() -> None:
    text_keys = Entity("driver", join_keys={"driver_id": "string"})

    binding = after(applied(DRIVER, FILE, view()), text_keys, FILE, view()).bindings["v"]

    assert binding.read.join_keys == KEYS
    assert binding.fill is not None
    assert binding.fill.join_keys == (("driver_id", "string"),)


def test_another_order_of_join_keys_keeps_the_rows() -> None:
    one = Entity("driver", join_keys={"driver_id": "int64", "zone": "string"})
    other = Entity("driver", join_keys={"zone": "string", "driver_id": "int64"})

    binding = after(applied(one, FILE, view()), other, FILE, view()).bindings["v"]

    assert binding.fill is None
    assert binding.read.id == "v.0001"
    assert binding.read.join_keys == (("zone", "string"), ("driver_id", "int64"))


def test_a_second_breaking_change_before_the_fill_starts_another() -> None:
    snapshot = after(applied(DRIVER, FILE, view()), DRIVER, FILE, view({"a": "string"}))
    files = repository(DRIVER, FILE, view({"a": "bool"}))

    changed = rebind(snapshot, files, diff(snapshot, files), lambda: "3333", {})

    binding = changed["v"]
    assert binding is not None
    assert binding.read.id == "v.0001"
    assert binding.fill == Generation("v.3333", KEYS, (Layout(1, (("a", "bool"),)),))
    assert dropped(snapshot, changed) == {"v": ("v.1001",)}


def test_an_additive_change_before_the_fill_goes_to_the_generation_that_is_filled() -> None:
    snapshot = after(applied(DRIVER, FILE, view()), DRIVER, FILE, view({"a": "string"}))

    binding = after(snapshot, DRIVER, FILE, view({"a": "string", "c": "bool"})).bindings["v"]

    assert binding.fill is not None
    assert binding.fill.id == "v.1001"
    assert [layout.id for layout in binding.fill.layouts] == [1, 2]
    assert [layout.id for layout in binding.read.layouts] == [1]
    assert binding.needs_fill  # it may be loaded in part


def test_a_feature_renamed_while_a_generation_is_filled_is_renamed_in_both() -> None:
    snapshot = after(applied(DRIVER, FILE, view()), DRIVER, FILE, view({"a": "string"}))
    features = {"z": Feature("string", renamed_from="a")}

    binding = after(snapshot, DRIVER, FILE, view(features)).bindings["v"]

    assert binding.read.layouts == (Layout(1, (("z", "int32"), ("", "float64"))),)
    assert binding.fill is not None
    assert binding.fill.layouts == (Layout(1, (("z", "string"),)),)


@pytest.mark.parametrize("now", [[], [FILE, DRIVER, view(online=False)]])
def test_a_view_that_is_gone_or_offline_drops_its_rows(now: list) -> None:
    snapshot = after(applied(DRIVER, FILE, view()), DRIVER, FILE, view({"a": "string"}))
    files = repository(*now)

    changed = rebind(snapshot, files, diff(snapshot, files), suffixes(), {})

    assert changed == {"v": None}
    assert dropped(snapshot, changed) == {"v": ("v.0001", "v.1001")}


def test_a_renamed_view_drops_nothing() -> None:
    snapshot = applied(DRIVER, FILE, view())
    named = view(renamed_from="v").model_copy(update={"name": "w"})
    files = repository(DRIVER, FILE, named)

    changed = rebind(snapshot, files, diff(snapshot, files), suffixes(), {})

    assert changed == {"v": None, "w": Binding("w", CREATED)}
    assert dropped(snapshot, changed) == {}


def test_a_view_that_is_created_again_gets_rows_of_its_own() -> None:
    gone = after(applied(DRIVER, FILE, view()), DRIVER, FILE)

    assert after(gone, DRIVER, FILE, view()).bindings["v"].read.id == "v.1001"
    assert EMPTY.bindings == {}
