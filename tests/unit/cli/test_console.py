import io
import json

import pytest

from featurectl.cli.console import Console
from featurectl.cli.paint import paint
from featurectl.cli.session import Session


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def test_results_and_notes_go_to_different_streams() -> None:
    out, err = io.StringIO(), io.StringIO()
    console = Console(out=out, err=err)

    console.result(["a", "b"])
    console.note(["c"])
    console.warn("d")

    assert out.getvalue() == "a\nb\n"
    assert err.getvalue() == "c\nwarning: d\n"


def test_quiet_drops_notes_and_keeps_warnings_and_errors() -> None:
    out, err = io.StringIO(), io.StringIO()
    console = Console(quiet=True, out=out, err=err)

    console.result(["a"])
    console.note(["c"])
    console.warn("d")
    console.error(["e"])

    assert out.getvalue() == "a\n"
    assert err.getvalue() == "warning: d\ne\n"


def test_colors_need_a_terminal_and_no_objection(monkeypatch: pytest.MonkeyPatch) -> None:
    def shown(*, color: bool = True, stream: io.StringIO) -> str:
        Console(color=color, out=stream).result([paint("x", "red")])
        return stream.getvalue()

    assert shown(stream=Terminal()) == "\x1b[31mx\x1b[0m\n"
    assert shown(stream=io.StringIO()) == "x\n"
    assert shown(color=False, stream=Terminal()) == "x\n"
    monkeypatch.setenv("NO_COLOR", "1")
    assert shown(stream=Terminal()) == "x\n"
    monkeypatch.setenv("NO_COLOR", "")
    monkeypatch.setenv("TERM", "dumb")
    assert shown(stream=Terminal()) == "x\n"


def test_documents_are_json_in_any_script() -> None:
    out = io.StringIO()

    Console(out=out).document({"city": "東京", "n": 1})

    assert json.loads(out.getvalue()) == {"city": "東京", "n": 1}
    assert "東京" in out.getvalue()


def test_a_document_with_nan_is_a_defect_and_not_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        Console(out=io.StringIO()).document({"x": float("nan")})


def test_nobody_can_be_asked_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))

    assert not Console(err=Terminal()).can_ask


def test_an_answer_is_a_line_and_the_end_of_input_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    err = io.StringIO()
    console = Console(out=io.StringIO(), err=err)
    monkeypatch.setattr("sys.stdin", io.StringIO(" yes \n"))

    assert console.ask("Go on?") == "yes"
    assert console.ask("Again?") == ""
    assert err.getvalue() == "Go on? Again? \n"


def test_the_next_command_names_the_same_repository_and_environment() -> None:
    session = Session()
    session.configure("repo", "my repo")
    session.configure("env", "prod")

    assert session.typed("apply") == "featurectl apply --repo 'my repo' --env prod"
    assert Session().typed("apply") == "featurectl apply"
