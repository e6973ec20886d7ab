"""The order among rows of equal times, which join and materialization share."""

from __future__ import annotations

import math
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest
from sqlglot import exp

from featurectl.definitions.arrow_type import arrow_type
from featurectl.definitions.view import FeatureView
from featurectl.queries.expression import to_sql
from featurectl.queries.order import content_names, content_order, newest_first

NAN, INF = math.nan, math.inf

# From the lowest to the greatest.
ORDERS = {
    "float64": [None, -INF, -1.0, -0.0, 0.0, 5e-324, INF, NAN],
    "float32": [None, -INF, -0.0, 0.0, INF, NAN],
    "int64": [None, -(2**63), -1, 0, 2**63 - 1],
    "bool": [None, False, True],
    "string": [None, "", "\x00", "A", "Z", "a", "aa", "é", "\uffff", "\U0001f600"],
    "bytes": [None, b"", b"\x00", b"\x7f", b"\x80", b"\xff"],
    "decimal(4,2)": [None, Decimal("-1.00"), Decimal("0.10"), Decimal("99.99")],
    "list<float64>": [None, [], [None], [None, 1.0], [-0.0], [0.0], [0.0, None], [1.0], [NAN]],
    "list<string>": [None, [], [None], [""], ["", ""], ["a"], ["a", None], ["a", "b"], ["b"]],
    "list<int64>": [None, [], [None], [-1], [1], [1, None], [1, 0], [2]],
}


def ordered(table: pa.Table, terms: list[exp.Ordered]) -> list[int]:
    query = exp.select(exp.column("i")).from_("rows").order_by(*terms)
    with duckdb.connect() as connection:
        connection.register("rows", table)
        return [row[0] for row in connection.execute(to_sql(query)).fetchall()]


@pytest.mark.parametrize("kind", ORDERS)
def test_content_goes_from_null_over_numbers_to_nan_and_bytewise(kind):
    values = ORDERS[kind]
    mixed = [*range(0, len(values), 2), *range(1, len(values), 2)]
    column = pa.array([values[i] for i in mixed], arrow_type(kind))
    table = pa.table({"i": mixed, "f0": column, "hc": [False] * len(mixed)})
    assert ordered(table, content_order({"f0": kind})) == list(reversed(range(len(values))))


def test_event_time_comes_first_then_created_time_then_features_by_name():
    view = FeatureView("v", source="s", ttl="none", features={"z": "int64", "a": "int64"})
    rows = [(2, 1, 0, 0), (1, 9, 0, 0), (1, 8, 0, 9), (1, 8, 9, 8), (1, 8, 8, 8)]
    e, c, z, a = zip(*rows, strict=True)
    table = pa.table({"i": range(5), "e": e, "c": c, "f0": z, "f1": a, "hc": [True] * 5})
    assert content_names(view) == ["a", "z"]
    assert ordered(table, newest_first(view, ["z", "a"])) == [0, 1, 2, 3, 4]
