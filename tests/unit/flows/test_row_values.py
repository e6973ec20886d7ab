from __future__ import annotations

import math
from datetime import date, datetime, timezone
from decimal import Decimal

import pyarrow as pa
import pytest

from featurectl.definitions.arrow_type import arrow_type
from featurectl.flows.row_values import differing, exact_values, python_value

VALUES = {
    "bool": True,
    "int64": -(2**63),
    "float64": -0.0,
    "float32": 0.5,
    "string": "a\x00é",
    "bytes": b"\xff",
    "decimal(38,2)": Decimal("-0.10"),
    "date": date(1, 1, 1),
    "timestamp": datetime(9999, 12, 31, 23, 59, 59, 999999, timezone.utc),
    "list<float64>": [1.0, None, math.inf],
    "list<timestamp>": [datetime(1970, 1, 1, tzinfo=timezone.utc), None],
    "list<date>": [],
}


def exact(*values: object, kind: str) -> list[object]:
    return exact_values(pa.chunked_array([pa.array(values, arrow_type(kind))]), kind)


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_comes_back_as_python_has_it(kind):
    found, none = (python_value(each, kind) for each in exact(VALUES[kind], None, kind=kind))
    assert repr(found) == repr(VALUES[kind])
    assert none is None


def test_values_are_equal_only_bit_for_bit_and_any_nan_is_another():
    zero, negative, nan, other = exact(0.0, -0.0, math.nan, -math.nan, kind="float64")
    assert zero != negative
    assert nan == other
    assert math.isnan(python_value(nan, "float64"))
    assert exact([0.0], [-0.0], kind="list<float64>")[0] != (negative,)


@pytest.mark.parametrize(
    ("kind", "raw", "nearest"),
    [
        ("timestamp", (1 << 63) - 1, "9999-12-31 23:59:59.999999+00:00"),
        ("timestamp", -(1 << 62), "0001-01-01 00:00:00+00:00"),
        ("date", 1 << 30, "9999-12-31"),
        ("date", -(1 << 30), "0001-01-01"),
    ],
)
def test_what_python_has_no_date_for_is_the_nearest_and_still_told_apart(kind, raw, nearest):
    column = pa.array([raw, raw - 1], {"date": pa.int32()}.get(kind, pa.int64()))
    first, second = exact_values(pa.chunked_array([column.cast(arrow_type(kind))]), kind)
    assert first != second
    assert str(python_value(first, kind)) == nearest


def test_the_first_name_that_differs_is_told():
    assert differing(["a", "b", "c"], [1, 2, 3], [1, 5, 6]) == "b"
    assert differing(["a"], [None], [None]) is None
