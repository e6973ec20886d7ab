"""The JSON Schema of a YAML file of definitions, for editors: from the classes themselves."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from featurectl.repo.kinds import FORMS, SECTIONS

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

# An editor may take a text for a number or a boolean; it is read by its text all the same.
_ANY_TEXT = ["string", "number", "boolean"]

_MEANINGS = {
    "name": "letters, digits and _; unique among objects of this kind",
    "description": "what it is, for people",
    "owner": "who answers for it; else the owner of `defaults`",
    "tags": "texts by key, to find and select by; those of `defaults` come first",
    "join_keys": "the columns that identify one: {NAME: TYPE}",
    "path": "a file, a glob or a folder, relative to the repository",
    "format": "parquet or csv; else by the suffix",
    "created_timestamp": "the column that says when the row became known",
    "columns": "{column in the source: name used everywhere else}",
    "entities": "what the features are about; none means one global row",
    "source": "the name of a source",
    "ttl": "how long a value is valid after its event time: 24h, or none for ever",
    "features": "the features",
    "schedule": "how often new data are expected: freshness is judged by it",
    "lookback": "how far behind the last run late rows are looked for",
    "known_at": "whether training uses only rows that were known by then",
    "on_stale": "what a reader gets for a value older than the ttl",
    "online": "whether it is loaded into the online store",
    "prevent_destroy": "whether removing it is refused",
    "renamed_from": "the name it had before",
    "type": "bool int32 int64 float32 float64 string bytes date timestamp decimal(p,s) list<T>",
    "default": "the value to give in place of a stale one",
    "full_names": "whether output columns are named view__feature",
    "view": "the name of a view",
    "service": "the name of a service",
    "entity": "the name of an entity",
    "change": "the class of the change that is expected, as the plan says it",
    "reason": "why it is on purpose, for who reads the plan",
    "as": "an alias, to use a view more than once",
}


def json_schema() -> dict[str, Any]:
    """The schema of a whole file, with the short forms that YAML takes beside the full ones."""
    models: list[Any] = [(cls, "validation") for cls in FORMS.values()]
    _, shared = models_json_schema(models, by_alias=True)
    return {
        "$schema": _DIALECT,
        "title": "featurectl definitions",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            section: {"type": "array", "items": {"$ref": f"#/$defs/{FORMS[kind].__name__}"}}
            for section, kind in SECTIONS.items()
        },
        "$defs": {name: _part(each) for name, each in shared["$defs"].items()},
    }


def _part(schema: dict[str, Any]) -> dict[str, Any]:
    """A class's schema as an editor should show it: without what only Python knows."""
    summary = schema["description"].partition("\n")[0].partition(":")[0]
    properties = {
        key: {"description": _MEANINGS.get(key, each.get("description", "")), **_value(each)}
        for key, each in schema["properties"].items()
    }
    return {**_value(schema), "description": summary, "properties": properties}


def _value(schema: dict[str, Any]) -> dict[str, Any]:
    """A value's schema: null is no value in YAML, and any scalar is a text."""
    choices = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    found = {key: each for key, each in schema.items() if key not in ("title", "description")}
    if found.get("default", "") is None:
        del found["default"]
    if len(choices) == 1:
        del found["anyOf"]
        found = {**choices[0], **found}
    elif choices:
        found["anyOf"] = [_value(each) for each in choices]
    if found.get("type") == "string" and not {"pattern", "enum"} & set(found):
        found["type"] = _ANY_TEXT
    for key in ("items", "additionalProperties"):
        if isinstance(found.get(key), dict):
            found[key] = _value(found[key])
    if "patternProperties" in found:
        patterns = found["patternProperties"].items()
        found["patternProperties"] = {pattern: _value(each) for pattern, each in patterns}
        found["additionalProperties"] = False
    return found
