"""Whatever was committed in whatever order, every serial can be read as it was."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from registries import commit_of, names

from featurectl.registry.sqlite import SqliteRegistry

if TYPE_CHECKING:
    import pytest

Change = dict[str, "str | None"]
changes = st.dictionaries(st.sampled_from("abcd"), st.none() | st.text(max_size=3), max_size=4)


@settings(max_examples=40, deadline=None)
@given(commits=st.lists(st.tuples(st.sampled_from(["dev", "prod"]), changes), max_size=12))
def test_every_serial_reads_as_a_plain_history_says(
    tmp_path_factory: pytest.TempPathFactory, commits: list[tuple[str, Change]]
) -> None:
    path = tmp_path_factory.mktemp("registry") / "registry.db"
    history: dict[str, list[dict[str, str]]] = {"dev": [{}], "prod": [{}]}
    with closing(SqliteRegistry.open(path, "flights", create=True)) as store:
        for env, change in commits:
            before = history[env][-1]
            merged = {**before, **change}
            after = {name: text for name, text in merged.items() if text is not None}
            if after != before:
                history[env].append(after)
            serial = store.commit(commit_of(store.snapshot(env).serial, change, env=env))
            assert serial == len(history[env]) - 1

        for env, states in history.items():
            assert [names(store, env, serial) for serial in range(len(states))] == states
