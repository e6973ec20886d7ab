"""Every registry: the columns that sources had when they were last applied."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from registries import commit_of

from featurectl.errors import ConflictError

if TYPE_CHECKING:
    from featurectl.registry.protocol import RegistryStore

WEATHER = {"temp": "DOUBLE", "airport": "VARCHAR", "at": "TIMESTAMP WITH TIME ZONE"}


def test_none_is_known_before_the_first_apply(store: RegistryStore) -> None:
    assert store.schemas("dev") == {}


def test_a_commit_records_them_in_the_order_of_the_columns(store: RegistryStore) -> None:
    store.commit(replace(commit_of(0, {"a": ""}), schemas={"weather": WEATHER}))

    assert store.schemas("dev") == {"weather": WEATHER}
    assert list(store.schemas("dev")["weather"]) == list(WEATHER)
    assert store.schemas("prod") == {}


def test_those_that_are_given_are_replaced_and_the_serial_stays(store: RegistryStore) -> None:
    both = {"weather": WEATHER, "traffic": {"cars": "BIGINT"}}
    store.commit(replace(commit_of(0, {"a": ""}), schemas=both))

    store.record_schemas("dev", {"weather": {"temp": "FLOAT"}})

    assert store.schemas("dev") == {**both, "weather": {"temp": "FLOAT"}}
    assert store.snapshot("dev").serial == store.snapshot("dev").revision == 1


def test_a_commit_of_nothing_else_records_them_and_leaves_the_serial(store: RegistryStore) -> None:
    assert store.commit(replace(commit_of(0, {}), schemas={"weather": WEATHER})) == 0

    assert store.schemas("dev") == {"weather": WEATHER}


def test_a_refused_commit_records_none(store: RegistryStore) -> None:
    with pytest.raises(ConflictError, match="FC501"):
        store.commit(replace(commit_of(3, {"a": ""}), schemas={"weather": WEATHER}))

    assert store.schemas("dev") == {}
