import re
from pathlib import Path

import pytest

import featurectl
from featurectl.cli.error_pages import FOLDER, explain, explained_codes
from featurectl.cli.paint import strip
from featurectl.errors import RequestError

PACKAGE = Path(featurectl.__file__).parent


def _used_codes() -> set[str]:
    return {
        code
        for file in PACKAGE.rglob("*.py")
        for code in re.findall(r"\bFC\d{3}\b", file.read_text("utf-8"))
    }


def test_every_code_that_is_raised_has_a_page() -> None:
    assert sorted(_used_codes() - set(explained_codes())) == []


def test_no_page_explains_what_is_never_raised() -> None:
    assert sorted(set(explained_codes()) - _used_codes()) == []


@pytest.mark.parametrize("page", sorted(FOLDER.glob("*")), ids=lambda page: page.stem)
def test_a_page_says_what_it_means_and_what_to_do(page: Path) -> None:
    lines = page.read_text("utf-8").splitlines()

    assert re.fullmatch(rf"# {page.stem}: [A-Z].*[^.]", lines[0])
    assert "What to do" in lines
    assert max(map(len, lines)) <= 82


def test_a_code_is_found_however_it_is_written() -> None:
    assert strip(explain(" fc103")[0]) == "FC103: A key that the language does not have"


def test_an_unknown_code_is_told_with_the_nearest() -> None:
    with pytest.raises(RequestError) as caught:
        explain("FC1033")

    assert caught.value.caret == 'did you mean "FC103"?'
