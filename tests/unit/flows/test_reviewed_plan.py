"""A reviewed line counts once in each environment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from applied import repository, suffixes
from registries import me

from featurectl.definitions.acknowledgement import acknowledge
from featurectl.definitions.entity import Entity
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import Feature, FeatureView
from featurectl.flows.reviewed_plan import reviewed_plan
from featurectl.plan.bindings import rebind
from featurectl.plan.documents import documents
from featurectl.registry.protocol import Commit
from featurectl.registry.sqlite import SqliteRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from featurectl.definitions.repository import Repository
    from featurectl.plan.plan import Plan


def files(ttl: str, *reasons: str) -> Repository:
    """A view of that ttl, and a line that expects a shorter one for each reason."""
    view = FeatureView(
        "v", entities=["driver"], source="file", ttl=ttl, features={"a": "int64"}, description=ttl
    )
    lines = tuple(acknowledge(view="v", change="narrowing", reason=reason) for reason in reasons)
    entity = Entity("driver", join_keys={"driver_id": "int64"})
    source = FileSource("file", path="a.parquet", event_timestamp="t")
    return replace(repository(entity, source, view), acknowledgements=lines)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[SqliteRegistry]:
    found = SqliteRegistry.open(tmp_path / "registry.db", "demo", create=True)
    yield found
    found.close()


def applied(registry: SqliteRegistry, now: Repository, env: str = "dev") -> Plan:
    """The plan for the files, once it was carried out."""
    snapshot = registry.snapshot(env)
    plan = reviewed_plan(snapshot, now, registry)
    run = registry.begin("apply", env, snapshot.serial, me())
    bindings = rebind(snapshot, now, plan, suffixes(), {})
    registry.commit(
        Commit(
            env, snapshot.serial, documents(plan, snapshot, now), bindings, run, me(),
            plan.document(),
        )
    )  # fmt: skip
    return plan


def covered(plan: Plan) -> list[str]:
    return [change.acknowledged for change in plan.changes if change.kind == "view"]


def test_a_line_covers_the_first_change_of_its_class_and_no_later_one(registry) -> None:
    applied(registry, files("4d", "less"))
    first = applied(registry, files("3d", "less"))
    later = reviewed_plan(registry.snapshot("dev"), files("2d", "less"), registry)

    assert covered(first) == ["less (the files)"]
    assert covered(later) == [""]
    (note,) = later.notes
    assert note == (
        "the files: acknowledge of narrowing of view v was applied in env dev by run #2, and is "
        "ignored since: it can go, unless another env waits for it; another change needs a line "
        "with a reason of its own"
    )


def test_a_line_with_another_reason_is_another_line(registry) -> None:
    applied(registry, files("4d", "less"))
    applied(registry, files("3d", "less"))

    assert covered(applied(registry, files("2d", "less still"))) == ["less still (the files)"]
    assert covered(applied(registry, files("1d", "less"))) == [""]


def test_a_line_counts_in_each_environment(registry) -> None:
    for env in ("dev", "prod"):
        applied(registry, files("4d", "less"), env)

    assert covered(applied(registry, files("3d", "less"), "dev")) == ["less (the files)"]
    assert covered(applied(registry, files("3d", "less"), "prod")) == ["less (the files)"]


def test_a_line_that_was_not_needed_then_counts_later(registry) -> None:
    applied(registry, files("3d", "less"))
    applied(registry, files("4d", "less"))

    assert covered(applied(registry, files("2d", "less"))) == ["less (the files)"]


def test_lines_for_the_parts_of_one_change_are_used_up_together(registry) -> None:
    """One line for the change of the type, and one for the ttl that is shorter beside it."""
    own = acknowledge(view="v", change="breaking", reason="text from now on")
    applied(registry, files("4d"))
    both = files("3d", "less")
    view = both.views["v"].model_copy(update={"features": {"a": Feature("string")}})
    both = replace(both, views={"v": view}, acknowledgements=(own, *both.acknowledgements))

    plan = applied(registry, both)
    later = replace(both, views={"v": view.model_copy(update={"ttl": 3_600_000_000})})

    assert covered(plan) == ["text from now on (the files); less (the files)"]
    assert covered(reviewed_plan(registry.snapshot("dev"), later, registry)) == [""]


def test_a_line_with_the_same_reason_for_another_object_or_class_is_not_used_up(registry) -> None:
    def two(ttl: str, other: str) -> Repository:
        found = files(ttl, "less")
        second = found.views["v"].model_copy(update={"name": "w", "description": ""})
        more = acknowledge(view="w", change="narrowing", reason="less")
        removal = acknowledge(view="v", change="destroy", reason="less")
        ttl_us = files(other).views["v"].ttl
        return replace(
            found,
            views={**found.views, "w": second.model_copy(update={"ttl": ttl_us})},
            acknowledgements=(*found.acknowledgements, more, removal),
        )

    applied(registry, two("4d", "4d"))
    assert covered(applied(registry, two("3d", "4d"))) == ["less (the files)"]
    assert covered(applied(registry, two("3d", "2d"))) == ["less (the files)"]

    gone = replace(two("3d", "2d"), views={"w": two("3d", "2d").views["w"]})
    plan = reviewed_plan(registry.snapshot("dev"), gone, registry)
    assert [(change.name, change.acknowledged) for change in plan.changes] == [
        ("v", "less (the files)")
    ]
