"""Every registry: a generation is retired while nothing names it, and swept only when claimed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from registries import NOON, SECOND, Clock, commit_of, generation, me, part_of

from featurectl.definitions.binding import Binding
from featurectl.errors import ConflictError
from featurectl.registry.protocol import Progress
from featurectl.registry.retention import GenerationRecord

if TYPE_CHECKING:
    from featurectl.registry.protocol import RegistryStore

OLD, NEW = "weather.k3f9", "weather.p2d7"
LATER = NOON + 7200 * SECOND


def bind(
    store: RegistryStore,
    binding: Binding | None,
    *,
    env: str = "dev",
    data: str = "",
    takes: tuple[str, ...] = (),
) -> int:
    """Commit the binding of view weather; the new serial."""
    serial = store.snapshot(env).serial
    change = commit_of(serial, {}, env=env, bindings={"weather": binding})
    return store.commit(replace(change, data=data, takes=takes))


def weather(read: str = OLD, fill: str | None = None) -> Binding:
    return Binding("weather", generation(read), generation(fill) if fill else None)


def flip(store: RegistryStore, new: str = NEW, *, env: str = "dev") -> None:
    run = store.begin("materialize", env, store.snapshot(env).serial, me())
    store.advance(env, run, part_of(generation=new), lease=None, binding=weather(new))


def retired(store: RegistryStore, env: str = "dev") -> dict[str, int | None]:
    return {record.generation.id: record.retired_us for record in store.generations(env)}


def test_nothing_is_there_before_the_first_binding(store: RegistryStore) -> None:
    assert store.generations("dev") == []
    assert store.claim("dev", LATER) == []


def test_who_names_a_generation_first_owns_it(store: RegistryStore) -> None:
    bind(store, weather(), data="/data/dev")
    bind(store, weather(), env="prod", data="/data/prod")

    assert store.snapshot("dev").owners == store.snapshot("prod").owners == {OLD: "dev"}
    for env in ("dev", "prod"):
        assert store.generations(env) == [
            GenerationRecord(
                env,
                "weather",
                generation(OLD),
                serial=1,
                owner="dev",
                data="/data/dev",
                served=True,
                retired_us=None,
            )
        ]


def test_a_record_is_of_the_last_serial_at_which_its_rows_were_bound(
    store: RegistryStore, clock: Clock
) -> None:
    bind(store, weather())
    for text in ("one", "two"):
        clock.forward(10)
        store.commit(commit_of(store.snapshot("dev").serial, {"driver": text}))
    assert [record.serial for record in store.generations("dev")] == [3]

    clock.forward(10)
    bind(store, None)
    clock.forward(10)
    store.commit(commit_of(4, {"driver": "three"}))

    assert [record.serial for record in store.generations("dev")] == [3]


def test_owners_are_told_of_what_is_read_and_of_what_is_filled(store: RegistryStore) -> None:
    bind(store, weather(OLD, NEW))

    assert store.snapshot("dev").owners == {OLD: "dev", NEW: "dev"}
    bind(store, None)
    assert store.snapshot("dev").owners == {}


def test_what_a_flip_names_first_has_its_data_where_the_view_had_it(store: RegistryStore) -> None:
    bind(store, weather(), data="/data/dev")

    flip(store)

    (new,) = (record for record in store.generations("dev") if record.generation.id == NEW)
    assert (new.owner, new.data, new.serial) == ("dev", "/data/dev", 1)


def test_a_generation_is_retired_when_a_commit_lets_go_of_it(
    store: RegistryStore, clock: Clock
) -> None:
    bind(store, weather())
    clock.forward(10)
    bind(store, None)

    assert retired(store) == {OLD: NOON + 10 * SECOND}


def test_a_generation_is_retired_when_a_flip_lets_go_of_it(
    store: RegistryStore, clock: Clock
) -> None:
    bind(store, weather(OLD))
    bind(store, weather(OLD, NEW))
    assert retired(store) == {OLD: None, NEW: None}
    clock.forward(10)

    flip(store)

    assert retired(store) == {OLD: NOON + 10 * SECOND, NEW: None}


def test_a_fill_that_was_given_up_is_retired_and_never_served(store: RegistryStore) -> None:
    bind(store, weather(OLD))
    bind(store, weather(OLD, NEW))
    bind(store, weather(OLD))

    served = {record.generation.id: record.served for record in store.generations("dev")}
    assert served == {OLD: True, NEW: False}
    assert retired(store) == {OLD: None, NEW: NOON}


def test_what_another_environment_still_names_is_not_retired(
    store: RegistryStore, clock: Clock
) -> None:
    bind(store, weather())
    bind(store, weather(), env="prod")
    bind(store, None)
    assert retired(store) == {OLD: None}
    clock.forward(10)

    bind(store, None, env="prod")

    assert retired(store) == retired(store, "prod") == {OLD: NOON + 10 * SECOND}


def test_what_is_named_again_is_no_longer_retired(store: RegistryStore, clock: Clock) -> None:
    bind(store, weather())
    bind(store, weather(NEW))
    clock.forward(10)

    bind(store, weather(OLD))

    assert retired(store) == {OLD: None, NEW: NOON + 10 * SECOND}


def test_a_time_of_retirement_stays_while_other_things_change(
    store: RegistryStore, clock: Clock
) -> None:
    bind(store, weather())
    bind(store, None)
    clock.forward(10)
    store.commit(commit_of(2, {"a": ""}, bindings={"traffic": weather(NEW)}))

    assert retired(store)[OLD] == NOON


def test_records_are_as_when_it_was_last_written_for_the_view(store: RegistryStore) -> None:
    bind(store, weather(OLD))
    store.commit(commit_of(1, {"a": ""}))
    bind(store, Binding("weather", generation(OLD, 1, 2)))
    bind(store, Binding("weather", generation(OLD, 1, 2), generation(NEW)))
    store.commit(commit_of(4, {"a": "other"}))
    flip(store)

    records = store.generations("dev")

    assert [(each.generation, each.serial) for each in records] == [
        (generation(OLD, 1, 2), 3),
        (generation(NEW), 5),
    ]


def test_a_renamed_view_has_a_record_under_each_of_its_names(store: RegistryStore) -> None:
    bind(store, weather())
    renamed = Binding("climate", generation(OLD))
    store.commit(commit_of(1, {}, bindings={"weather": None, "climate": renamed}))

    records = store.generations("dev")

    assert [(each.view, each.serial) for each in records] == [("weather", 1), ("climate", 2)]
    assert retired(store) == {OLD: None}


def test_only_what_was_retired_before_then_is_claimed(store: RegistryStore, clock: Clock) -> None:
    bind(store, weather())
    bind(store, weather(NEW))
    clock.forward(10)
    bind(store, None)

    assert store.claim("dev", NOON) == []
    assert store.claim("dev", NOON + 1) == [OLD]
    assert store.claim("dev", LATER) == [OLD, NEW]


def test_one_can_be_claimed_before_others_that_were_retired_earlier(store: RegistryStore) -> None:
    bind(store, weather())
    bind(store, weather(NEW))
    bind(store, None)

    assert store.claim("dev", LATER, [NEW]) == [NEW]
    assert store.claim("dev", NOON, [OLD, NEW]) == [NEW]
    assert retired(store).keys() == {OLD}
    assert store.claim("dev", LATER, []) == []
    assert store.claim("dev", LATER) == [OLD, NEW]


def test_only_its_owner_claims_a_generation(store: RegistryStore) -> None:
    bind(store, weather())
    bind(store, weather(), env="prod", takes=(OLD,))
    bind(store, None)
    bind(store, None, env="prod")

    assert store.claim("dev", LATER) == []
    assert store.claim("prod", LATER) == [OLD]


def test_a_record_says_whether_the_next_run_was_to_fill_it_up(store: RegistryStore) -> None:
    bind(store, replace(weather(), needs_fill=True))
    assert [record.needs_fill for record in store.generations("dev")] == [True]

    flip(store, OLD)

    assert [record.needs_fill for record in store.generations("dev")] == [False]


def test_what_is_claimed_is_no_longer_told_and_can_not_be_bound(store: RegistryStore) -> None:
    bind(store, weather())
    bind(store, weather(NEW))
    store.claim("dev", LATER)

    assert retired(store) == {NEW: None}
    for binding in (weather(OLD), weather(NEW, OLD)):
        with pytest.raises(
            ConflictError, match=r"weather can't be sent to weather\.k3f9"
        ) as caught:
            bind(store, binding)
        assert (caught.value.code, caught.value.exit_code) == ("FC505", 5)
    with pytest.raises(ConflictError, match="FC505"):
        flip(store, OLD)
    assert store.snapshot("dev").bindings == {"weather": weather(NEW)}
    assert store.snapshot("dev").serial == 2


def test_what_was_claimed_and_not_swept_is_claimed_again(
    store: RegistryStore, clock: Clock
) -> None:
    bind(store, weather())
    bind(store, None)
    store.claim("dev", LATER)
    clock.forward(3600)

    assert store.claim("dev", NOON) == [OLD]
    store.swept([OLD])
    assert store.claim("dev", clock.now_us + 1) == []


def test_what_was_swept_is_no_longer_told_and_can_not_be_bound(store: RegistryStore) -> None:
    bind(store, weather())
    bind(store, weather(NEW))
    store.swept([OLD, "never.seen"])

    assert retired(store) == {NEW: None}
    with pytest.raises(ConflictError, match="FC505"):
        bind(store, weather(OLD))


def test_what_a_binding_names_is_neither_claimed_nor_noted_as_swept(store: RegistryStore) -> None:
    bind(store, weather())

    assert store.claim("dev", LATER) == []
    store.swept([OLD])

    assert retired(store) == {OLD: None}
    assert bind(store, Binding("weather", generation(OLD, 1, 2))) == 2


def test_who_takes_a_generation_owns_it_and_knows_how_far_it_is_loaded(
    store: RegistryStore,
) -> None:
    bind(store, weather(), data="/data")
    run = store.begin("materialize", "dev", 1, me())
    here = Progress(NOON, NOON - 1, "d1", run, NOON - 2)
    store.advance("dev", run, part_of(), lease=None, progress=here)

    bind(store, weather(), env="prod", data="/lake", takes=(OLD,))

    assert store.snapshot("dev").owners == store.snapshot("prod").owners == {OLD: "prod"}
    assert {record.data for record in store.generations("dev")} == {"/lake"}
    assert store.progress("prod", [OLD]) == store.progress("dev", [OLD]) == {OLD: here}
    bind(store, None)
    assert retired(store) == {OLD: None}


def test_what_is_taken_back_comes_with_the_progress_of_now(store: RegistryStore) -> None:
    bind(store, weather())
    run = store.begin("materialize", "dev", 1, me())
    first, second = Progress(NOON, None, "", run), Progress(NOON + 1, None, "", run)
    store.advance("dev", run, part_of(), lease=None, progress=first)
    bind(store, weather(), env="prod", takes=(OLD,))
    store.advance("prod", run, part_of(), lease=None, expected=first, progress=second)

    serial = bind(store, weather(), takes=(OLD,))

    assert serial == 2
    assert store.snapshot("prod").owners == {OLD: "dev"}
    assert store.progress("dev", [OLD]) == {OLD: second}


def test_taking_what_is_already_its_own_changes_nothing(store: RegistryStore) -> None:
    bind(store, weather(), takes=(OLD,))

    assert bind(store, weather(), takes=(OLD,)) == 1
    assert store.snapshot("dev").owners == {OLD: "dev"}


def test_a_refused_commit_takes_nothing(store: RegistryStore) -> None:
    bind(store, weather())
    late = replace(
        commit_of(7, {}, env="prod", bindings={"weather": weather()}), takes=(OLD,), data="/lake"
    )

    with pytest.raises(ConflictError, match="FC501"):
        store.commit(late)

    assert store.snapshot("dev").owners == {OLD: "dev"}


def test_what_two_environments_name_is_shared(store: RegistryStore) -> None:
    bind(store, weather(OLD, NEW))
    assert store.snapshot("dev").shared == frozenset()

    bind(store, weather(), env="prod", takes=(OLD,))

    assert store.snapshot("dev").shared == store.snapshot("prod").shared == {OLD}
    bind(store, weather(NEW))
    assert store.snapshot("prod").shared == frozenset()


def test_what_its_owner_lets_go_of_goes_to_the_one_who_came_last(
    store: RegistryStore, clock: Clock
) -> None:
    bind(store, weather(), data="/data")
    for env in ("stage", "prod"):
        clock.forward(10)
        bind(store, weather(), env=env, data="/data", takes=(OLD,))
    run = store.begin("materialize", "prod", 1, me())
    loaded = Progress(NOON, None, "", run, NOON)
    store.advance("prod", run, part_of(generation=OLD), lease=None, progress=loaded)

    clock.forward(10)
    bind(store, None, env="prod")
    (record,) = store.generations("dev")
    assert (record.owner, record.data, record.retired_us) == ("stage", "/data", None)
    assert store.progress("stage", [OLD]) == {OLD: loaded}
    flip(store, env="stage")

    assert store.snapshot("dev").owners == {OLD: "dev"}
    assert store.progress("dev", [OLD]) == {OLD: loaded}
    bind(store, None)
    assert retired(store) == {OLD: NOON + 30 * SECOND}
