"""A row of a training set: its keys, its time, and how it was asked for, from the manifest."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from joining import Joining, times, us

from featurectl.errors import RequestError
from featurectl.flows.dataset_file import DatasetFile
from featurectl.flows.explain_dataset import question_of_row

SERVICE = [
    {"view": "v", "as": "origin", "join_keys": {"airport": "from"}},
    {"view": "v", "as": "dest", "join_keys": {"airport": "to"}, "features": ["temp"]},
]


@pytest.fixture
def joining(tmp_path) -> Joining:
    joining = Joining(tmp_path)
    joining.entity("airport", airport="string")
    columns = {"airport": ["JFK", "LAX"], "ts": times("10:00", "11:00"), "temp": [1, 2]}
    joining.source("v", columns)
    joining.view("v", ["airport"], {"temp": "int64"})
    joining.service("s", *SERVICE, full_names=True)
    return joining


def written(joining: Joining, **request: Any) -> DatasetFile:
    rows = {
        "from": ["JFK", "LAX", None],
        "to": ["LAX", "JFK", "JFK"],
        "at": times("12:00", None, "12:30"),
        "origin__temp": pa.array([1, None, None], pa.int64()),
        "dest__temp": pa.array([2, None, 9], pa.int64()),
    }
    path = joining.root / "train.parquet"
    pq.write_table(pa.table(rows), path, row_group_size=1)
    asked = {"service": "s", "event_timestamp": "at", **request}
    return DatasetFile(path, {"request": asked, "result": {"rows": 3, "kind": "parquet"}})


@pytest.mark.parametrize(
    ("feature", "row", "expected"),
    [
        ("origin__temp", 1, (["JFK"], us("12:00"), {"temp": 1})),
        ("dest:temp", 1, (["LAX"], us("12:00"), {"temp": 2})),
        ("dest", 2, (["JFK"], None, {"temp": None})),
        ("origin", 3, ([None], us("12:30"), {"temp": None})),
        ("dest__temp", 3, (["JFK"], us("12:30"), {"temp": 9})),
    ],
)
def test_a_row_is_asked_by_its_own_columns_whatever_the_alias(feature, row, expected, joining):
    found = question_of_row(written(joining), row, feature, joining.repository)
    assert (found.question.keys, found.question.at_us, found.recorded) == expected
    assert found.question.use.view == "v"


def test_the_cutoff_is_that_of_the_request(joining):
    dataset = written(joining, known_at=True)
    assert question_of_row(dataset, 1, "dest", joining.repository).question.known_at


@pytest.mark.parametrize(
    ("request_", "row", "feature", "told"),
    [
        ({"as_served": True}, 1, "dest", "made as served"),
        ({"by_moon": True}, 1, "dest", '"by_moon", which this version does not know'),
        ({}, 0, "dest", "has no row 0"),
        ({}, 4, "dest", "has no row 4"),
        ({}, 1, "v:temp", 'has no feature "v:temp"'),
        ({"event_timestamp": "when"}, 1, "dest", 'has no column "when" any more'),
    ],
)
def test_what_can_t_be_explained_is_refused(request_, row, feature, told, joining):
    with pytest.raises(RequestError, match=told) as caught:
        question_of_row(written(joining, **request_), row, feature, joining.repository)
    assert caught.value.code == "FC336"


def test_a_file_that_has_lost_rows_says_so(joining):
    dataset = written(joining)
    pq.write_table(pq.read_table(dataset.path).slice(0, 1), dataset.path)
    with pytest.raises(RequestError, match="has no row 3 any more"):
        question_of_row(dataset, 3, "dest", joining.repository)
