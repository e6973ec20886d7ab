"""The table of what each change costs, row by row."""

from __future__ import annotations

from typing import Any

import pytest

from featurectl.definitions.decode import CLASSES
from featurectl.definitions.view import Feature
from featurectl.plan.classify import Around, classify
from featurectl.plan.plan import FieldChange

READ = Around(is_read=True)
HIT = Around(has_effect=True)
FOLLOWS = Around(follows=True)


TABLE: list[tuple[str, str, Any, Any, Around, str]] = [
    ("view", "description", "", "x", READ, "metadata"),
    ("view", "owner", "", "x", READ, "metadata"),
    ("view", "tags.team.x", None, "x", READ, "metadata"),
    ("view", "schedule", None, "1h", READ, "metadata"),
    ("view", "lookback", None, "1d", READ, "metadata"),
    ("view", "prevent_destroy", False, True, READ, "metadata"),
    ("view", "name", "a", "b", READ, "rename"),
    ("view", "entities", ["a", "b"], ["b", "a"], READ, "metadata"),
    ("view", "entities", ["a"], ["b"], Around(), "breaking"),
    ("view", "source", "a", "b", Around(), "metadata"),
    ("view", "source", "a", "b", HIT, "breaking"),
    ("view", "ttl", "1d", "2d", READ, "additive"),
    ("view", "ttl", "1d", "none", READ, "additive"),
    ("view", "ttl", "1d", "60m", READ, "narrowing"),
    ("view", "ttl", "none", "60m", READ, "narrowing"),
    ("view", "known_at", False, True, READ, "additive"),
    ("view", "known_at", True, False, READ, "additive"),
    ("view", "on_stale", "hide", "serve", READ, "additive"),
    ("view", "on_stale", "fail", "hide", READ, "additive"),
    ("view", "on_stale", "serve", "hide", READ, "narrowing"),
    ("view", "on_stale", "hide", "fail", READ, "narrowing"),
    ("view", "online", False, True, READ, "additive"),
    ("view", "online", True, False, Around(), "narrowing"),
    ("view", "online", True, False, READ, "breaking"),
    ("view", "features", ["a", "b"], ["b", "a"], READ, "metadata"),
    ("view", "features.x", None, "int64", Around(), "additive"),
    ("view", "features.x", "int64", None, Around(), "narrowing"),
    ("view", "features.x", "int64", None, READ, "breaking"),
    ("view", "features.x.name", "y", "x", READ, "rename"),
    ("view", "features.x.type", "int32", "int64", READ, "additive"),
    ("view", "features.x.type", "int32", "float64", READ, "additive"),
    ("view", "features.x.type", "float32", "float64", READ, "additive"),
    ("view", "features.x.type", "int64", "int32", Around(), "breaking"),
    ("view", "features.x.type", "int64", "float64", Around(), "breaking"),
    ("view", "features.x.type", "float64", "decimal(10,2)", Around(), "breaking"),
    ("view", "features.x.type", "date", "timestamp", Around(), "breaking"),
    ("view", "features.x.type", "list<date>", "list<timestamp>", Around(), "breaking"),
    ("view", "features.x.type", "decimal(5,2)", "decimal(9,2)", READ, "additive"),
    ("view", "features.x.type", "decimal(5,2)", "decimal(9,4)", READ, "additive"),
    ("view", "features.x.type", "decimal(5,2)", "decimal(5,3)", READ, "breaking"),
    ("view", "features.x.type", "list<int32>", "list<int64>", READ, "additive"),
    ("view", "features.x.type", "list<int64>", "int64", READ, "breaking"),
    ("view", "features.x.default", None, 0, READ, "additive"),
    ("view", "features.x.default", 0, 1, Around(), "narrowing"),
    ("view", "features.x.default", 0, None, Around(), "narrowing"),
    ("view", "features.x.description", "", "x", READ, "metadata"),
    ("view", "features.x.tags.unit", None, "x", READ, "metadata"),
    ("view", "features.name", "int64", None, Around(), "narrowing"),
    ("view", "features.type", None, "int64", Around(), "additive"),
    ("entity", "join_keys", ["a: int64", "b: bool"], ["b: bool", "a: int64"], HIT, "metadata"),
    ("entity", "join_keys", ["a: int64"], ["a: string"], HIT, "breaking"),
    ("entity", "join_keys", ["a: int64"], ["a: string"], Around(), "metadata"),
    ("entity", "description", "", "x", HIT, "metadata"),
    ("source", "description", "", "x", HIT, "metadata"),
    ("source", "path", "a", "b", HIT, "breaking"),
    ("source", "format", None, "csv", HIT, "breaking"),
    ("source", "format", None, "parquet", Around(), "metadata"),
    ("source", "event_timestamp", "a", "none", HIT, "breaking"),
    ("source", "created_timestamp", None, "b", HIT, "breaking"),
    ("source", "columns.a", None, "b", HIT, "breaking"),
    ("source", "columns.a", None, "b", Around(), "metadata"),
    ("service", "owner", "", "x", Around(), "metadata"),
    ("service", "features.v:x", None, "v:x", Around(), "additive"),
    ("service", "features.v:x", "v:x", None, Around(), "breaking"),
    ("service", "features.v:x", "v:y", "v:x", FOLLOWS, "rename"),
    ("service", "features.v:x", "v:y", "v:x", Around(), "breaking"),
    ("service", "features", ["v:x", "v:y"], ["v:y", "v:x"], Around(), "breaking"),
    ("service", "full_names", False, True, Around(), "breaking"),
]


