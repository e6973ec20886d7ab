"""A saved plan is read back as it was, or refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from applied import applied, repository

from featurectl.definitions.entity import Entity
from featurectl.definitions.service import FeatureService
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import Feature, FeatureView
from featurectl.errors import Location, RequestError
from featurectl.plan.diff import diff
from featurectl.plan.plan import Plan, definitions_hash
from featurectl.plan.saved import read_plan

DRIVER = Entity("driver", join_keys={"driver_id": "int64"})
FILE = FileSource("file", path="a.parquet", event_timestamp="t")


def view(name: str, **fields: object) -> FeatureView:
    base = {"entities": ["driver"], "source": "file", "ttl": "1d"}
    return FeatureView(name, **{"features": {"a": "int64"}, **base, **fields})


def a_plan() -> Plan:
    before = [view("v"), view("w"), view("x", prevent_destroy=True)]
    model = FeatureService("model", features=["v"])
    files = repository(
        DRIVER,
        FILE.model_copy(update={"path": "b.parquet"}),
        view("v", features={"a": "string", "b": {"type": "float64", "default": "NaN"}}),
        view("renamed", renamed_from="w", ttl="2d", tags={"é": "ü"}),
        model,
    )
    places = {("view", "v"): Location("features/v.yaml", 3, 5)}
    plan = diff(applied(DRIVER, FILE, *before, model), replace(files, locations=places))
    return replace(plan, git="3f2a91c", made_by="ada@host", made_at_us=1_700_000_000_123_456)


def test_a_plan_is_read_back_as_it_was_saved() -> None:
    plan = a_plan()

    again = read_plan(plan.to_json())

    assert again == plan
    assert again.document() == plan.document()


def test_the_document_has_the_promised_form() -> None:
    document = a_plan().document()

    assert document["format"] == "featurectl.plan/1"
    assert (document["env"], document["serial"], document["git"]) == ("dev", 1, "3f2a91c")
    assert document["made_at"] == "2023-11-14T22:13:20.123456Z"
    assert document["summary"] == {
        "create": 0, "update": 2, "rebuild": 2, "destroy": 1, "rename": 0,
    }  # fmt: skip
    change = next(found for found in document["changes"] if found["name"] == "v")
    assert (change["kind"], change["action"], change["class"]) == ("view", "rebuild", "breaking")
    assert change["fields"][0]["path"] == "features.a.type"
    assert (change["fields"][0]["old"], change["fields"][0]["new"]) == ("int64", "string")
    assert (change["consumers"], change["file"], change["line"]) == (
        ["model"],
        "features/v.yaml",
        3,
    )
    assert set(change["impact"]) >= {"rows", "keys", "bytes", "seconds"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not a saved plan"),
        ("[1]", "is not a saved plan"),
        ("{}", "is not a saved plan"),
        ('{"format": "featurectl.run/1"}', "has the format 'featurectl.run/1'"),
        ('{"format": "featurectl.plan/1"}', "is damaged"),
        (b"\xff\xfe", "is not a saved plan"),
    ],
)
def test_what_is_no_saved_plan_is_refused(text: str | bytes, words: str) -> None:
    with pytest.raises(RequestError, match="plan.json " + words) as caught:
        read_plan(text, name="plan.json")

    assert caught.value.code == "FC319"


def test_a_plan_with_a_part_missing_is_refused() -> None:
    document = a_plan().document()
    del document["changes"][0]["kind"]

    with pytest.raises(RequestError, match="damaged: KeyError 'kind'"):
        read_plan(json.dumps(document))


def test_definitions_differ_by_content_and_hints_but_not_by_form() -> None:
    one = definitions_hash(repository(DRIVER, FILE, view("v", ttl="48h")))

    assert one == definitions_hash(repository(view("v", ttl="2d"), FILE, DRIVER))
    assert one != definitions_hash(repository(DRIVER, FILE, view("v", ttl="1d")))
    assert one != definitions_hash(repository(DRIVER, FILE, view("v", ttl="48h", renamed_from="w")))
    hinted = view("v", ttl="48h", features={"a": Feature("int64", renamed_from="b")})
    assert one != definitions_hash(repository(DRIVER, FILE, hinted))
