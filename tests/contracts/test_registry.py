"""Every registry: append-only, all or nothing, and a serial that nobody moves unseen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from registries import Clock, Place, commit_of, document, elsewhere, generation, me, names, part_of

from featurectl.definitions.binding import Binding
from featurectl.definitions.definition import fingerprint
from featurectl.errors import ConflictError, StoreError

if TYPE_CHECKING:
    from featurectl.registry.protocol import RegistryStore


def test_an_environment_begins_empty_at_serial_0(store: RegistryStore) -> None:
    snapshot = store.snapshot("dev")

    assert (snapshot.project, snapshot.env, snapshot.serial) == ("flights", "dev", 0)
    assert (snapshot.revision, snapshot.objects, snapshot.bindings) == (0, {}, {})


def test_what_was_committed_is_read_back(store: RegistryStore) -> None:
    weather = Binding("weather", generation("weather.k3f9"), generation("weather.p2d7", 1, 2))

    serial = store.commit(commit_of(0, {"airport": "ü"}, bindings={"weather": weather}))
    snapshot = store.snapshot("dev")

    applied = snapshot.objects["entity", "airport"]
    assert (serial, snapshot.serial, snapshot.revision) == (1, 1, 1)
    assert (applied.kind, applied.name, applied.serial) == ("entity", "airport", 1)
    assert applied.document == document("airport", "ü")
    assert applied.fingerprint == fingerprint(document("airport", "ü"))
    assert snapshot.bindings == {"weather": weather}


def test_every_old_serial_can_be_read_again(store: RegistryStore) -> None:
    store.commit(commit_of(0, {"a": "first", "b": "first"}))
    store.commit(commit_of(1, {"a": "second", "c": "first"}))
    store.commit(commit_of(2, {"b": None}))

    assert names(store, serial=0) == {}
    assert names(store, serial=1) == {"a": "first", "b": "first"}
    assert names(store, serial=2) == {"a": "second", "b": "first", "c": "first"}
    assert names(store, serial=3) == names(store) == {"a": "second", "c": "first"}
    assert store.snapshot("dev", 1).serial == 1
    assert store.snapshot("dev").objects["entity", "a"].serial == 2


def test_an_object_that_was_dropped_can_be_created_again(store: RegistryStore) -> None:
    store.commit(commit_of(0, {"a": "first"}))
    store.commit(commit_of(1, {"a": None}))
    store.commit(commit_of(2, {"a": "first"}))

    assert names(store, serial=1) == {"a": "first"}
    assert names(store, serial=2) == {}
    assert names(store, serial=3) == {"a": "first"}
    assert store.snapshot("dev").objects["entity", "a"].serial == 3


def test_a_serial_that_never_was_is_an_error_that_says_where_it_stands(
    store: RegistryStore,
) -> None:
    store.commit(commit_of(0, {"a": ""}))

    with pytest.raises(StoreError, match="env dev has no serial 7: it is at 1") as caught:
        store.snapshot("dev", 7)

    assert caught.value.code == "FC615"


def test_environments_are_independent(store: RegistryStore) -> None:
    store.commit(commit_of(0, {"a": "of dev"}))
    store.commit(commit_of(1, {"b": "of dev"}))
    store.commit(commit_of(0, {"a": "of prod"}, env="prod"))

    assert names(store) == {"a": "of dev", "b": "of dev"}
    assert names(store, "prod") == {"a": "of prod"}
    assert store.snapshot("prod").serial == store.snapshot("prod").revision == 1
    assert [record.serial for record in store.history("prod")] == [1]


def test_a_commit_that_changes_nothing_leaves_the_serial(store: RegistryStore) -> None:
    weather = {"weather": Binding("weather", generation("weather.k3f9"))}
    store.commit(commit_of(0, {"a": "same"}, bindings=weather))

    again = store.commit(commit_of(1, {"a": "same", "never": None}, bindings=weather))

    assert again == store.snapshot("dev").serial == store.snapshot("dev").revision == 1
    assert len(store.history("dev")) == 1


def test_only_what_differs_is_held_from_the_new_serial(store: RegistryStore) -> None:
    store.commit(commit_of(0, {"a": "same", "b": "old"}))
    store.commit(commit_of(1, {"a": "same", "b": "new"}))

    held = store.snapshot("dev").objects
    assert (held["entity", "a"].serial, held["entity", "b"].serial) == (1, 2)


def test_a_stale_commit_is_refused_and_names_who_moved_what(place: Place) -> None:
    clock = Clock()
    store = place.open(now_us=clock)
    store.commit(commit_of(0, {"a": ""}))
    run = store.begin("apply", "dev", 1, elsewhere())
    store.commit(commit_of(1, {"a": "changed", "b": ""}, run=run, actor=elsewhere()))
    clock.forward(190)

    with pytest.raises(ConflictError) as caught:
        store.commit(commit_of(1, {"c": ""}))

    error = caught.value
    assert (error.code, error.exit_code) == ("FC501", 5)
    assert error.message == "the plan is stale: it was made at serial 1, env dev is at 2"
    assert error.notes == (
        "run #1, apply by ci@runner-7, 3 m 10 s ago, changed entity a, entity b",
    )
    assert error.help == ("plan again: featurectl plan --env dev",)
    assert names(store) == {"a": "changed", "b": ""}


def test_a_stale_commit_lists_a_few_of_many_changes(store: RegistryStore) -> None:
    store.commit(commit_of(0, {f"e{i}": "" for i in range(8)}))

    with pytest.raises(ConflictError) as caught:
        store.commit(commit_of(0, {"c": ""}))

    assert caught.value.notes[0].endswith("entity e2, entity e3, entity e4 and 3 more")


def test_a_commit_from_ahead_of_the_registry_says_that_it_is_older(store: RegistryStore) -> None:
    with pytest.raises(ConflictError, match="made at serial 44, env dev is at 0") as caught:
        store.commit(commit_of(44, {"c": ""}))

    assert "restored from a copy" in caught.value.notes[0]


def test_a_refused_commit_leaves_nothing_behind(store: RegistryStore) -> None:
    whole = commit_of(0, {"a": "", "b": ""})
    broken = {**whole.objects, ("entity", "c"): {"name": "c", "tags": {1, 2}}}

    with pytest.raises(TypeError):
        store.commit(replace(whole, objects=broken))

    assert names(store) == {}
    assert store.commit(whole) == 1


def test_revision_rises_with_each_commit_and_each_flip(store: RegistryStore) -> None:
    old, new = generation("weather.k3f9"), generation("weather.p2d7")
    store.commit(commit_of(0, {}, bindings={"weather": Binding("weather", old, new)}))
    run = store.begin("materialize", "dev", 1, me())

    flipped = store.advance(
        "dev", run, part_of(), lease=None, binding=Binding("weather", new), revision=1
    )
    serial = store.commit(commit_of(1, {"a": ""}))

    assert (flipped, serial, store.snapshot("dev").revision) == (2, 2, 3)
    assert store.snapshot("dev").bindings["weather"].read == new
    assert store.snapshot("dev", 1).bindings["weather"].read == new  # bindings are those of now


def test_a_commit_does_not_undo_a_flip_that_it_has_not_seen(store: RegistryStore) -> None:
    old, new = generation("weather.k3f9"), generation("weather.p2d7")
    store.commit(commit_of(0, {}, bindings={"weather": Binding("weather", old, new)}))
    seen = store.snapshot("dev").revision
    run = store.begin("materialize", "dev", 1, me())
    store.advance("dev", run, part_of(), lease=None, binding=Binding("weather", new))

    late = commit_of(1, {"a": ""}, bindings={"weather": Binding("weather", old)}, revision=seen)
    with pytest.raises(ConflictError, match="view weather was changed in env dev") as caught:
        store.commit(late)

    assert caught.value.code == "FC501"
    assert caught.value.notes[0].startswith("run #1, materialize by ana@")
    assert store.snapshot("dev").bindings["weather"].read == new
    assert names(store) == {}


def test_a_dropped_binding_is_gone(store: RegistryStore) -> None:
    bound = {"weather": Binding("weather", generation("weather.k3f9"), needs_fill=True)}
    store.commit(commit_of(0, {}, bindings=bound))
    store.commit(commit_of(1, {}, bindings={"weather": None}))

    assert store.snapshot("dev").bindings == {}


def test_history_tells_who_did_what_newest_first(place: Place) -> None:
    clock = Clock()
    store = place.open(now_us=clock)
    store.commit(commit_of(0, {"a": ""}, run=1, actor=me("ana", "3f2a91c+dirty")))
    clock.forward(60)
    store.commit(commit_of(1, {"b": ""}, run=2, actor=elsewhere()))

    newest, oldest = store.history("dev")

    assert (newest.serial, newest.run, newest.actor) == (2, 2, elsewhere())
    assert newest.at_us - oldest.at_us == 60_000_000
    assert (oldest.actor.by, oldest.actor.git) == ("ana", "3f2a91c+dirty")
    assert oldest.plan == commit_of(0, {"a": ""}).plan
    assert [record.serial for record in store.history("dev", limit=1)] == [2]


def test_lineage_is_made_once_and_differs_between_registries(place: Place) -> None:
    lineage = place.open().snapshot("dev").lineage

    assert len(lineage) == 36
    assert place.open().snapshot("prod").lineage == lineage
    assert place.open(project="fraud").snapshot("dev").lineage != lineage


def test_projects_side_by_side_know_nothing_of_each_other(place: Place) -> None:
    flights, fraud = place.open(), place.open(project="fraud")
    flights.commit(commit_of(0, {"a": "of flights"}))
    fraud.begin("apply", "dev", 0, me())

    assert names(fraud) == {}
    assert flights.runs() == []
    assert fraud.snapshot("dev").project == "fraud"


def test_a_closed_registry_opens_again_when_used(store: RegistryStore) -> None:
    store.commit(commit_of(0, {"a": ""}))
    store.close()
    store.close()

    assert names(store) == {"a": ""}


def test_it_describes_itself_in_one_line(store: RegistryStore) -> None:
    store.commit(commit_of(0, {"a": ""}, env="prod"))

    assert "prod at serial 1, schema 2" in store.describe()
    assert "\n" not in store.describe()


def test_reading_where_there_is_none_gives_nothing_and_makes_nothing(place: Place) -> None:
    store = place.open(create=False)

    snapshot = store.snapshot("dev")
    assert (snapshot.serial, snapshot.revision, snapshot.lineage) == (0, 0, "")
    assert (store.history("dev"), store.runs(), store.holders()) == ([], [], [])
    assert (store.progress("dev", ["weather.k3f9"]), store.schemas("dev")) == ({}, {})
    assert store.generations("dev") == []
    store.backup()
    assert store.describe().endswith(" (new)")
    assert place.open(create=False).snapshot("dev").lineage == ""


def test_a_reader_sees_a_registry_that_was_made_meanwhile(place: Place) -> None:
    reader = place.open(create=False)
    assert reader.snapshot("dev").lineage == ""

    place.open().commit(commit_of(0, {"a": ""}))

    assert names(reader) == {"a": ""}


def test_texts_of_any_language_and_any_characters_are_kept(store: RegistryStore) -> None:
    texts = {"a": "ü 数据 🙂", "b": "%s ? %% $1 'quoted' \\", "c": "a\tb\nc\u0000d"}

    store.commit(commit_of(0, texts))

    assert names(store) == texts


def test_names_are_in_the_order_of_their_characters(store: RegistryStore) -> None:
    store.commit(commit_of(0, dict.fromkeys(["b", "a_b", "B", "aB", "a", "_a"], "")))

    assert list(names(store)) == ["B", "_a", "a", "aB", "a_b", "b"]
