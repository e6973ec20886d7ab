"""Whatever is bound, dropped, flipped and swept in whatever order: the laws of generations hold."""

from __future__ import annotations

from contextlib import closing
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from registries import KINDS, NOON, SECOND, Clock, Place, commit_of, generation, me, part_of

from featurectl.definitions.binding import Binding
from featurectl.errors import ConflictError

if TYPE_CHECKING:
    from featurectl.registry.protocol import RegistryStore

ENVS = ("dev", "prod")
Bound = dict[tuple[str, str], "tuple[str, str | None]"]  # env and view: what is read and filled
ids = st.sampled_from(["g1", "g2", "g3", "g4"])
places = st.tuples(st.sampled_from(ENVS), st.sampled_from(["weather", "traffic"]))
deeds = st.one_of(
    st.tuples(st.just("bind"), places, ids, st.none() | ids, st.booleans()),
    st.tuples(st.just("drop"), places),
    st.tuples(st.just("flip"), places),
    st.tuples(st.just("sweep"), st.sampled_from(ENVS)),
)
_numbers = count()


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Where the registries of all examples are, each a project of its own."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    return Place(tmp_path_factory.mktemp("registry"), url)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(done=st.lists(deeds, max_size=12))
def test_the_laws_hold_after_every_deed(place: Place, done: list[tuple[object, ...]]) -> None:
    clock, bound, swept = Clock(), Bound(), set[str]()
    with closing(place.open(now_us=clock, project=f"p{next(_numbers)}")) as store:
        for deed in done:
            clock.forward(1)
            _do(store, deed, bound, swept)
            _check(store, bound, swept)


def _do(store: RegistryStore, deed: tuple[object, ...], bound: Bound, swept: set[str]) -> None:
    match deed:
        case ("bind", (str(env), str(view)), str(read), fill, bool(takes)):
            wanted = (read, fill if isinstance(fill, str) and fill != read else None)
            named = {each for each in wanted if each}
            if named & swept:
                with pytest.raises(ConflictError, match="FC505"):
                    _commit(store, env, view, wanted, takes=named)
                return
            _commit(store, env, view, wanted, takes=named if takes else set())
            bound[env, view] = wanted
            if takes:
                owners = store.snapshot(env).owners
                assert {owners[each] for each in named} == {env}
        case ("drop", (str(env), str(view))):
            _commit(store, env, view, None, takes=set())
            bound.pop((env, view), None)
        case ("flip", (str(env), str(view))):
            read, fill = bound.get((env, view), ("", None))
            if fill:
                run = store.begin("materialize", env, store.snapshot(env).serial, me())
                flipped = Binding(view, generation(fill))
                store.advance(env, run, part_of(view, fill), lease=None, binding=flipped)
                bound[env, view] = (fill, None)
        case ("sweep", str(env)):
            claimed = store.claim(env, NOON + 3600 * SECOND)
            assert not set(claimed) & _named(bound)
            store.swept(claimed)
            swept |= set(claimed)


def _commit(
    store: RegistryStore,
    env: str,
    view: str,
    wanted: tuple[str, str | None] | None,
    *,
    takes: set[str],
) -> None:
    binding = None
    if wanted:
        read, fill = wanted
        binding = Binding(view, generation(read), generation(fill) if fill else None)
    serial = store.snapshot(env).serial
    change = commit_of(serial, {}, env=env, bindings={view: binding}, takes=takes)
    store.commit(change)


def _check(store: RegistryStore, bound: Bound, swept: set[str]) -> None:
    for env in ENVS:
        records = store.generations(env)
        live = {record.generation.id for record in records if record.retired_us is None}
        retired = {record.generation.id for record in records} - live
        mine = {each for (of, _), pair in bound.items() if of == env for each in pair if each}
        assert live <= _named(bound)
        assert retired.isdisjoint(_named(bound))
        assert {record.generation.id for record in records}.isdisjoint(swept)
        owners = store.snapshot(env).owners
        assert set(owners) == mine
        for each, owner in owners.items():
            # Who writes it is one who reads it: else nobody would keep it fresh.
            assert any(of == owner and each in pair for (of, _), pair in bound.items())


def _named(bound: Bound) -> set[str]:
    return {each for pair in bound.values() for each in pair if each}
