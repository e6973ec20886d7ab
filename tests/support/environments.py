"""Environments at work over one registry and one store: prod is promoted from dev."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from applied import repository
from loading import Loading, at, source, view
from store_dump import dump

from featurectl.client.online_client import OnlineClient
from featurectl.definitions.entity import Entity
from featurectl.flows.apply import ApplyRequest, ApplyResult, apply, make_plan
from featurectl.flows.materialize import MaterializeRequest, materialize
from featurectl.flows.rollback import plan_rollback
from featurectl.plan.bindings import generations

if TYPE_CHECKING:
    from pathlib import Path

    from featurectl.definitions.repository import Repository
    from featurectl.flows.run_summary import RunSummary
    from featurectl.plan.plan import Plan

DRIVER = Entity("driver", join_keys={"id": "int64"})
COLUMNS = {"x": "float64", "n": "int32"}
ROWS = [(key, f"{hour:02}:00", key + hour / 8, hour) for hour in range(24) for key in (1, 2)]
HOUR = 3_600_000_000
DAY = 24 * HOUR
ENVS = ("dev", "prod")
PROMOTED = {"prod": "dev", "live": "prod"}  # from which environment
X, XN = {"x": "float64"}, {"x": "float64", "n": "int32"}

VARIANTS = {
    "nothing": repository(DRIVER),
    "one": repository(DRIVER, source(), view(features=X)),
    "two": repository(DRIVER, source(), view(features=XN)),
    "wider": repository(DRIVER, source(), view(features={**XN, "n": "int64"})),
    "described": repository(DRIVER, source(), view(features=XN, description="statistics")),
    "shorter": repository(DRIVER, source(), view(features=XN, ttl="9000d")),
    "other": repository(DRIVER, source(path="other.parquet"), view(features=XN)),
}


class Envs(Loading):
    """The environments. Each load covers an hour more."""

    def __init__(self, folder: Path, grace_us: int) -> None:
        self.url = f"sqlite:///{folder / 'online.db'}"
        super().__init__(folder, self.url)
        self.grace_us = grace_us
        self.now_us = at("02:00")
        self.write("stats.parquet", ROWS, COLUMNS)
        self.write("other.parquet", [(k, t, -x, n) for k, t, x, n in ROWS], COLUMNS)

    def do(self, kind: str, env: str, variant: str) -> None:
        """One step; nothing where there is nothing to go back from, or to load."""
        snapshot = self.registry.snapshot(env)
        if kind == "apply":
            self.bring(env, variant)
        elif kind == "rollback" and snapshot.serial:
            self.roll_back(env)
        elif kind == "load" and snapshot.bindings:
            self.load(env)

    def bring(self, env: str, variant: str) -> ApplyResult:
        """Apply the definitions of that name."""
        files = VARIANTS[variant]
        plan = make_plan(files, self.registry, self.engine, env=env, actor=self.actor)
        return self._make(plan, files, env)

    def roll_back(self, env: str) -> ApplyResult:
        back = plan_rollback(self.registry, env, self.actor)
        return self._make(back.plan, back.repository, env, rolls_back=True)

    def load(self, env: str) -> RunSummary:
        """Materialize an hour more."""
        self.now_us += HOUR
        request = MaterializeRequest(grace_us=self.grace_us, allow=("empty", "nulls"))
        found = (self.engine, self.online, self.registry, self.actor)
        summary = materialize(request, self.registry.snapshot(env), *found, now_us=self.now_us)
        assert not summary.failed
        return summary

    def _make(self, plan: Plan, files: Repository, env: str, **how: Any) -> ApplyResult:
        source = PROMOTED.get(env)
        request = ApplyRequest(self.grace_us, saved=True, promote_from=source, **how)
        return apply(plan, files, self.registry, self.online, self.actor, request)

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
