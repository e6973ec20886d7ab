"""What another environment has loaded is taken over, and what becomes of it then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from environments import DAY, VARIANTS, Envs

from featurectl.errors import ConflictError
from featurectl.flows.apply import make_plan
from featurectl.flows.reuse import Sought, find_reuse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def envs(tmp_path: Path) -> Iterator[Envs]:
    found = Envs(tmp_path, DAY)
    yield found
    found.close()


def serving(envs: Envs, env: str) -> str:
    return envs.registry.snapshot(env).bindings["stats"].read.id


def filling(envs: Envs, env: str) -> str | None:
    fill = envs.registry.snapshot(env).bindings["stats"].fill
    return fill.id if fill else None


def promoted(envs: Envs, variant: str = "two") -> None:
    envs.bring("dev", variant)
    envs.load("dev")
    envs.bring("prod", variant)


def test_both_name_the_rows_and_one_owns_them(envs: Envs) -> None:
    promoted(envs)

    assert envs.bound("prod") == envs.bound("dev") == {serving(envs, "dev"): "prod"}
    assert envs.registry.snapshot("prod").shared == {serving(envs, "prod")}


def test_rows_that_are_behind_catch_up_before_readers_are_sent_there(envs: Envs) -> None:
    promoted(envs)
    old = serving(envs, "prod")
    envs.bring("dev", "other")
    envs.load("dev")
    envs.load("prod")

    applied = envs.bring("prod", "other")

    new = serving(envs, "dev")
    assert (serving(envs, "prod"), filling(envs, "prod")) == (old, new)
    assert (dict(applied.reused), applied.incomplete) == ({"stats": new}, ("stats",))
    assert envs.load("dev").document()["views"][0]["status"] == "skipped"
    summary = envs.load("prod")
    assert (serving(envs, "prod"), filling(envs, "prod")) == (new, None)
    assert summary.document()["views"][0]["rows"] == 6  # of three hours, not of all
    assert envs.read("prod") == envs.read("dev")


def test_a_promotion_goes_on_to_a_third_environment(envs: Envs) -> None:
    promoted(envs)

    envs.bring("live", "two")

    generation = serving(envs, "dev")
    assert envs.bound("live") == envs.bound("dev") == {generation: "live"}
    assert envs.load("prod").document()["views"][0]["status"] == "skipped"
    envs.bring("live", "nothing")
    assert envs.bound("dev") == {generation: "prod"}
    assert envs.load("prod").document()["views"][0]["status"] == "ok"


def test_what_prod_lets_go_of_is_loaded_by_dev_again(envs: Envs) -> None:
    promoted(envs)
    envs.load("prod")

    envs.bring("prod", "other")
    envs.load("prod")

    assert set(envs.bound("dev").values()) == {"dev"}
    assert envs.load("dev").document()["views"][0]["status"] == "ok"


def test_dev_does_not_take_back_what_prod_owns_by_going_back(envs: Envs) -> None:
    promoted(envs)
    generation = serving(envs, "prod")
    envs.bring("dev", "other")
    envs.load("dev")

    rolled = envs.roll_back("dev")

    assert (rolled.reused, rolled.incomplete) == ({}, ("stats",))
    assert envs.bound("prod") == {generation: "prod"}
    envs.load("dev")
    assert serving(envs, "dev") != generation


def test_a_change_of_other_words_only_needs_no_rows_of_its_own(envs: Envs) -> None:
    promoted(envs)

    envs.bring("dev", "described")
    envs.bring("prod", "described")

    assert envs.bound("prod") == envs.bound("dev") == {serving(envs, "dev"): "prod"}


def test_narrowing_what_the_owner_serves_leaves_when_the_rows_of_the_other_expire(
    envs: Envs,
) -> None:
    promoted(envs)
    generation = serving(envs, "dev")

    applied = envs.bring("prod", "shorter")

    assert applied.incomplete == ("stats",)
    envs.load("prod")
    assert (serving(envs, "dev"), serving(envs, "prod") != generation) == (generation, True)


def test_who_applies_in_dev_is_not_overtaken(envs: Envs) -> None:
    envs.bring("dev", "two")
    envs.load("dev")
    lease = envs.registry.acquire("apply:dev", 1, envs.actor)

    with pytest.raises(ConflictError, match="FC502"):
        envs.bring("prod", "two")

    envs.registry.release(lease)
    assert envs.bring("prod", "two").reused == {"stats": serving(envs, "dev")}


def test_nothing_is_looked_for_where_no_view_is_to_be_loaded(envs: Envs) -> None:
    promoted(envs)
    files, snapshot = VARIANTS["two"], envs.registry.snapshot("prod")
    plan = make_plan(files, envs.registry, None, env="prod", actor=envs.actor)

    found = find_reuse(Sought("dev"), plan, snapshot, files, envs.registry, envs.online)

    assert (found.reuse, found.takes, found.passed) == ({}, frozenset(), {})
