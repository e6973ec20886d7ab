"""The forms in which an online answer is handed over."""

from __future__ import annotations

import json
import math
from datetime import date, datetime, timezone
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from served_project import NOON, Project, view

from featurectl.errors import RequestError
from featurectl.wiring.stores import open_online

VALUES = {
    "flag": ("bool", True),
    "small": ("int32", -5),
    "big": ("int64", 2**63 - 1),
    "f32": ("float32", 0.25),
    "f64": ("float64", -0.0),
    "text": ("string", "Zoë \0"),
    "raw": ("bytes", b"\0\xff"),
    "day": ("date", date(1969, 12, 31)),
    "at": ("timestamp", datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=timezone.utc)),
    "price": ("decimal(38,10)", Decimal("1234567890123456789012345678.0123456789")),
    "tags": ("list<string>", ["a", None, ""]),
    "none": ("list<int64>", []),
}
FEATURES = {name: type_name for name, (type_name, _) in VALUES.items()}


@pytest.fixture
def project(tmp_path):
    store = open_online(f"sqlite:///{tmp_path / 'online.db'}")
    project = Project(store)
    project.publish(
        view("fv", FEATURES, keys={"id": "int64", "day": "date"}),
        view("n", {"x": "float64", "k": "int64", "b": "bool", "d": "decimal(5,2)"}),
    )
    row = [value for _, value in VALUES.values()]
    project.load("fv", ([1, date(2024, 1, 1)], row, NOON))
    project.load(
        "n",
        ([1], [0.5, 3, True, Decimal("1.25")], NOON),
        ([2], [math.nan, None, False, None], NOON),
    )
    yield project
    store.close()


KEYS = [{"id": "1", "day": "2024-01-01", "label": 1}, {"id": 2, "day": date(2024, 1, 1)}]


def test_dicts_hold_pythons_own_values(project):
    found, missing = project.read("fv", keys=KEYS).to_dicts()

    assert found == {name: value for name, (_, value) in VALUES.items()}
    assert [type(found[name]) for name in VALUES] == [type(value) for _, value in VALUES.values()]
    assert missing == dict.fromkeys(VALUES)


def test_an_arrow_table_has_the_request_first_and_declared_types(project):
    table = project.read("fv", keys=KEYS, full_names=True).to_arrow()

    assert table.schema.names == ["id", "day", "label", *(f"fv__{name}" for name in VALUES)]
    assert table.schema.types == [
        pa.int64(), pa.date32(), pa.int64(), pa.bool_(), pa.int32(), pa.int64(), pa.float32(),
        pa.float64(), pa.string(), pa.binary(), pa.date32(), pa.timestamp("us", "UTC"),
        pa.decimal128(38, 10), pa.list_(pa.string()), pa.list_(pa.int64()),
    ]  # fmt: skip
    assert table.column("id").to_pylist() == [1, 2]
    assert table.column("label").to_pylist() == [1, None]
    assert table.column("fv__tags").to_pylist() == [["a", None, ""], None]


def test_an_arrow_table_of_no_rows_keeps_the_features_types(project):
    table = project.read("n:x", "n:k", keys=[]).to_arrow()

    assert table.schema == pa.schema([("x", pa.float64()), ("k", pa.int64())])


def test_a_feature_named_like_a_column_of_the_request_makes_no_table(project):
    found = project.read("fv:day", keys=KEYS)

    with pytest.raises(RequestError, match=r'"day".*FC308'):
        found.to_arrow()


def test_a_request_column_of_mixed_types_makes_no_table(project):
    found = project.read("n:x", keys=[{"driver": 1, "note": 1}, {"driver": 1, "note": "x"}])

    with pytest.raises(RequestError, match=r'"note".*FC307'):
        found.to_arrow()


def test_a_matrix_has_nan_for_null(project):
    matrix = project.read("n", keys=[{"driver": 1}, {"driver": 2}, {"driver": 9}]).to_numpy()

    assert matrix.dtype == np.float64
    nan = math.nan
    np.testing.assert_array_equal(
        matrix, [[0.5, 3.0, 1.0, 1.25], [nan, nan, 0.0, nan], [nan, nan, nan, nan]]
    )


def test_a_matrix_of_no_rows_has_its_columns(project):
    assert project.read("n", keys=[]).to_numpy().shape == (0, 4)


@pytest.mark.parametrize("name", ["text", "raw", "day", "at", "tags"])
def test_what_is_no_number_makes_no_matrix(project, name):
    with pytest.raises(TypeError, match=f'"{name}" is a .*, no number'):
        project.read(f"fv:{name}", keys=KEYS).to_numpy()


def test_the_json_document_is_as_documented(project):
    found = project.read("n:x", "n:d", keys=[{"driver": "2", "km": 1.5}, {"driver": 9}])

    assert found.document() == {
        "format": "featurectl.online/1",
        "rows": [
            {
                "keys": {"driver": 2, "km": 1.5},
                "features": {"x": "NaN", "d": None},
                "status": {"x": "PRESENT", "d": "NULL"},
                "event_timestamps": {"x": "2024-01-01T12:00:00Z", "d": "2024-01-01T12:00:00Z"},
            },
            {
                "keys": {"driver": 9},
                "features": {"x": None, "d": None},
                "status": {"x": "NOT_FOUND", "d": "NOT_FOUND"},
                "event_timestamps": {"x": None, "d": None},
            },
        ],
    }


def test_every_value_and_every_request_column_has_a_json_form(project):
    extra = {
        "i": 1, "nan": math.inf, "at": datetime(2024, 1, 1, tzinfo=timezone.utc), "raw": b"\0",
        "d": Decimal("1.5"), "np": np.int64(3), "l": [1.0, date(2024, 1, 1)], "none": None,
    }  # fmt: skip
    document = project.read("fv", keys=[{**KEYS[0], **extra}]).document()

    (row,) = json.loads(json.dumps(document))["rows"]
    assert row["features"] == {
        "flag": True, "small": -5, "big": 2**63 - 1, "f32": 0.25, "f64": -0.0, "text": "Zoë \0",
        "raw": "AP8=", "day": "1969-12-31", "at": "1969-12-31T23:59:59.999999Z",
        "price": "1234567890123456789012345678.0123456789", "tags": ["a", None, ""], "none": [],
    }  # fmt: skip
    assert row["keys"] == {
        "id": 1, "day": "2024-01-01", "label": 1, "i": 1, "nan": "Infinity",
        "at": "2024-01-01T00:00:00Z", "raw": "AA==", "d": "1.5", "np": 3,
        "l": [1.0, "2024-01-01"], "none": None,
    }  # fmt: skip
