from pathlib import Path

import pytest

from featurectl.cli.screens.check import check_document, errors_of, github_lines
from featurectl.errors import DefinitionError, Location, ManyErrors

PLACE = Location("features/a,b.yaml", 12, 3)
ERROR = DefinitionError(
    "FC103", "100% wrong: x", location=PLACE, caret='did you mean "y"?', help=["write y"]
)


def test_an_annotation_names_the_file_from_the_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", "/work")

    [line] = github_lines([ERROR], Path("/work/repo"))

    assert line == (
        "::error title=FC103,file=repo/features/a%2Cb.yaml,line=12,col=3"
        '::100%25 wrong: x%0Adid you mean "y"?%0Awrite y'
    )


def test_an_error_without_a_place_is_an_annotation_too() -> None:
    assert github_lines([DefinitionError("FC110", "no repo")], Path()) == [
        "::error title=FC110::no repo"
    ]


def test_the_document_lists_every_error() -> None:
    document = check_document(errors_of(ManyErrors([ERROR, DefinitionError("FC110", "x")])), None)

    assert (document["format"], document["ok"]) == ("featurectl.check/1", False)
    assert document["errors"][0] == {
        "code": "FC103",
        "message": "100% wrong: x",
        "file": "features/a,b.yaml",
        "line": 12,
        "column": 3,
        "hint": 'did you mean "y"?',
        "notes": [],
        "help": ["write y"],
    }
    assert document["errors"][1]["file"] is None
