import pytest

from featurectl.definitions.types import fits, parse_type


@pytest.mark.parametrize("text", ["decimal(10,2)", "list<decimal(38,0)>", "float32", "timestamp"])
def test_the_canonical_text_parses_to_the_same_type(text: str) -> None:
    assert str(parse_type(text)) == text


def test_white_space_plays_no_part() -> None:
    assert str(parse_type(" decimal( 10 , 2 ) ")) == "decimal(10,2)"


@pytest.mark.parametrize(
    "text",
    ["int", "decimal(39,2)", "decimal(2,3)", "decimal(0,0)", "list<list<int64>>", "list<>", ""],
)
def test_what_is_no_type_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"type|precision"):
        parse_type(text)


@pytest.mark.parametrize(
    ("column", "declared", "expected"),
    [
        ("int32", "int64", True),
        ("int32", "float64", True),
        ("int64", "float64", False),
        ("float32", "float64", True),
        ("float64", "float32", False),
        ("date", "timestamp", True),
        ("timestamp", "date", False),
        ("int64", "int32", False),
        ("decimal(10,2)", "decimal(12,2)", True),
        ("decimal(10,2)", "decimal(12,4)", True),
        ("decimal(10,2)", "decimal(11,4)", False),
        ("list<int32>", "list<int64>", True),
        ("list<int64>", "int64", False),
        ("string", "bytes", False),
    ],
)
def test_a_column_fits_when_every_value_converts_without_loss(
    column: str, declared: str, *, expected: bool
) -> None:
    assert fits(parse_type(column), parse_type(declared)) is expected
