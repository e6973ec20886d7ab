"""A place to apply to: a real registry and a real embedded online store in one folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from applied import repository

from featurectl.definitions.entity import Entity
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import FeatureView
from featurectl.flows.apply import ApplyRequest, ApplyResult, apply, make_plan
from featurectl.online.protocol import Rows, Stamp
from featurectl.online.sqlite import SqliteOnline
from featurectl.registry.actor import current_actor
from featurectl.registry.sqlite import SqliteRegistry

if TYPE_CHECKING:
    from pathlib import Path

    from featurectl.definitions.definition import Definition
    from featurectl.definitions.repository import Repository
    from featurectl.plan.plan import Plan
    from featurectl.registry.protocol import Actor

DRIVER = Entity("driver", join_keys={"driver_id": "int64"})
FILE = FileSource("file", path="a.parquet", event_timestamp="t")


def view(name: str = "v", **fields: object) -> FeatureView:
    """A view of one feature, with other fields where they are given."""
    base = {"entities": ["driver"], "source": "file", "ttl": "1d", "features": {"a": "int64"}}
    return FeatureView(name, **{**base, **fields})


def files(*objects: Definition) -> Repository:
    """A repository of these views and services."""
    return repository(DRIVER, FILE, *objects)


FIRST = files(view())


class Place:
    """A registry, an online store, and somebody at work on both."""

    def __init__(self, folder: Path, online: SqliteOnline | None = None) -> None:
        self.path = folder / "registry.db"
        self.registry = SqliteRegistry.open(self.path, "demo", create=False)
        self.online = online or SqliteOnline(folder / "online.db")
        self.actor: Actor = current_actor(folder)

    def plan(self, files: Repository, env: str = "dev") -> Plan:
        return make_plan(files, self.registry, None, env=env, actor=self.actor)

    def apply(
        self,
        files: Repository,
        *allow: str,
        plan: Plan | None = None,
        grace_us: int = 0,
        **how: Any,
    ) -> ApplyResult:
        wanted = plan or self.plan(files)
        request = ApplyRequest(grace_us, allow, **how)
        return apply(wanted, files, self.registry, self.online, self.actor, request)

    def fill(self, name: str, run: int = 1) -> str:
        """Put a row into the view's generation, as a run would; the generation's id."""
        generation = self.registry.snapshot("dev").bindings[name].target.id
        self.online.put(Rows([f"demo:{generation}:1".encode()], [b"\0" * 20]))
        self.online.mark("demo", generation, Stamp(run, None, 1))
        return generation

    def close(self) -> None:
        """Give the files back."""
        self.registry.close()
        self.online.close()
