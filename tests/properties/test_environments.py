"""Two environments over one registry and one store, whatever is done in which order."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from applied import repository
from hypothesis import given, settings
from hypothesis import strategies as st
from loading import Loading, at, source, view
from store_dump import dump

from featurectl.client.online_client import OnlineClient
from featurectl.definitions.entity import Entity
from featurectl.flows.apply import ApplyRequest, apply, make_plan
from featurectl.flows.materialize import MaterializeRequest, materialize
from featurectl.flows.rollback import plan_rollback
from featurectl.plan.bindings import generations

if TYPE_CHECKING:
    from featurectl.definitions.repository import Repository

DRIVER = Entity("driver", join_keys={"id": "int64"})
COLUMNS = {"x": "float64", "n": "int32"}
ROWS = [(key, f"{hour:02}:00", key + hour / 8, hour) for hour in range(24) for key in (1, 2)]
HOUR = 3_600_000_000
DAY = 24 * HOUR
ENVS = ("dev", "prod")
X, XN = {"x": "float64"}, {"x": "float64", "n": "int32"}

VARIANTS = {
    "nothing": repository(DRIVER),
    "one": repository(DRIVER, source(), view(features=X)),
    "two": repository(DRIVER, source(), view(features=XN)),
    "wider": repository(DRIVER, source(), view(features={**XN, "n": "int64"})),
    "shorter": repository(DRIVER, source(), view(features=XN, ttl="9000d")),
    "other": repository(DRIVER, source(path="other.parquet"), view(features=XN)),
}

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


class Envs(Loading):
    """Both environments; prod is promoted from dev. Each load covers an hour more."""

    def __init__(self, folder: Path, grace_us: int) -> None:
        self.url = f"sqlite:///{folder / 'online.db'}"
        super().__init__(folder, self.url)
        self.grace_us = grace_us
        self.now_us = at("02:00")
        self.write("stats.parquet", ROWS, COLUMNS)
        self.write("other.parquet", [(k, t, -x, n) for k, t, x, n in ROWS], COLUMNS)

    def do(self, kind: str, env: str, variant: str) -> None:
        snapshot = self.registry.snapshot(env)
        if kind == "apply":
            files = VARIANTS[variant]
            plan = make_plan(files, self.registry, self.engine, env=env, actor=self.actor)
            self.make(plan, files, env)
        elif kind == "rollback" and snapshot.serial:
            back = plan_rollback(self.registry, env, self.actor)
            self.make(back.plan, back.repository, env, rolls_back=True)
        elif kind == "load" and snapshot.bindings:
            self.now_us += HOUR
            request = MaterializeRequest(grace_us=self.grace_us, allow=("empty", "nulls"))
            found = (self.engine, self.online, self.registry, self.actor)
            assert not materialize(request, snapshot, *found, now_us=self.now_us).failed

    def make(self, plan: Any, files: Repository, env: str, **how: Any) -> None:
        other = "dev" if env == "prod" else None
        request = ApplyRequest(self.grace_us, saved=True, promote_from=other, **how)
        apply(plan, files, self.registry, self.online, self.actor, request)

    def bound(self, env: str) -> dict[str, str]:
        """The generations that the environment names, with who writes them."""
        snapshot = self.registry.snapshot(env)
        found = (each for bound in snapshot.bindings.values() for each in generations(bound))
        return {each: snapshot.owner(each) for each in found}

    def keys(self, env: str, *owners: str) -> dict[bytes, tuple[bytes, int | None]]:
        """What is stored of the environment: manifest, and rows that the owners write."""
        names = [name.encode() for name, owner in self.bound(env).items() if owner in owners]
        return {
            key: value
            for key, value in dump(self.url).items()
            if key.startswith(f"demo@{env}".encode()) or any(name in key for name in names)
        }

    def read(self, env: str) -> Any:
        """What readers get; None where nothing is served."""
        manifest = self.online.read("demo", env)
        if manifest is None or not manifest.views:
            return None
        client = OnlineClient.over(self.online, "demo", env)
        features = [f"stats:{name}" for name in manifest.views["stats"].features]
        found = client.get_online_features(features=features, keys=[{"id": 1}, {"id": 2}])
        return found.to_dicts(), found.status


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
