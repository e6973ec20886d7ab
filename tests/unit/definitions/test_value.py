import math
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import pytest

from featurectl.definitions.value import parse_value, to_json

CASES: list[tuple[Any, str, Any, Any]] = [
    ("42", "int64", 42, 42),
    (-(2**63), "int64", -(2**63), -(2**63)),
    ("0.5", "float64", 0.5, 0.5),
    ("NaN", "float64", math.nan, "NaN"),
    ("-Infinity", "float64", -math.inf, "-Infinity"),
    ("true", "bool", True, True),
    ("012", "string", "012", "012"),
    ("AAE=", "bytes", b"\x00\x01", "AAE="),
    ("1.50", "decimal(10,2)", Decimal("1.50"), "1.50"),
    (1, "decimal(10,2)", Decimal("1.00"), "1.00"),
    ("9" * 38, "decimal(38,0)", Decimal("9" * 38), "9" * 38),
    ("-0." + "9" * 38, "decimal(38,38)", Decimal("-0." + "9" * 38), "-0." + "9" * 38),
    ("2024-01-31", "date", date(2024, 1, 31), "2024-01-31"),
    (
        "2024-01-01T00:00:00+01:00",
        "timestamp",
        datetime(2023, 12, 31, 23, tzinfo=timezone.utc),
        "2023-12-31T23:00:00Z",
    ),
    ([1, None, "3"], "list<int64>", [1, None, 3], [1, None, 3]),
    ([], "list<string>", [], []),
    (None, "int64", None, None),
]


@pytest.mark.parametrize(("given", "type_name", "value", "json_form"), CASES)
def test_values_are_read_by_their_declared_type(
    given: Any, type_name: str, value: Any, json_form: Any
) -> None:
    found = parse_value(given, type_name)
    assert found == value or (math.isnan(value) and math.isnan(found))
    assert to_json(found, type_name) == json_form


@pytest.mark.parametrize(
    ("given", "type_name"),
    [
        (1.5, "int64"),
        ("1.5", "int64"),
        ("01", "int64"),
        ("+1", "int64"),
        (True, "int64"),
        (2**63, "int64"),
        (2**31, "int32"),
        ("yes", "bool"),
        (1, "bool"),
        ("1.005", "decimal(10,2)"),
        ("123456789.00", "decimal(10,2)"),
        ("9" * 39, "decimal(38,0)"),
        (0.1, "decimal(10,2)"),
        ("NaN", "decimal(10,2)"),
        (5, "string"),
        ("2024-02-30", "date"),
        ("20240131", "date"),
        ("2024-W05-3", "date"),
        ("noon", "timestamp"),
        (5, "timestamp"),
        ("abc", "list<string>"),
        ("not base64!", "bytes"),
    ],
)
def test_what_is_not_of_the_type_or_would_lose_something_is_refused(
    given: Any, type_name: str
) -> None:
    with pytest.raises(ValueError, match="is not a"):
        parse_value(given, type_name)
