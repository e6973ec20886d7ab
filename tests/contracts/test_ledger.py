"""Every ledger: runs with their parts, and progress that moves only with what was recorded."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from registries import NOON, SECOND, Clock, commit_of, elsewhere, generation, me, part_of

from featurectl.definitions.binding import Binding
from featurectl.errors import ConflictError
from featurectl.registry.process import this_host
from featurectl.registry.protocol import Actor, Progress, ViewRun

if TYPE_CHECKING:
    from featurectl.registry.protocol import RegistryStore

WEATHER = "weather.k3f9"


def test_run_numbers_count_up_over_all_environments(store: RegistryStore) -> None:
    runs = [store.begin("apply", env, 0, me()) for env in ("dev", "prod", "dev")]

    assert runs == [1, 2, 3]
    assert [record.run for record in store.runs()] == [3, 2, 1]
    assert [record.run for record in store.runs("dev")] == [3, 1]
    assert [record.run for record in store.runs(limit=1)] == [3]


def test_a_run_is_told_with_all_that_was_recorded(store: RegistryStore, clock: Clock) -> None:
    run = store.begin("materialize", "dev", 41, me("ana", "9c01d3e"))
    part = ViewRun(
        view="weather",
        generation=WEATHER,
        layout=2,
        fingerprint="0011223344556677",
        from_us=None,
        to_us=NOON,
        created_bound_us=NOON - SECOND,
        started_us=NOON + 1,
        finished_us=NOON + 2,
        status="failed",
        rows=1,
        keys=2,
        late=3,
        nulls=4,
        values=5,
        error='column "dist_km" is gone',
    )
    store.advance("dev", run, part, lease=None)
    store.advance("dev", run, part_of("traffic"), lease=None)
    clock.forward(90)
    store.finish(run, "failed")

    (record,) = store.runs("dev")

    assert (record.run, record.kind, record.env) == (run, "materialize", "dev")
    assert (record.status, record.serial) == ("failed", 41)
    assert (record.started_us, record.finished_us) == (NOON, NOON + 90 * SECOND)
    assert record.actor == me("ana", "9c01d3e")
    assert record.views == (part, part_of("traffic"))


def test_a_finished_run_stays_as_it_is(store: RegistryStore) -> None:
    run = store.begin("apply", "dev", 0, me())
    store.finish(run, "ok")
    store.finish(run, "failed")

    assert store.runs()[0].status == "ok"


def test_progress_moves_with_the_part(store: RegistryStore) -> None:
    run = store.begin("materialize", "dev", 1, me())
    first = Progress(NOON, NOON - 1, "d1", run, NOON - 2)
    second = Progress(NOON + 1, None, "", run, None)

    store.advance("dev", run, part_of(), lease=None, progress=first)
    assert store.progress("dev", [WEATHER]) == {WEATHER: first}
    store.advance("dev", run, part_of(), lease=None, expected=first, progress=second)

    assert store.progress("dev", [WEATHER, "never.loaded"]) == {WEATHER: second}
    assert store.progress("prod", [WEATHER]) == {}


def test_a_part_without_progress_leaves_it_where_it_is(store: RegistryStore) -> None:
    run = store.begin("materialize", "dev", 1, me())
    here = Progress(NOON, None, "", run)
    store.advance("dev", run, part_of(), lease=None, progress=here)

    store.advance("dev", run, part_of(status="failed"), lease=None)

    assert store.progress("dev", [WEATHER]) == {WEATHER: here}


@pytest.mark.parametrize("expected", [None, Progress(NOON - 1, None, "", 1)])
def test_progress_that_moved_meanwhile_refuses_the_part(
    store: RegistryStore, clock: Clock, expected: Progress | None
) -> None:
    first = store.begin("materialize", "dev", 1, elsewhere())
    here = Progress(NOON, None, "", first)
    store.advance("dev", first, part_of(), lease=None, progress=here)
    late = store.begin("materialize", "dev", 1, me())
    clock.forward(5)

    with pytest.raises(ConflictError, match="another run loaded view weather") as caught:
        store.advance(
            "dev",
            late,
            part_of(),
            lease=None,
            expected=expected,
            progress=replace(here, run=late),
        )

    assert caught.value.code == "FC504"
    assert caught.value.notes == ("run #1, materialize by ci@runner-7, 5 s ago",)
    assert store.progress("dev", [WEATHER]) == {WEATHER: here}
    assert store.runs()[0].views == ()


def test_progress_that_is_gone_refuses_the_part(store: RegistryStore) -> None:
    run = store.begin("materialize", "dev", 1, me())
    before = Progress(NOON, None, "", run)

    with pytest.raises(ConflictError, match="FC504"):
        store.advance("dev", run, part_of(), lease=None, expected=before, progress=before)


def test_who_lost_the_lease_records_nothing(store: RegistryStore, clock: Clock) -> None:
    _bind_weather(store)
    late = store.begin("materialize", "dev", 1, elsewhere())
    lost = store.acquire("materialize:dev:weather", late, elsewhere())
    clock.forward(61)
    taker = store.begin("materialize", "dev", 1, me())
    store.acquire("materialize:dev:weather", taker, me())

    with pytest.raises(ConflictError, match="lock of view weather was lost by run #1") as caught:
        store.advance(
            "dev",
            late,
            part_of(),
            lease=lost,
            progress=Progress(NOON, None, "", late),
            binding=Binding("weather", generation("weather.p2d7")),
        )

    assert caught.value.code == "FC503"
    assert f"run #{taker} by ana@" in caught.value.notes[0]
    assert store.progress("dev", [WEATHER]) == {}
    assert store.snapshot("dev").bindings["weather"].read.id == WEATHER
    assert all(record.views == () for record in store.runs())


def test_who_holds_the_lease_moves_progress_and_binding_at_once(store: RegistryStore) -> None:
    _bind_weather(store)
    run = store.begin("materialize", "dev", 1, me())
    lease = store.acquire("materialize:dev:weather", run, me())
    flipped = Binding("weather", generation("weather.p2d7"))

    revision = store.advance(
        "dev",
        run,
        part_of(generation="weather.p2d7"),
        lease=lease,
        progress=Progress(NOON, None, "", run),
        binding=flipped,
        revision=1,
    )

    snapshot = store.snapshot("dev")
    assert (revision, snapshot.revision, snapshot.serial) == (2, 2, 1)
    assert snapshot.bindings == {"weather": flipped}
    assert store.progress("dev", ["weather.p2d7"])["weather.p2d7"].run == run


def test_a_part_without_a_flip_returns_the_revision_as_it_is(store: RegistryStore) -> None:
    _bind_weather(store)
    run = store.begin("materialize", "dev", 1, me())

    assert store.advance("dev", run, part_of(), lease=None) == 1


def test_a_flip_does_not_undo_an_apply_that_it_has_not_seen(store: RegistryStore) -> None:
    _bind_weather(store)
    seen = store.snapshot("dev").revision
    run = store.begin("materialize", "dev", 1, me())
    wider = Binding("weather", generation(WEATHER, 1, 2), generation("weather.p2d7", 1, 2))
    store.commit(commit_of(1, {}, bindings={"weather": wider}, run=9))
    flip = Binding("weather", generation("weather.p2d7"))

    with pytest.raises(ConflictError, match="view weather was changed in env dev") as caught:
        store.advance("dev", run, part_of(), lease=None, binding=flip, revision=seen)

    assert caught.value.code == "FC504"
    assert store.snapshot("dev").bindings == {"weather": wider}
    assert store.runs()[0].views == ()


@pytest.mark.parametrize("revision", [None, 1])
def test_a_flip_does_not_bring_back_a_view_that_was_dropped(
    store: RegistryStore, revision: int | None
) -> None:
    _bind_weather(store)
    run = store.begin("materialize", "dev", 1, me())
    store.commit(commit_of(1, {}, bindings={"weather": None}))

    with pytest.raises(ConflictError, match="FC504") as caught:
        store.advance(
            "dev",
            run,
            part_of(),
            lease=None,
            binding=Binding("weather", generation("weather.p2d7")),
            revision=revision,
        )

    assert caught.value.notes == ("view weather is no longer applied",)
    assert store.snapshot("dev").bindings == {}


def test_a_run_of_a_live_process_is_running_and_of_a_gone_one_has_died(
    store: RegistryStore,
) -> None:
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"],
        capture_output=True,
        text=True,
        check=True,
    )
    store.begin("materialize", "dev", 0, me())
    store.begin("materialize", "dev", 0, Actor("ana", this_host(), int(gone.stdout)))

    assert [record.status for record in store.runs()] == ["died", "running"]
    assert store.runs()[0].finished_us is None


def test_a_run_elsewhere_has_died_after_a_minute_of_silence(
    store: RegistryStore, clock: Clock
) -> None:
    run = store.begin("materialize", "dev", 0, elsewhere())
    lease = store.acquire("materialize:dev:weather", run, elsewhere())
    clock.forward(59)
    store.renew(lease)
    clock.forward(59)

    assert store.runs()[0].status == "running"
    clock.forward(1)
    assert store.runs()[0].status == "died"


def test_a_part_is_a_sign_of_life(store: RegistryStore, clock: Clock) -> None:
    run = store.begin("materialize", "dev", 0, elsewhere())
    clock.forward(100)
    store.advance("dev", run, part_of(finished_us=clock.now_us), lease=None)

    assert store.runs()[0].status == "running"


def test_a_rollback_is_told_with_the_serial_of_its_commit(store: RegistryStore) -> None:
    store.commit(commit_of(0, {"a": ""}))
    run = store.begin("rollback", "dev", 1, elsewhere())
    store.acquire("apply:dev", run, elsewhere())

    with pytest.raises(ConflictError, match=r"env dev is locked by rollback \(run #1\)"):
        store.acquire("apply:dev", 2, me())
    store.commit(commit_of(1, {"a": None}, run=run, actor=elsewhere()))
    store.finish(run, "ok")

    (record,) = store.runs("dev")
    assert (record.kind, record.status, record.serial) == ("rollback", "ok", 2)
    with pytest.raises(ConflictError) as caught:
        store.commit(commit_of(1, {"b": ""}))
    assert caught.value.notes == ("run #1, rollback by ci@runner-7, 0 s ago, changed entity a",)


def _bind_weather(store: RegistryStore) -> None:
    bound = Binding("weather", generation(WEATHER), generation("weather.p2d7"))
    store.commit(commit_of(0, {}, bindings={"weather": bound}))
