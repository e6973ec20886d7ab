"""A plan is carried out as it was made, by one at a time, or not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from applying import FIRST, Place, files, view

from featurectl.errors import ConflictError, RequestError
from featurectl.flows.apply import ApplyRequest, apply
from featurectl.flows.lease import held
from featurectl.online.sqlite import SqliteOnline
from featurectl.plan.saved import read_plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    found = Place(tmp_path)
    yield found
    found.close()


def test_a_saved_plan_approves_itself(place: Place) -> None:
    place.apply(FIRST)
    wanted = files()
    saved = read_plan(place.plan(wanted).to_json())

    result = place.apply(wanted, plan=saved, saved=True)

    assert (result.changed, place.registry.snapshot("dev").documents("view")) == (True, {})


def test_a_plan_saved_before_there_was_a_registry_is_not_stale(place: Place) -> None:
    saved = read_plan(place.plan(FIRST).to_json())
    place.apply(FIRST, plan=place.plan(FIRST, env="prod"))

    result = place.apply(FIRST, plan=saved, saved=True)

    assert result.serial == 1


def test_a_plan_is_stale_when_the_registry_has_moved_and_says_who_moved_it(place: Place) -> None:
    place.apply(FIRST)
    wanted = files(view(description="x"))
    plan = place.plan(wanted)
    moved = place.apply(files(view(ttl="2d")))

    with pytest.raises(ConflictError) as caught:
        place.apply(wanted, plan=plan)

    error = caught.value
    assert (error.code, error.exit_code) == ("FC501", 5)
    assert error.message.endswith("it was made at serial 1, the registry is at 2")
    (note,) = error.notes
    who = f"run #{moved.run} by {place.actor.by}@{place.actor.host}"
    assert note.startswith(who)
    assert note.endswith("ago, changed view v")
    assert place.registry.snapshot("dev").serial == 2


def test_a_plan_is_stale_when_the_definitions_have_changed(place: Place) -> None:
    plan = place.plan(FIRST)

    with pytest.raises(ConflictError, match="definitions in the files have changed") as caught:
        place.apply(files(view(ttl="2d")), plan=plan)

    assert caught.value.code == "FC501"
    assert not place.path.exists()


def test_a_plan_is_stale_when_it_is_of_another_registry(place: Place, tmp_path: Path) -> None:
    place.apply(FIRST)
    plan = place.plan(files(view(ttl="2d")))
    (tmp_path / "other").mkdir()
    other = Place(tmp_path / "other")
    other.apply(FIRST)

    with pytest.raises(ConflictError, match="made for another registry"):
        other.apply(files(view(ttl="2d")), plan=plan)
    other.close()


def test_another_commit_in_git_makes_no_plan_stale(place: Place) -> None:
    """A squash merge changes the commit, not what was approved."""
    plan = replace(place.plan(FIRST), git="1111111", made_by="ci@runner")

    assert place.apply(FIRST, plan=plan).changed


def test_a_plan_for_another_environment_or_project_is_refused(place: Place) -> None:
    plan = replace(place.plan(FIRST), project="other")

    with pytest.raises(RequestError, match="env dev of project other") as caught:
        place.apply(FIRST, plan=plan)

    assert caught.value.code == "FC319"


def test_a_plan_that_says_something_else_is_refused(place: Place) -> None:
    plan = place.plan(FIRST)

    with pytest.raises(ConflictError, match="what would change now is not what it says"):
        place.apply(FIRST, plan=replace(plan, changes=plan.changes[:-1]))


def test_only_one_applies_at_a_time_and_the_other_is_told(place: Place) -> None:
    run = place.registry.begin("apply", "dev", 0, place.actor)
    lease = held(place.registry, "apply:dev", run, place.actor)
    with lease, pytest.raises(ConflictError) as caught:
        place.apply(FIRST)

    assert caught.value.code == "FC502"
    assert place.registry.snapshot("dev").serial == 0
    assert place.registry.runs()[0].status == "failed"


def test_apply_waits_for_the_lease_as_long_as_it_is_told(place: Place) -> None:
    run = place.registry.begin("apply", "dev", 0, place.actor)
    lease = place.registry.acquire("apply:dev", run, place.actor)
    plan = place.plan(FIRST)

    class Releasing(SqliteOnline):
        """Lets go of the lease once the waiting has begun: the ping comes just before it."""

        def ping(self) -> str:
            import threading  # noqa: PLC0415

            threading.Timer(0.4, place.registry.release, [lease]).start()
            return super().ping()

    online = Releasing(place.path.with_name("online.db"))
    result = apply(
        plan, FIRST, place.registry, online, place.actor, ApplyRequest(0, lock_timeout_s=10)
    )
    online.close()

    assert result.changed
