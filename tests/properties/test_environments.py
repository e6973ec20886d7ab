"""Two environments over one registry and one store, whatever is done in which order."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from environments import DAY, ENVS, VARIANTS, Envs
from hypothesis import given, settings
from hypothesis import strategies as st
from store_dump import dump

steps = st.lists(
    st.one_of(
        st.tuples(st.just("apply"), st.sampled_from(ENVS), st.sampled_from(sorted(VARIANTS))),
        st.tuples(st.just("load"), st.sampled_from(ENVS), st.just("")),
        st.tuples(st.just("rollback"), st.sampled_from(ENVS), st.just("")),
    ),
    min_size=4,
    max_size=12,
)
FIRST = [("apply", "dev", "two"), ("load", "dev", ""), ("apply", "prod", "two")]


@settings(deadline=None, max_examples=20)
@given(steps, st.sampled_from([0, DAY]))
def test_what_one_environment_does_is_never_seen_in_the_keys_of_the_other(
    then: list[tuple[str, str, str]], grace_us: int
) -> None:
    folder = Path(tempfile.mkdtemp())
    envs = Envs(folder, grace_us)
    try:
        for step in [*FIRST, *then]:
            _check(envs, step)
    finally:
        envs.close()
        shutil.rmtree(folder)


def _check(envs: Envs, step: tuple[str, str, str]) -> None:
    acting = step[1]
    (other,) = set(ENVS) - {acting}
    own, shared, value = envs.keys(other, other), envs.keys(other, *ENVS), envs.read(other)

    envs.do(*step)

    stored = dump(envs.url)
    assert {key: stored.get(key) for key in own} == own
    assert shared.keys() <= stored.keys()
    for env in ENVS:
        envs.read(env)  # nothing is in a layout that the manifest does not have
    if acting == "dev":
        assert envs.read("prod") == value
    assert set(envs.bound("prod").values()) <= {"prod"}
    for generation, owner in envs.bound("dev").items():
        assert generation in envs.bound(owner)
