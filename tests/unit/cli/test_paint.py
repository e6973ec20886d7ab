import pytest

from featurectl.cli.paint import pad, paint, readable, shown, strip, width


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("JFK", 3),
        ("", 0),
        ("東京", 4),
        ("e\u0301te\u0301", 3),
        ("ﬁ", 1),
        (paint("東京", "red", "bold"), 4),
    ],
)
def test_width_is_what_a_terminal_shows(text: str, columns: int) -> None:
    assert width(text) == columns


def test_wide_text_is_padded_to_the_same_column() -> None:
    assert [width(pad(text, 6)) for text in ("東京", "JFK", paint("a", "red"))] == [6, 6, 6]
    assert pad("7", 3, right=True) == "  7"
    assert pad("longer", 3) == "longer"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain", "plain"),
        ("naïve 東京", "naïve 東京"),
        ("a\tb\n", "a\\tb\\n"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\u202eabc", "\\u202eabc"),
        ("a\xa0b", "a\\xa0b"),
        ("\udcff", "\\udcff"),
        ("क्\u200dष", "क्\u200dष"),
    ],
)
def test_what_is_not_visible_is_escaped(text: str, seen: str) -> None:
    assert readable(text) == seen


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (None, "-"),
        ("", '""'),
        ("-", '"-"'),
        (" a", '" a"'),
        ("JFK", "JFK"),
        (7, "7"),
        (-1, "-1"),
        (True, "true"),
        (0.5, "0.5"),
    ],
)
def test_a_value_is_never_taken_for_a_missing_one(value: object, seen: str) -> None:
    assert shown(value) == seen


def test_stripped_text_has_no_colors() -> None:
    assert strip(f"{paint('+', 'green')} {paint('', 'red')}x") == "+ x"
