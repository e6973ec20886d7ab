"""The schema is checked without a validator of its own: the few keywords that it uses are here."""

import re
from pathlib import Path

import pytest
import yaml

from featurectl.repo.kinds import FORMS, KEYS_NOT_YET, SECTIONS_NOT_YET, keys_of
from featurectl.repo.schema import json_schema

ROOT = Path(__file__).parents[3]
TYPES = {
    "string": str,
    "boolean": bool,
    "number": (int, float),
    "array": list,
    "object": dict,
}
KNOWN = {
    "$ref",
    "$schema",
    "$defs",
    "title",
    "description",
    "default",
    "type",
    "enum",
    "pattern",
    "minLength",
    "maxLength",
    "anyOf",
    "items",
    "minItems",
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
}


def problems(value, schema, root, at="") -> list[str]:
    """What is wrong with a value by the schema."""
    assert set(schema) <= KNOWN
    if "$ref" in schema:
        return problems(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, at)
    if "anyOf" in schema:
        found = [problems(value, each, root, at) for each in schema["anyOf"]]
        return [] if [] in found else found[-1]
    types = schema.get("type", list(TYPES))
    types = [types] if isinstance(types, str) else types
    if not isinstance(value, tuple(TYPES[each] for each in types if each != "number")) and not (
        "number" in types and isinstance(value, (int, float))
    ):
        return [f"{at}: type"]
    if isinstance(value, str):
        return text_problems(value, schema, at)
    if isinstance(value, list):
        found = [] if len(value) >= schema.get("minItems", 0) else [f"{at}: minItems"]
        for index, item in enumerate(value):
            found += problems(item, schema.get("items", {}), root, f"{at}[{index}]")
        return found
    return mapping_problems(value, schema, root, at) if isinstance(value, dict) else []


def text_problems(value, schema, at) -> list[str]:
    wrong = [
        "enum" in schema and value not in schema["enum"],
        "pattern" in schema and not re.search(schema["pattern"], value),
        not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)),
    ]
    return [f"{at}: text"] if any(wrong) else []


def mapping_problems(value, schema, root, at) -> list[str]:
    found = [f"{at}: lacks {key}" for key in schema.get("required", ()) if key not in value]
    found += [f"{at}: empty"] if len(value) < schema.get("minProperties", 0) else []
    found += [f"{at}: too many"] if len(value) > schema.get("maxProperties", len(value)) else []
    for key, item in value.items():
        inner = f"{at}.{key}"
        found += text_problems(key, schema.get("propertyNames", {}), inner)
        if key in schema.get("properties", {}):
            found += problems(item, schema["properties"][key], root, inner)
            continue
        patterns = schema.get("patternProperties", {})
        matching = [each for pattern, each in patterns.items() if re.search(pattern, key)]
        others = schema.get("additionalProperties", True)
        for each in matching or ([others] if isinstance(others, dict) else []):
            found += problems(item, each, root, inner)
        if not matching and others is False:
            found.append(f"{inner}: unknown")
    return found


def wrong(text: str) -> list[str]:
    schema = json_schema()
    return problems(yaml.safe_load(text), schema, schema)


@pytest.mark.parametrize(
    "path",
    [*ROOT.glob("example_repo/features/*.yaml"), *ROOT.glob("templates/*/features/*.yaml")],
    ids=lambda path: f"{path.parts[-3]}/{path.name}",
)
def test_the_files_that_are_shipped_fit(path) -> None:
    assert wrong(path.read_text()) == []


def test_short_and_long_forms_fit() -> None:
    text = """
        entities: [{name: user, join_keys: {user_id: int64}, tags: {level: 1, on_call: true}}]
        sources: [{name: orders, path: x, event_timestamp: none, columns: {a b: c}, format: csv}]
        feature_views:
          - name: spend
            source: orders
            ttl: none
            schedule: 24h
            features:
              amount: float64
              price: {type: "decimal( 10, 2 )", default: 1.5, renamed_from: cost}
              items: list<string>
        feature_services:
          - name: model
            features:
              - spend
              - spend:amount
              - {view: spend, as: other, join_keys: {user_id: friend}, features: [amount]}
        acknowledge:
          - {view: old_spend, change: destroy, reason: nobody reads it}
    """

    assert wrong(text) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("views: []", ".views: unknown"),
        ("entities: {}", ".entities: type"),
        ("entities: [user]", ".entities[0]: type"),
        ("entities: [{name: 1st, join_keys: {a: int64}}]", ".entities[0].name: text"),
        ("entities: [{name: a, join_keys: {a: float64}}]", ".entities[0].join_keys.a: text"),
        ("entities: [{name: a, join_keys: {a b: int64}}]", ".entities[0].join_keys.a b: unknown"),
        ("entities: [{name: a, join_keys: {}}]", ".entities[0].join_keys: empty"),
        ("entities: [{name: a}]", ".entities[0]: lacks join_keys"),
        ("sources: [{name: a, path: x}]", ".sources[0]: lacks event_timestamp"),
        (
            "sources: [{name: a, path: x, event_timestamp: t, format: x}]",
            ".sources[0].format: text",
        ),
        (
            "feature_services: [{name: a, features: [a:b:c]}]",
            ".feature_services[0].features[0]: type",
        ),
        ("feature_services: [{name: a, features: []}]", ".feature_services[0].features: minItems"),
        ("acknowledge: [{view: a, source: b, change: destroy}]", ".acknowledge[0]: lacks reason"),
        ("acknowledge: [{view: a, change: x, reason: b}]", ".acknowledge[0].change: text"),
        ("acknowledge: [{change: destroy, reason: b}]", ".acknowledge[0]: empty"),
        (
            "acknowledge: [{view: a, source: a, change: destroy, reason: b}]",
            ".acknowledge[0]: too many",
        ),
    ],
)
def test_what_does_not_fit_is_found(text, problem) -> None:
    assert wrong(text) == [problem]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("ttl: 24 hours", ".ttl: text"),
        ("on_stale: hid", ".on_stale: text"),
        ("online: maybe", ".online: type"),
        ("lookback: none", ".lookback: text"),
        ("featurs: {}", ".featurs: unknown"),
        ("every: 1d", ".every: unknown"),
        ("description:", ".description: type"),
    ],
)
def test_a_view_that_does_not_fit(change, problem) -> None:
    text = f"feature_views: [{{name: a, source: s, ttl: 1h, features: {{n: int64}}, {change}}}]"
    view = yaml.safe_load(text.replace("ttl: 1h, ", "") if change.startswith("ttl") else text)
    schema = json_schema()

    assert problems(view, schema, schema) == [f".feature_views[0]{problem}"]


def test_the_schema_lists_the_keys_that_are_read_and_no_others() -> None:
    schema = json_schema()

    for cls in FORMS.values():
        assert list(schema["$defs"][cls.__name__]["properties"]) == keys_of(cls)
    later = {*SECTIONS_NOT_YET, *(key for keys in KEYS_NOT_YET.values() for key in keys)}
    assert not later & {key for part in schema["$defs"].values() for key in part["properties"]}
    assert not later & set(schema["properties"])


def test_every_key_is_explained() -> None:
    for part in json_schema()["$defs"].values():
        assert all(each["description"] for each in part["properties"].values())
