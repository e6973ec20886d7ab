"""What two manifests differ in, as it is told."""

from __future__ import annotations

import pytest

from featurectl.flows.input_check import shown_value
from featurectl.flows.manifest_diff import manifest_differences

WHOLE = {
    "definitions": [],
    "sources": [],
    "entities": {"sha256": "e", "rows": 10},
    "request": {"kind": "frame"},
    "registry": {"serial": 1},
    "project": "shop",
    "env": "dev",
    "git": None,
    "versions": {},
}


def part_of_split(name: str) -> dict:
    parts = [{"name": each, "asked": 0.5, "rows": 5} for each in ("train", "test")]
    split = {"parts": parts, "by": "time", "shared_entities": 0}
    request = WHOLE["request"] | {"prove": True, "split": "train=0.5,test", "seed": 0}
    return WHOLE | {"request": request, "part": {"name": name, "split": split}}


def differences(ours: dict, theirs: dict) -> list[str]:
    return [f"{each.subject} {each.text}" for each in manifest_differences(ours, theirs)]


def test_a_part_differs_from_the_whole_by_its_name_and_its_request() -> None:
    assert differences(WHOLE, part_of_split("train")) == [
        "request prove none -> true",
        "request seed none -> 0",
        "request split none -> train=0.5,test",
        "part the whole -> train",
    ]
    assert differences(part_of_split("train"), part_of_split("test")) == ["part train -> test"]
    assert differences(part_of_split("test"), part_of_split("test")) == []


def test_sql_is_told_in_one_line() -> None:
    asked = WHOLE | {"request": {"kind": "frame", "sql": "\n  SELECT 1\n  FROM trips"}}

    assert differences(WHOLE, asked) == ["request sql none -> SELECT 1 FROM trips"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        ({}, "none"),
        (0, "0"),
        (False, "false"),
        ("2d", "2d"),
        (["a:x", {"view": "b", "online": True}], "[a:x, {view: b, online: true}]"),
        ({"tier": "gold", "team": "eta"}, "{tier: gold, team: eta}"),
    ],
)
def test_values_are_told_as_they_are_written_in_a_definition(value: object, text: str) -> None:
    assert shown_value(value) == text
