"""What is as it was applied is not looked at: a plan of few changes is about these alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from applied import applied, apply_to, repository

from featurectl.definitions import decode
from featurectl.definitions.entity import Entity
from featurectl.definitions.service import FeatureService
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import Feature, FeatureView
from featurectl.errors import Location
from featurectl.plan.diff import diff
from featurectl.plan.fit import check_sources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.definitions.definition import Definition

DRIVER = Entity("driver", join_keys={"driver_id": "int64"})
FILE = FileSource("file", path="a.parquet", event_timestamp="t")
MODEL = FeatureService("model", features=["v0", "v1:b"])


def view(name: str, **fields: object) -> FeatureView:
    base = {"entities": ["driver"], "source": "file", "ttl": "1d"}
    features = {"a": "int64", "b": Feature("float64", default=-0.0)}
    return FeatureView(name, **{"features": features, **base, **fields})


OBJECTS = (DRIVER, FILE, *(view(f"v{n}") for n in range(9)), MODEL)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what is decoded from here on."""
    found: list[str] = []
    real = decode.decode

    def listed(kind: str, document: Mapping[str, Any]) -> Definition:
        found.append(document["name"])
        return real(kind, document)

    monkeypatch.setattr(decode, "decode", listed)
    return found


def test_a_plan_that_changes_nothing_decodes_services_alone(decoded: list[str]) -> None:
    snapshot = replace(applied(*OBJECTS))
    decoded.clear()

    assert diff(snapshot, repository(*OBJECTS)).changes == ()
    assert decoded == ["model"]


def test_a_plan_of_one_view_decodes_what_it_stands_on(decoded: list[str]) -> None:
    snapshot = replace(applied(*OBJECTS))
    decoded.clear()
    changed = [view("v3", ttl="2d") if each.name == "v3" else each for each in OBJECTS]

    (change,) = diff(snapshot, repository(*changed)).changes

    assert change.name == "v3"
    assert sorted(decoded) == ["driver", "file", "model", "v3"]


def test_a_source_that_changes_reaches_views_that_are_as_they_were() -> None:
    moved = FILE.model_copy(update={"path": "b.parquet"})
    plan = diff(applied(*OBJECTS), repository(DRIVER, moved, *OBJECTS[2:]))

    assert [change.name for change in plan.changes if change.kind == "view"] == [
        f"v{n}" for n in range(9)
    ]


def test_a_join_key_that_changes_reaches_views_that_are_as_they_were() -> None:
    other = Entity("driver", join_keys={"driver_id": "string"})
    plan = diff(applied(*OBJECTS), repository(other, *OBJECTS[1:]))

    assert sum(change.action == "rebuild" for change in plan.changes) == 9


def test_a_default_that_differs_in_its_sign_alone_is_a_change() -> None:
    features = {"a": "int64", "b": Feature("float64", default=0.0)}
    plan = diff(applied(*OBJECTS), repository(*OBJECTS[:2], view("v0", features=features)))

    (change,) = [change for change in plan.changes if change.name == "v0"]
    assert [field.path for field in change.fields] == ["features.b.default"]


def test_a_hint_that_was_applied_and_stays_is_no_change() -> None:
    renamed = view("new", renamed_from="v0")
    files = repository(DRIVER, FILE, renamed)
    snapshot = apply_to(applied(DRIVER, FILE, view("v0")), files)

    assert diff(snapshot, files).changes == ()


def test_a_document_of_an_earlier_version_is_compared_by_its_fields() -> None:
    """Its fingerprint differs where a field was added since, but nothing has changed."""
    snapshot = applied(*OBJECTS)
    held = snapshot.objects["view", "v0"]
    shorter = {key: value for key, value in held.document.items() if key != "lookback"}
    old = replace(held, document=shorter, fingerprint="of another version")
    snapshot = replace(snapshot, objects={**snapshot.objects, ("view", "v0"): old})

    assert diff(snapshot, repository(*OBJECTS)).changes == ()


class Places(dict[tuple[str, ...], Location]):
    """Fails where a view's place is asked for."""

    def get(self, path: tuple[str, ...], *_default: Any) -> Any:
        assert path[0] == "source", path


def test_no_place_of_a_view_that_fits_is_looked_up() -> None:
    files = replace(repository(*OBJECTS), locations=Places())
    fits = {"driver_id": "int64", "t": "timestamp", "a": "int32", "b": "float32"}

    assert check_sources(files, {"file": fits}) == []
    with pytest.raises(AssertionError, match="view"):
        check_sources(files, {"file": {**fits, "b": "string"}})
