"""Every registry: what readers were sent to at any time, and what runs had loaded there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from registries import NOON, SECOND, Clock, commit_of, generation, me, part_of

from featurectl.definitions.binding import Binding
from featurectl.registry.serving_history import Bound, Load

if TYPE_CHECKING:
    from featurectl.registry.protocol import RegistryStore

OLD, NEW = "weather.k3f9", "weather.p2d7"


def weather(read: str = OLD) -> Binding:
    return Binding("weather", generation(read))


def bind(store: RegistryStore, binding: Binding | None, env: str = "dev") -> None:
    change = commit_of(store.snapshot(env).serial, {}, env=env, bindings={"weather": binding})
    store.commit(change)


def test_nothing_was_bound_or_loaded_before_the_first_commit(store: RegistryStore) -> None:
    assert store.bound("dev", "weather") == []
    assert store.loads([OLD]) == []
    assert store.loads([]) == []


def test_bindings_are_told_with_the_time_in_which_they_held(
    store: RegistryStore, clock: Clock
) -> None:
    bind(store, weather())
    clock.forward(60)
    run = store.begin("materialize", "dev", 1, me())
    store.advance("dev", run, part_of(generation=NEW), lease=None, binding=weather(NEW))
    clock.forward(60)
    bind(store, None)

    first, second, third = NOON, NOON + 60 * SECOND, NOON + 120 * SECOND
    assert store.bound("dev", "weather") == [
        Bound(weather(OLD), 1, first, second),
        Bound(weather(NEW), 1, second, third),
    ]
    assert store.bound("prod", "weather") == store.bound("dev", "traffic") == []


def test_loads_are_those_of_any_environment_that_have_brought_rows(store: RegistryStore) -> None:
    bind(store, weather())
    bind(store, weather(), env="prod")
    part = part_of(generation=OLD)
    for env, status in (("dev", "failed"), ("prod", "ok"), ("dev", "empty"), ("dev", "ok")):
        run = store.begin("materialize", env, 1, me())
        found = replace(part, status=status, from_us=run, layout=run)
        store.advance(env, run, found, lease=None)
    other = store.begin("materialize", "dev", 1, me())
    store.advance("dev", other, part_of(generation=NEW), lease=None)

    assert store.loads([OLD]) == [
        Load(OLD, run, run, part.to_us, part.created_bound_us, part.started_us, part.finished_us)
        for run in (2, 4)
    ]
    assert {load.generation for load in store.loads([OLD, NEW])} == {OLD, NEW}


def test_loads_of_thousands_of_generations_are_asked_for_at_once(store: RegistryStore) -> None:
    bind(store, weather())
    run = store.begin("materialize", "dev", 1, me())
    store.advance("dev", run, part_of(generation=OLD), lease=None)
    names = [f"weather.{n}" for n in range(1_200)]

    assert len(store.loads([*names, OLD])) == 1
