import io
import re
from pathlib import Path

import pytest

from featurectl.cli.console import Console
from featurectl.cli.failure import report
from featurectl.cli.paint import strip
from featurectl.errors import DefinitionError, FeaturectlError, Location, ManyErrors

PLACE = Location("features/driver.yaml", 12, 3, 7, ((11, "  ttl: 24h"), (12, "  featurs:")))
UNKNOWN_KEY = DefinitionError(
    "FC103", 'unknown key "featurs"', location=PLACE, caret='did you mean "features"?'
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _reported(error: BaseException, *, verbose: bool = False, color: bool = False) -> str:
    stream = Terminal() if color else io.StringIO()
    report(error, Console(err=stream), verbose=verbose, elapsed=0.041)
    return stream.getvalue()


def test_an_error_is_its_frame() -> None:
    assert _reported(UNKNOWN_KEY) == UNKNOWN_KEY.render() + "\n"


def test_many_errors_end_with_their_number() -> None:
    other = DefinitionError("FC112", "x", location=Location("features/trips.yaml", 4, 11))
    nowhere = DefinitionError("FC121", "y")

    lines = _reported(ManyErrors([other, UNKNOWN_KEY, nowhere])).splitlines()

    assert lines[0].startswith("error[FC103]")
    assert lines[-2:] == ["", "3 errors in 2 files (41 ms)"]


def test_colors_are_on_a_terminal_only_and_change_no_character(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)

    painted = _reported(UNKNOWN_KEY, color=True)

    assert "\x1b[31;1merror[FC103]" in painted
    assert strip(painted) == UNKNOWN_KEY.render() + "\n"
    for variable, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
        monkeypatch.setenv(variable, value)
        assert "\x1b" not in _reported(UNKNOWN_KEY, color=True)
        monkeypatch.undo()


def test_an_escape_in_a_file_does_not_reach_the_terminal() -> None:
    place = Location("a.yaml", 1, 1, 1, ((1, "x: \x1b]0;owned\x07"),))

    assert "\x1b" not in _reported(DefinitionError("FC103", "x", location=place))


def test_a_bug_says_so_and_where_its_traceback_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError as error:
        text = _reported(error)

    assert text.startswith("error: this is a bug in featurectl 0.1.0: ZeroDivisionError: division")
    assert "Traceback" not in text
    [file] = tmp_path.iterdir()
    assert str(file) in text
    assert re.search(r"Traceback.*ZeroDivisionError", file.read_text(), re.DOTALL)


def test_verbose_shows_the_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    assert "ValueError: boom" in _reported(ValueError("boom"), verbose=True).split("help:")[1]
    assert "DefinitionError" in _reported(UNKNOWN_KEY, verbose=True)


def test_a_bug_without_a_place_for_the_file_shows_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))

    text = _reported(ValueError("boom"))

    assert "could not be written" in text
    assert text.endswith("ValueError: boom\n")


def test_an_unknown_kind_of_error_renders_too() -> None:
    assert _reported(FeaturectlError("FC999", "x")) == "error[FC999] x\n"