@pytest.mark.parametrize(("kind", "path", "old", "new", "around", "expected"), TABLE)
def test_each_change_has_the_class_of_the_table(*, kind, path, old, new, around, expected) -> None:
    verdict = classify(kind, FieldChange(path, old, new), around)

    assert verdict.change_class == expected


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("entities", ["a"], ["b"], True),
        ("features.x.type", "int64", "string", True),
        ("features.x.type", "int32", "int64", False),
        ("features.type", "int64", None, False),
        ("online", True, False, False),
    ],
)
def test_only_what_makes_other_rows_rebuilds(path, old, new, expected) -> None:
    assert classify("view", FieldChange(path, old, new), READ).rebuilds is expected


def test_a_default_that_a_service_reads_says_so() -> None:
    change = FieldChange("features.x.default", 0, 1)

    assert classify("view", change, READ).note == "services read it"
    assert classify("view", change, Around()).note == ""


HINTS = {"renamed_from"}  # read where the difference is computed, and no part of it
NAMES = {"name"}  # of another name is another object, unless a hint says otherwise


@pytest.mark.parametrize("kind", list(CLASSES))
def test_every_field_that_a_definition_has_is_in_the_table(kind: str) -> None:
    listed = {path.partition(".")[0] for of, path, *_ in TABLE if of == kind}
    shared = {"description", "owner", "tags"}

    assert set(CLASSES[kind].model_fields) - HINTS - NAMES <= listed | shared


def test_every_field_that_a_feature_has_is_in_the_table() -> None:
    listed = {path.split(".")[2] for _, path, *_ in TABLE if path.count(".") > 1}

    assert set(Feature.model_fields) - HINTS <= listed


@pytest.mark.parametrize("shared", ["description", "owner", "tags.team"])
@pytest.mark.parametrize("kind", list(CLASSES))
def test_what_only_people_read_is_metadata_of_every_kind(kind: str, shared: str) -> None:
    around = Around(is_read=True, has_effect=True)

    assert classify(kind, FieldChange(shared, "a", "b"), around).change_class == "metadata"


@pytest.mark.parametrize(
    ("kind", "path"),
    [(kind, "surprise") for kind in CLASSES] + [("view", "features.x.surprise")],
)
def test_a_field_that_is_in_no_row_is_never_let_through(kind: str, path: str) -> None:
    assert classify(kind, FieldChange(path, None, "b"), Around()).change_class == "breaking"
