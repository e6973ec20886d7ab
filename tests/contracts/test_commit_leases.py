"""Every registry: a change is made only while the leases are held under which it is made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from registries import Clock, commit_of, elsewhere, me, names

from featurectl.errors import ConflictError

if TYPE_CHECKING:
    from featurectl.registry.protocol import RegistryStore


def test_a_change_is_made_under_leases_that_are_held(store: RegistryStore) -> None:
    leases = [store.acquire(name, 1, me()) for name in ("apply:dev", "materialize:dev:weather")]

    assert store.commit(replace(commit_of(0, {"airport": "one"}), leases=leases)) == 1


def test_whose_lease_was_released_changes_nothing(store: RegistryStore) -> None:
    kept = store.acquire("apply:dev", 1, me())
    lost = store.acquire("materialize:dev:weather", 1, me())
    store.release(lost)

    with pytest.raises(ConflictError) as caught:
        store.commit(replace(commit_of(0, {"airport": "one"}), leases=[kept, lost]))

    assert caught.value.code == "FC503"
    assert names(store) == {}
    assert store.snapshot("dev").serial == 0


def test_whose_lease_was_taken_over_changes_nothing_though_the_serial_stands(
    store: RegistryStore, clock: Clock
) -> None:
    silent = store.acquire("apply:dev", 1, elsewhere())
    clock.forward(61)
    now = store.acquire("apply:dev", 2, me())

    with pytest.raises(ConflictError) as caught:
        store.commit(replace(commit_of(0, {"airport": "late"}), leases=[silent]))

    assert caught.value.code == "FC503"
    assert store.commit(replace(commit_of(0, {"airport": "one"}), leases=[now])) == 1
    assert names(store) == {"airport": "one"}
