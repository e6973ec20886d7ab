"""What is said to who was not alone: a plan that is stale, an environment that is locked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from applying import FIRST, Place, files, view

from featurectl.definitions.instant import parse_instant
from featurectl.errors import ConflictError
from featurectl.flows import stale_plan
from featurectl.registry.failures import held
from featurectl.registry.protocol import Actor, Lease

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Golden = Callable[[str, Sequence[str]], None]

CI = Actor("ci", "runner-7", 8123)
NOW_US = parse_instant("2026-11-23T04:12:32Z")


def test_a_stale_plan_names_who_has_changed_what_since(
    golden: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path)
    place.actor = CI
    place.apply(FIRST)
    plan = place.plan(files(view(description="x")))
    place.apply(files(view(ttl="2d")))
    done_us = place.registry.history("dev")[0].at_us
    monkeypatch.setattr(stale_plan.time, "time_ns", lambda: (done_us + 180_000_000) * 1_000)

    with pytest.raises(ConflictError) as caught:
        place.apply(files(view(description="x")), plan=plan)
    place.close()

    golden("stale.txt", caught.value.render().split("\n"))


def test_a_lock_names_its_holder_and_its_last_sign_of_life(golden: Golden) -> None:
    since_us, seen_us = NOW_US - 130_000_000, NOW_US - 3_000_000
    lease = Lease("apply:prod", "7f3a", 4, 43, CI, since_us, seen_us)

    golden("locked.txt", held(lease, "apply", NOW_US).render().split("\n"))
