from featurectl.cli.screens.check import check_document, errors_of
from featurectl.errors import DefinitionError, Location, ManyErrors

PLACE = Location("features/a,b.yaml", 12, 3)
ERROR = DefinitionError(
    "FC103", "100% wrong: x", location=PLACE, caret='did you mean "y"?', help=["write y"]
)


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
