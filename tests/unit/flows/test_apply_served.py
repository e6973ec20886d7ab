"""What readers of the online store see while definitions change, in each kind of store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from applied import repository
from loading import Loading, source, view

from featurectl.client.online_client import OnlineClient
from featurectl.definitions.entity import Entity
from featurectl.definitions.service import FeatureService
from featurectl.definitions.view import Feature
from featurectl.flows.apply import ApplyRequest, ApplyResult, apply, make_plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from featurectl.definitions.definition import Definition

DRIVER = Entity("driver", join_keys={"id": "int64"})
COLUMNS = {"x": "float64", "n": "int32", "f": "float32"}
ROWS = [(1, "10:00", 0.5, 7, 0.25), (2, "12:00", 1.5, 8, 1.25)]
XN = {"x": "float64", "n": "int32"}


class Served(Loading):
    """A project whose definitions are applied as a person does, and whose values are read back."""

    def change(self, *objects: Definition) -> ApplyResult:
        files = repository(DRIVER, *objects)
        plan = make_plan(files, self.registry, self.engine, env=self.env, actor=self.actor)
        return apply(
            plan, files, self.registry, self.online, self.actor, ApplyRequest(0, saved=True)
        )

    def read(self, *features: str, service: str | None = None) -> list[tuple[Any, ...]]:
        """The values of drivers 1 and 2, by a reader that keeps its manifest."""
        self.client = getattr(self, "client", None) or OnlineClient.over(self.online, "demo", "dev")
        asked = {"service": service} if service else {"features": list(features)}
        found = self.client.get_online_features(keys=[{"id": 1}, {"id": 2}], **asked)
        return [tuple(row.values()) for row in found.to_dicts()]


@pytest.fixture
def served(tmp_path: Path, online_url: str) -> Iterator[Served]:
    found = Served(tmp_path, online_url)
    found.write("stats.parquet", ROWS, COLUMNS)
    found.change(source(), view(features=XN))
    found.run(end="12:00")
    yield found
    found.close()


def test_a_renamed_view_is_served_at_once_from_the_same_rows(served: Served) -> None:
    before = served.read("stats:x")

    served.change(source(), view("scores", source="stats", features=XN, renamed_from="stats"))

    assert before == [(0.5,), (1.5,)]
    assert served.read("scores:x", "scores:n") == [(0.5, 7), (1.5, 8)]


def test_a_renamed_feature_is_served_at_once_from_the_same_rows(served: Served) -> None:
    features = {"y": Feature("float64", renamed_from="x"), "n": "int32"}

    served.change(source(columns={"x": "y"}), view(features=features))

    assert served.read("stats:y", "stats:n") == [(0.5, 7), (1.5, 8)]
    served.write("stats.parquet", [*ROWS, (1, "13:00", 9.5, 9, 0.0)], COLUMNS)
    served.run(end="14:00")
    assert served.read("stats:y") == [(9.5,), (1.5,)]


def test_an_added_feature_reads_as_its_default_until_it_is_filled(served: Served) -> None:
    more = {**XN, "f": Feature("float32", default=-1)}

    served.change(source(), view(features=more))

    assert served.read("stats:x", "stats:f") == [(0.5, -1.0), (1.5, -1.0)]
    served.run()
    assert served.read("stats:x", "stats:f") == [(0.5, 0.25), (1.5, 1.25)]


@pytest.mark.parametrize("wide", ["int64", "float64"])
def test_a_widened_feature_is_served_as_the_wider_type_before_and_after_the_fill(
    served: Served, wide: str
) -> None:
    served.change(source(), view(features={"x": "float64", "n": wide}))

    before = served.read("stats:n")
    served.run()

    kind = {"int64": int, "float64": float}[wide]
    for found in (before, served.read("stats:n")):
        assert found == [(7,), (8,)]
        assert [type(value) for (value,) in found] == [kind, kind]


def test_a_breaking_change_is_served_as_before_until_it_is_filled(served: Served) -> None:
    served.change(source(columns={"n": "x"}), view(features={"x": "int32"}))

    assert served.read("stats:x") == [(0.5,), (1.5,)]
    served.run()
    assert served.read("stats:x") == [(7,), (8,)]


def test_a_removed_feature_added_again_has_no_value_until_it_is_filled(served: Served) -> None:
    served.change(source(), view(features={"n": "int32"}))

    served.change(source(), view(features=XN))

    assert served.read("stats:x", "stats:n") == [(None, 7), (None, 8)]
    served.run()
    assert served.read("stats:x", "stats:n") == [(0.5, 7), (1.5, 8)]


def test_a_service_that_names_a_view_whole_gets_a_new_feature_at_the_end(served: Served) -> None:
    model = FeatureService("model", features=["stats"])
    served.change(source(), view(features=XN), model)

    served.change(source(), view(features={"f": "float32", **XN}), model)
    served.run()

    assert served.read(service="model") == [(0.5, 7, 0.25), (1.5, 8, 1.25)]


def test_other_join_keys_serve_from_the_flip_on(served: Served) -> None:
    """The entity's key is read from another column: until then, readers keep to the old one."""
    keys = Entity("driver", join_keys={"driver": "int64"})

    files = repository(keys, source(columns={"id": "driver"}), view(features=XN))
    plan = make_plan(files, served.registry, served.engine, env="dev", actor=served.actor)
    apply(plan, files, served.registry, served.online, served.actor, ApplyRequest(0, saved=True))

    assert served.read("stats:n") == [(7,), (8,)]
    served.run()
    client = OnlineClient.over(served.online, "demo", "dev")
    found = client.get_online_features(keys=[{"driver": 2}], features=["stats:n"])
    assert found.to_dicts() == [{"n": 8}]


def test_a_destroyed_view_is_gone_for_readers_and_from_the_store(served: Served) -> None:
    generation = served.generation("stats")

    result = served.change(source())

    assert result.swept == {generation: 2}
    assert served.online.count("demo", generation) == 0
    manifest = served.online.read("demo", "dev")
    assert manifest is not None
    assert manifest.views == {}


def test_a_project_that_is_called_alike_keeps_its_rows(
    served: Served, tmp_path: Path, online_url: str
) -> None:
    other = Loading(tmp_path, online_url, project="demo2")
    other.apply(DRIVER, source(), view(features=XN))
    other.run()

    served.change(source())

    assert other.stored("stats", 1, 2) == {1: (0.5, 7), 2: (1.5, 8)}
    other.close()
