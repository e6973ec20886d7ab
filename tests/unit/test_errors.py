import pytest

from featurectl.errors import DefinitionError, Location, ManyErrors, raise_all


def test_an_error_shows_place_line_and_caret() -> None:
    place = Location("features/driver.yaml", 12, 3, 7, ((11, "  ttl: 24h"), (12, "  featurs:")))
    error = DefinitionError(
        "FC103", 'unknown key "featurs"', location=place, caret='did you mean "features"?'
    )

    assert error.render().splitlines() == [
        'error[FC103] unknown key "featurs"',
        "  --> features/driver.yaml:12:3",
        "   |",
        "11 |   ttl: 24h",
        "12 |   featurs:",
        '   |   ^^^^^^^ did you mean "features"?',
    ]


def test_an_error_without_a_place_lists_notes_and_help_under_it() -> None:
    error = DefinitionError("FC301", "x", caret="did you mean y?", notes=["n"], help=["h"])

    assert error.render().splitlines() == [
        "error[FC301] x",
        "  help: did you mean y?",
        "  note: n",
        "  help: h",
    ]


def test_several_errors_come_in_the_order_of_their_places() -> None:
    later = DefinitionError("FC103", "b", location=Location("b.yaml", 1, 1))
    sooner = DefinitionError("FC103", "a", location=Location("a.yaml", 9, 1))

    with pytest.raises(ManyErrors) as caught:
        raise_all([later, sooner])

    assert caught.value.errors == (sooner, later)


def test_carets_stand_under_wide_characters() -> None:
    place = Location("a.yaml", 1, 6, 2, ((1, "名前: [日本]"),))
    error = DefinitionError("FC105", "wrong", location=place)

    assert error.render().splitlines()[-2:] == [" 1 | 名前: [日本]", "   |        ^^^^"]
