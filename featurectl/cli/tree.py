"""The tree of commands: where each one is, in which panel, and its summary in one line.

A command's module is imported when the command is, so that help and completion stay quick.
"""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A command of the tree. ``module`` stands under ``featurectl.cli.commands``."""

    panel: str
    module: str
    summary: str


COMMANDS = {
    "init": Entry("Start", "init", "a new feature repository, from a template"),
    "demo": Entry("Start", "demo", "the whole job on sample data, in a scratch folder"),
    "check": Entry("Define", "check", "parse and validate every file; no store is touched"),
    "plan": Entry("Define", "plan", "what apply would change; changes nothing"),
    "apply": Entry("Define", "apply", "make what is applied equal to the files"),
    "materialize": Entry("Data", "materialize", "load what is new into the online store"),
    "get-historical": Entry("Data", "get_historical", "a training set, correct in time"),
    "get-online": Entry("Data", "get_online", "the newest values, as a model is served them"),
    "dataset": Entry("Data", "dataset", "what a training set was made of; verify; diff"),
    "explain": Entry("Data", "explain", "why a feature had its value then: which row, what lost"),
    "status": Entry("Observe", "status", "how fresh each view is, and what its last run did"),
    "ls": Entry("Observe", "ls", "list what is applied"),
    "show": Entry("Observe", "show", "one object in full"),
    "history": Entry("State", "history", "the runs: who did what, when, how it ended"),
    "rollback": Entry("State", "rollback", "apply again what was applied before"),
    "unlock": Entry("State", "unlock", "the locks that are held; release one"),
    "doctor": Entry("State", "doctor", "configuration and connections, checked"),
}

ALIASES = {  # Feast's names; hidden, and told once on stderr
    "materialize-incremental": "materialize",
    "get-historical-features": "get-historical",
    "get-online-features": "get-online",
}

EXAMPLES = (
    ("featurectl demo", "see it work, on a scratch folder"),
    ("featurectl init fraud && cd fraud", "a repository of your own"),
    ("featurectl plan", "what would change"),
    ("featurectl apply", "change it"),
    ("featurectl materialize", "load the online store"),
    ("featurectl get-historical --service NAME --entities labels.csv --out train.csv", ""),
    ("featurectl get-online --service NAME user_id=1001", ""),
)

GLOBAL_OPTIONS = (
    ("--repo DIR", "the repository's folder, or one below it (default: here)"),
    ("--env NAME", "the environment (default: $FEATURECTL_ENV, else dev)"),
    ("--no-color", "no colors, as with NO_COLOR or in a pipe"),
    ("-q, --quiet", "only results, warnings and errors"),
    ("-v, --verbose", "tracebacks too"),
)


def root_help(version: str) -> str:
    """The tree in panels, examples first."""
    lines = [
        f"featurectl {version}: a feature store for the terminal.",
        "One definition of each feature, for training and for serving.",
        "",
        "Usage: featurectl [--repo DIR] [--env NAME] [--no-color] [-q|-v] COMMAND …",
        "",
        "Examples",
        *_definitions(EXAMPLES, 36),
    ]
    panel = ""
    for name, entry in COMMANDS.items():
        if entry.panel != panel:
            panel = entry.panel
            lines += ["", panel]
        lines.append(f"  {name:<16}{entry.summary}")
    lines += [
        "",
        "Options (before or after the command)",
        *_definitions(GLOBAL_OPTIONS, 16),
        *_definitions(
            (
                ("--version", "the version"),
                ("-h, --help", "this text; after a command: its options and examples"),
                ("--install-completion, --show-completion", ""),
            ),
            16,
        ),
        "",
        "Exit codes: 0 ok, 1 failed, 2 usage, 3 changes pending, 4 refused, 5 conflict.",
    ]
    return "\n".join(lines)


def _definitions(pairs: tuple[tuple[str, str], ...], width: int) -> list[str]:
    return [f"  {term:<{width}}{text}".rstrip() for term, text in pairs]
