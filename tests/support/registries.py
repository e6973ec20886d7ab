"""Every kind of registry that the contracts run over, and small things to put into one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from featurectl.definitions.binding import Binding, Generation, Layout
from featurectl.errors import StoreError
from featurectl.registry.postgres import PostgresRegistry
from featurectl.registry.process import this_host
from featurectl.registry.protocol import Actor, Commit, RegistryStore, ViewRun
from featurectl.registry.sqlite import SqliteRegistry, system_now_us

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from featurectl.errors import FeaturectlError
    from featurectl.registry.sql_registry import SqlRegistry

KINDS = ("sqlite", "postgres")
SECOND = 1_000_000
NOON = 1_704_110_400 * SECOND  # 2024-01-01 12:00 UTC


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_us = NOON

    def __call__(self) -> int:
        return self.now_us

    def forward(self, seconds: float) -> None:
        self.now_us += int(seconds * SECOND)


@dataclass(frozen=True)
class Place:
    """Where a registry is; goes to other processes, which open it for themselves.

    ``url`` is that of a database in PostgreSQL, and empty where the registry is a file.
    """

    folder: Path
    url: str = ""

    def open(
        self,
        *,
        create: bool = True,
        now_us: Callable[[], int] | None = None,
        project: str = "flights",
    ) -> SqlRegistry:
        if self.url:
            return PostgresRegistry.open(self.url, project, create=create, now_us=now_us)
        path = self.folder / ".featurectl" / f"{project}.db"
        clock = now_us or system_now_us
        return SqliteRegistry.open(path, project, create=create, now_us=clock)


def me(by: str = "ana", git: str = "3f2a91c") -> Actor:
    """This process, alive."""
    return Actor(by, this_host(), os.getpid(), git)


def elsewhere(by: str = "ci", pid: int = 8123) -> Actor:
    """A process of another host."""
    return Actor(by, "runner-7", pid)


def document(name: str, description: str = "") -> dict[str, Any]:
    """The document of an entity, which the registry takes as it takes any."""
    return {"name": name, "description": description, "join_keys": {"airport": "string"}}


def commit_of(
    serial: int,
    objects: Mapping[str, str | None],
    *,
    env: str = "dev",
    bindings: Mapping[str, Binding | None] | None = None,
    run: int = 0,
    actor: Actor | None = None,
    revision: int | None = None,
    takes: Collection[str] = (),
) -> Commit:
    """A commit of entities by name and description; None drops one."""
    return Commit(
        env=env,
        serial=serial,
        objects={
            ("entity", name): None if text is None else document(name, text)
            for name, text in objects.items()
        },
        bindings=bindings or {},
        run=run,
        actor=actor or me(),
        plan={"format": "featurectl.plan/1", "summary": {"create": len(objects)}},
        revision=revision,
        takes=takes,
    )


def names(store: RegistryStore, env: str = "dev", serial: int | None = None) -> dict[str, str]:
    """Entities with their descriptions."""
    documents = store.snapshot(env, serial).documents("entity")
    return {name: found["description"] for name, found in documents.items()}


def generation(name: str, *layouts: int) -> Generation:
    """A generation with the layouts of these numbers."""
    columns = (("temp", "float64"), ("", "list<string>"))
    return Generation(
        name, (("airport", "string"),), tuple(Layout(number, columns) for number in layouts or (1,))
    )


def part_of(view: str = "weather", generation: str = "weather.k3f9", **fields: Any) -> ViewRun:
    """One run's part of a view that covers the hour before noon."""
    given = {
        "layout": 1,
        "fingerprint": "0011223344556677",
        "from_us": NOON - 3600 * SECOND,
        "to_us": NOON,
        "created_bound_us": NOON - 3600 * SECOND,
        "started_us": NOON,
        "finished_us": NOON + SECOND,
        "status": "ok",
        **fields,
    }
    return ViewRun(view, generation, **given)


def opened(path: Path, *, create: bool = True, busy_s: float = 30) -> SqliteRegistry:
    """The registry in a file."""
    return SqliteRegistry.open(path, "flights", create=create, busy_s=busy_s)


def failure(path: Path, *, create: bool = True) -> FeaturectlError:
    """The error that a look at the registry ends in."""
    with pytest.raises(StoreError) as caught:
        opened(path, create=create).snapshot("dev")
    assert str(path) in caught.value.message
    assert caught.value.help
    return caught.value
