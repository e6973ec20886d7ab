"""Each file of ``screens/`` is a repository with mistakes, and exactly what the user sees of it."""

import re
import sys
from pathlib import Path

import pytest

SCREENS = sorted(Path(__file__).parent.glob("screens/*.txt"))


def sections(path: Path) -> dict[str, str]:
    """The files of a screen by name, and what is seen under ``screen``."""
    parts = re.split(r"^== (.+)\n", path.read_text(), flags=re.MULTILINE)[1:]
    names, texts = parts[::2], parts[1::2]
    return {name: f"{text.rstrip()}\n" for name, text in zip(names, texts, strict=True)}


def without_columns(screen: str) -> str:
    """A screen as a Python before 3.11 can show it: that one knows the line, not the column.

    So the errors of one line stand in another order: they are compared sorted.
    """
    carets = re.sub(r"^ +\| +\^+", "^", screen, flags=re.MULTILINE)
    errors = re.sub(r"(\.py:\d+):\d+", r"\1", carets).strip().split("\n\n")
    return "\n\n".join(sorted(errors))


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: path.stem)
def test_the_user_sees(path, disk) -> None:
    files = sections(path)
    expected = files.pop("screen")
    for name, text in files.items():
        disk.write(name, text.encode())

    screen = f"{disk.screen()}\n"

    if sys.version_info >= (3, 11):
        assert screen == expected
    else:
        assert without_columns(screen) == without_columns(expected)


def test_no_screen_has_words_of_a_library() -> None:
    seen = "".join(sections(path)["screen"] for path in SCREENS)

    for word in ("pydantic", "input_value", "Input should", "Traceback", "<unicode string>"):
        assert word not in seen


def test_each_code_of_a_definition_is_seen() -> None:
    seen = set(re.findall(r"FC\d{3}", "".join(sections(path)["screen"] for path in SCREENS)))

    expected = "101 102 103 104 105 106 107 108 111 112 113 114 115 116 117"
    assert seen == {f"FC{number}" for number in expected.split()}
