"""A row from before a type was widened reads as a value of the wider one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from featurectl.definitions.arrow_type import arrow_type
from featurectl.definitions.binding import Layout
from featurectl.definitions.types import widens
from featurectl.online.codec import RowReader, encode

INT32 = 2**31 - 1


@pytest.mark.parametrize(
    ("old", "new", "stored", "read"),
    [
        ("int32", "int64", INT32, INT32),
        ("int32", "float64", -INT32, float(-INT32)),
        ("float32", "float64", 0.5, 0.5),
        ("float32", "float64", float("inf"), float("inf")),
        ("decimal(4,2)", "decimal(6,2)", Decimal("-12.34"), Decimal("-12.34")),
        ("decimal(4,2)", "decimal(7,4)", Decimal("12.30"), Decimal("12.3000")),
        ("decimal(38,2)", "decimal(38,2)", Decimal("1.00"), Decimal("1.00")),
        ("list<int32>", "list<int64>", [INT32, None], [INT32, None]),
        ("list<float32>", "list<float64>", [0.5], [0.5]),
        ("list<decimal(4,2)>", "list<decimal(6,3)>", [Decimal("1.25")], [Decimal("1.250")]),
    ],
)
def test_a_stored_value_is_read_as_the_wider_type(
    old: str, new: str, stored: Any, read: Any
) -> None:
    layouts = [Layout(1, (("x", old),)), Layout(2, (("x", new),))]
    none = pa.array([0, 0], pa.int64())
    columns = {"e": none, "c": none, "hc": pa.array([False, False])}
    values = pa.array([stored, None], arrow_type(old))
    rows = encode(pa.record_batch({**columns, "f0": values}), layouts[0])

    found = [RowReader(layouts, ["x"]).read(row)[2] for row in rows]

    assert widens(old, new) is (old != new)
    assert found == [(read,), (None,)]
    assert str(found[0]) == str((read,))
    assert pa.array([found[0][0]], arrow_type(new)).to_pylist() == [read]
