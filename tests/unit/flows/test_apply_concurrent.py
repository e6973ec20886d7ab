"""Many who apply at once: a linear history, and nothing of anybody's is lost."""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from applying import FIRST, Place, view

from featurectl.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

WRITERS = 10
TOLD = {"FC501", "FC502"}


def _apply_own_view(folder: Path, number: int, barrier: Any, told: Any) -> None:
    """Add a view to what is applied, again and again until it is in."""
    place = Place(folder)
    barrier.wait(60)
    name = f"view_{number}"
    for attempt in range(200):
        snapshot = place.registry.snapshot("dev")
        applied = snapshot.repository
        wanted = replace(applied, views={**applied.views, name: view(name)})
        plan = place.plan(wanted)
        if plan.serial != snapshot.serial:
            continue  # somebody was quicker: their view would be missing from ours
        try:
            place.apply(wanted, plan=plan)
        except ConflictError as error:
            told.put(error.code)
            time.sleep(0.01 * (attempt % 5))
        else:
            break
    place.close()


def test_ten_concurrent_applies_end_in_a_linear_history_with_nothing_lost(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.apply(FIRST)
    spawn = multiprocessing.get_context("spawn")
    barrier, told = spawn.Barrier(WRITERS), spawn.Queue()
    writers = [
        spawn.Process(target=_apply_own_view, args=(tmp_path, number, barrier, told))
        for number in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)

    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    snapshot = place.registry.snapshot("dev")
    assert set(snapshot.documents("view")) == {"v", *(f"view_{n}" for n in range(WRITERS))}
    assert set(snapshot.bindings) == set(snapshot.documents("view"))
    serials = [commit.serial for commit in reversed(place.registry.history("dev"))]
    assert serials == list(range(1, WRITERS + 2))
    assert _each_built_on_the_one_before([c.plan for c in place.registry.history("dev")])
    assert {told.get() for _ in range(told.qsize())} <= TOLD
    manifest = place.online.read("demo", "dev")
    assert manifest is not None
    assert (manifest.serial, set(manifest.views)) == (WRITERS + 1, set(snapshot.bindings))
    assert place.registry.holders() == []
    place.close()


def _each_built_on_the_one_before(plans: Sequence[Any]) -> bool:
    return [plan["serial"] for plan in reversed(plans)] == list(range(len(plans)))
