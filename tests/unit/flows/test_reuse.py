"""Rows that are still there are served again, and nothing is removed before the grace time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from applying import FIRST, Place, files, view

from featurectl.flows.apply import ApplyRequest, apply
from featurectl.flows.rollback import plan_rollback
from featurectl.registry.protocol import Progress, ViewRun

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from featurectl.flows.apply import ApplyResult

DAY_US = 86_400_000_000
OTHER = files(view(features={"a": "string"}))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    found = Place(tmp_path)
    yield found
    found.close()


def load(place: Place, name: str, watermark_us: int, *, flip: bool = False) -> str:
    """Fill the view's generation as a run would, and send readers there; the generation's id."""
    snapshot = place.registry.snapshot("dev")
    binding = snapshot.bindings[name]
    run = place.registry.begin("materialize", "dev", snapshot.serial, place.actor)
    generation = place.fill(name, run)
    now_us = time.time_ns() // 1_000
    part = ViewRun(name, generation, 1, "f", 0, watermark_us, None, now_us, now_us, "ok", 1, 1)
    place.registry.advance(
        *("dev", run, part),
        lease=None,
        expected=place.registry.progress("dev", [generation]).get(generation),
        progress=Progress(watermark_us, None, "", run),
        binding=type(binding)(name, binding.target) if flip else None,
        revision=snapshot.revision,
    )
    place.registry.finish(run, "ok")
    return generation


def roll_back(place: Place, *allow: str, run: int | None = None) -> ApplyResult:
    back = plan_rollback(place.registry, "dev", place.actor, run)
    request = ApplyRequest(DAY_US, allow, rolls_back=True)
    return apply(back.plan, back.repository, place.registry, place.online, place.actor, request)


def serving(place: Place, name: str = "v") -> str:
    manifest = place.online.read("demo", "dev")
    assert manifest is not None
    return manifest.views[name].generation.id


def test_a_destroyed_view_keeps_its_rows_for_the_grace_time(place: Place) -> None:
    place.apply(FIRST)
    gone = place.fill("v")

    result = place.apply(files(), "destroy", grace_us=DAY_US)

    assert (result.retired, result.swept) == ({"v": 1}, {})
    assert place.online.count("demo", gone) == 1
    assert place.apply(files(), grace_us=DAY_US).swept == {}
    assert place.apply(files(), grace_us=0).swept == {gone: 1}
    assert place.online.count("demo", gone) == 0


def test_a_rollback_of_a_destroyed_view_serves_the_rows_it_had(place: Place) -> None:
    place.apply(FIRST)
    had = load(place, "v", 100)
    place.apply(files(), "destroy", grace_us=DAY_US)

    result = roll_back(place)

    assert (result.reused, serving(place), result.serial) == ({"v": had}, had, 3)
    assert place.registry.runs()[0].kind == "rollback"
    assert result.incomplete == ()
    assert place.apply(FIRST, grace_us=0).swept == {}
    assert place.online.count("demo", had) == 1


def test_after_the_grace_time_a_rollback_fills_the_view_anew(place: Place) -> None:
    place.apply(FIRST)
    had = load(place, "v", 100)
    place.apply(files(), "destroy", grace_us=0)

    result = roll_back(place)

    assert (result.reused, result.incomplete) == ({}, ("v",))
    assert serving(place) != had


def test_a_rollback_of_a_breaking_change_flips_back_at_once_though_the_rows_are_behind(
    place: Place,
) -> None:
    place.apply(FIRST)
    had = load(place, "v", 100)
    place.apply(OTHER, "breaking", grace_us=DAY_US)
    new = load(place, "v", 200, flip=True)
    assert new != had

    result = roll_back(place, "breaking")

    assert (result.reused, serving(place)) == ({"v": had}, had)
    (note,) = result.notes
    assert note.startswith("v serves what was loaded up to 1970-01-01T00:00:00.0001Z; ")
    assert place.registry.snapshot("dev").bindings["v"].fill is None
    assert place.online.count("demo", new) == 1


def test_a_revert_in_the_files_catches_up_before_readers_are_sent_back(place: Place) -> None:
    place.apply(FIRST)
    had = load(place, "v", 100)
    place.apply(OTHER, "breaking", grace_us=DAY_US)
    new = load(place, "v", 200, flip=True)

    result = place.apply(FIRST, "breaking", grace_us=DAY_US)

    binding = place.registry.snapshot("dev").bindings["v"]
    assert (binding.read.id, binding.target.id) == (new, had)
    assert (result.reused, result.incomplete) == ({"v": had}, ("v",))


def test_a_revert_before_the_new_rows_are_filled_leaves_readers_where_they_are(
    place: Place,
) -> None:
    place.apply(FIRST)
    had = load(place, "v", 100)
    place.apply(OTHER, "breaking", grace_us=DAY_US)

    result = place.apply(FIRST, "breaking", grace_us=DAY_US)

    binding = place.registry.snapshot("dev").bindings["v"]
    assert (binding.read.id, binding.fill, result.incomplete) == (had, None, ())


def test_rows_of_another_definition_are_not_served_again(place: Place) -> None:
    place.apply(OTHER)
    load(place, "v", 100)
    place.apply(files(), "destroy", grace_us=DAY_US)

    assert place.apply(FIRST, grace_us=DAY_US).reused == {}


def test_rows_that_the_store_has_lost_are_not_served_again(place: Place) -> None:
    place.apply(FIRST)
    lost = load(place, "v", 100)
    place.apply(files(), "destroy", grace_us=DAY_US)
    place.online.sweep("demo", lost)

    assert place.apply(FIRST, grace_us=DAY_US).reused == {}


def test_a_feature_that_came_since_is_filled_in_the_rows_that_are_served_again(
    place: Place,
) -> None:
    place.apply(FIRST)
    had = load(place, "v", 100)
    place.apply(files(), "destroy", grace_us=DAY_US)

    result = place.apply(files(view(features={"a": "int64", "b": "int64"})), grace_us=DAY_US)

    binding = place.registry.snapshot("dev").bindings["v"]
    assert (binding.read.id, len(binding.read.layouts), binding.needs_fill) == (had, 2, True)
    assert result.incomplete == ("v",)


def test_a_rollback_of_a_rename_is_a_rename(place: Place) -> None:
    place.apply(FIRST)
    had = load(place, "v", 100)
    place.apply(
        files(view("w", renamed_from="v", features={"b": {"type": "int64", "renamed_from": "a"}}))
    )

    result = roll_back(place)

    assert [(c.action, c.old_name, c.name) for c in result.plan.changes] == [("rename", "w", "v")]
    assert (serving(place), result.retired) == (had, {})
    assert list(place.registry.snapshot("dev").documents("view")) == ["v"]


def test_a_rollback_goes_to_what_a_run_had_applied_and_is_undone_by_another(place: Place) -> None:
    first = place.apply(FIRST).run
    place.apply(files(view(), view("w")))
    place.apply(files(view(), view("w"), view("x")))

    assert roll_back(place, "destroy", run=first).plan.summary["destroy"] == 2
    assert list(place.registry.snapshot("dev").documents("view")) == ["v"]
    assert roll_back(place).plan.summary["create"] == 2
    assert list(place.registry.snapshot("dev").documents("view")) == ["v", "w", "x"]


def test_rows_that_are_behind_catch_up_first_also_where_the_view_gets_its_name_back(
    place: Place,
) -> None:
    place.apply(FIRST)
    had = load(place, "v", 100)
    other = view("w", renamed_from="v", features={"a": "string"})
    place.apply(files(other), "breaking", grace_us=DAY_US)
    new = load(place, "w", 200, flip=True)

    place.apply(files(view(renamed_from="w")), "breaking", grace_us=DAY_US)

    binding = place.registry.snapshot("dev").bindings["v"]
    assert (binding.read.id, binding.target.id) == (new, had)


def test_a_view_does_not_take_the_rows_of_one_that_is_renamed_by_the_same_plan(
    place: Place,
) -> None:
    place.apply(FIRST)
    had = load(place, "v", 100)
    place.apply(files(view("w", renamed_from="v")))

    result = place.apply(files(view("x", renamed_from="w"), view()), grace_us=DAY_US)

    bindings = place.registry.snapshot("dev").bindings
    assert (result.reused, bindings["x"].read.id) == ({}, had)
    assert bindings["v"].read.id != had


def test_rows_that_a_sweep_has_claimed_meanwhile_are_made_anew(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.apply(FIRST)
    had = load(place, "v", 100)
    place.apply(files(), "destroy", grace_us=DAY_US)
    backup = place.registry.backup

    def claimed() -> None:
        place.registry.claim("dev", time.time_ns() // 1_000 + DAY_US)
        backup()

    monkeypatch.setattr(place.registry, "backup", claimed)

    result = roll_back(place)

    assert (result.reused, result.incomplete) == ({}, ("v",))
    assert serving(place) != had
