import re

import pytest
import typer

from featurectl import __version__
from featurectl.cli.command import load_command
from featurectl.cli.run import run
from featurectl.cli.tree import ALIASES, COMMANDS

Captured = pytest.CaptureFixture[str]


def _help(capsys: Captured, *arguments: str) -> str:
    assert run([*arguments, "--help"]) == 0
    return capsys.readouterr().out


def test_the_tree_has_every_command_in_its_panel(capsys: Captured) -> None:
    text = _help(capsys)

    for name, entry in COMMANDS.items():
        assert re.search(rf"^{entry.panel}$", text, re.MULTILINE)
        assert re.search(rf"^  {name} +{re.escape(entry.summary)}$", text, re.MULTILINE)
    assert text.index("Examples") < text.index("Start")
    assert max(map(len, text.splitlines())) <= 80
    assert not any(alias in text for alias in ALIASES)


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"]])
def test_nothing_and_h_show_the_tree(arguments: list[str], capsys: Captured) -> None:
    assert run(arguments) == 0
    assert capsys.readouterr().out.startswith(f"featurectl {__version__}: ")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_has_its_examples_before_its_options(
    name: str, capsys: Captured
) -> None:
    text = _help(capsys, name)

    assert text.startswith(f"featurectl {name}: ")
    examples, options = text.split("Examples:\n")[1].split("Options:\n")
    typed = [line for line in examples.splitlines() if re.match(r"  .*featurectl ", line)]
    assert typed
    assert options.rstrip().endswith("(featurectl --help)")
    assert max(map(len, text.splitlines())) <= 115


@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_has_only_options_that_exist(name: str) -> None:
    command = load_command(name)
    known = {option for param in command.params for option in param.opts} | {"--help"}

    for line, _ in command.examples:
        asked = line.split(f"{name} ", 1)[-1] if name in line else ""
        assert set(re.findall(r"(?<= )--[a-z-]+", f" {asked}")) <= known, line


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_does(name: str) -> None:
    for param in load_command(name).params:
        assert param.help or param.hidden, (name, param.name)


def test_a_misspelt_command_is_told_with_the_nearest(capsys: Captured) -> None:
    assert run(["materialise"]) == 2
    text = capsys.readouterr().err
    assert text.startswith("error: no such command: materialise; did you mean materialize?\n")


def test_a_misspelt_option_is_told_with_the_nearest(capsys: Captured) -> None:
    assert run(["history", "--limt", "3"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "error: no such option: --limt; did you mean --limit?"
    assert lines[-1] == "  help: featurectl history --help"


@pytest.mark.parametrize(
    "arguments",
    [
        ["history", "--format", "xml"],
        ["history", "--limit", "0"],
        ["ls", "thing"],
        ["apply", "--allow", "everything"],
        ["get-online", "driver_id"],
        ["get-online", "a=1", "--keys", "x.csv"],
        ["get-historical", "--service", "x"],
        ["get-historical", "--service", "x", "--start", "2024-01-01"],
        ["get-historical", "--service", "x", "--at", "now", "--start", "-1d", "--end", "now"],
        ["get-historical", "--entities", "e.csv", "--at", "now"],
        ["get-historical", "--entities", "e.csv", "--out", "-", "--report", "-"],
    ],
)
def test_a_wrong_call_is_a_usage_error(arguments: list[str], capsys: Captured) -> None:
    assert run(arguments) == 2
    streams = capsys.readouterr()
    assert streams.err.startswith("error: ")
    assert streams.out == ""


def test_options_are_never_left_to_a_default_format_of_rich() -> None:
    command = load_command("plan")

    assert isinstance(command, typer.core.TyperCommand)
    assert command.rich_markup_mode is None
