"""Errors and plans as annotations on GitHub: workflow commands with file and line.

GitHub shows ten annotations of each level for a step and drops the others without a word. So the
severest come first, and where there are more than ten the tenth says how many: those are lines of
the log.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from featurectl.cli.figures import plural
from featurectl.cli.paint import readable, strip
from featurectl.cli.screens.backfill import online_facts
from featurectl.cli.screens.change_text import (
    by_class,
    refused,
    renamed,
    severest_first,
    why,
    worst_fields,
)
from featurectl.cli.screens.impact_text import cost_text
from featurectl.plan.impact import total_impact
from featurectl.repo.git import git_root

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.errors import FeaturectlError
    from featurectl.plan.plan import Change, Plan

Level = Literal["error", "warning", "notice"]
_LEVELS: tuple[Level, ...] = ("error", "warning", "notice")
_SHOWN = 10  # of each level and step
_LONGEST = 2_000  # characters of a text: GitHub cuts annotations at 64 KB, a reader sooner


@dataclass(frozen=True)
class Annotation:
    """A remark on a line of a file, which is named from the root of the git repository.

    Without a file it stands at the run as a whole; ``line`` and ``column`` count from 1, 0 for
    none.
    """

    level: Level
    title: str
    text: str
    file: str = ""
    line: int = 0
    column: int = 0


def error_annotations(errors: Sequence[FeaturectlError], root: Path) -> list[Annotation]:
    """One for each error, in their order. ``root`` is the feature repository's folder."""
    start = git_path(root)
    found = []
    for error in errors:
        at = error.location
        text = "\n".join(part for part in (error.message, error.caret, *error.help) if part)
        place = (f"{start}{at.file}", at.line, at.column) if at else ()
        found.append(Annotation("error", error.code, text, *place))
    return found


def plan_annotations(plan: Plan, root: Path) -> list[Annotation]:
    """The summary, then one for each change, the severest first.

    What an apply on merge refuses is an error; what it would refuse but for an acknowledgement in
    the files is a warning; all else is a notice.
    """
    start = git_path(root)
    refusals = {id(change) for change in refused(plan)}
    found = [_summary(plan, len(refusals))]
    for change in severest_first(plan):
        is_refused = id(change) in refusals
        level: Level = "error" if is_refused else "warning" if change.acknowledged else "notice"
        file, line = _place(change)
        found.append(
            Annotation(
                level,
                f"{change.change_class}: {change.kind} {renamed(change)}",
                "\n".join(_told(change, is_refused=is_refused)),
                f"{start}{file}" if file else "",
                line,
            )
        )
    return found


def workflow_commands(annotations: Sequence[Annotation]) -> list[str]:
    """The lines that GitHub reads, errors first; what it would not show is plain text below."""
    commands: list[str] = []
    rest: list[str] = []
    for level in _LEVELS:
        found = [each for each in annotations if each.level == level]
        shown = found if len(found) <= _SHOWN else found[: _SHOWN - 1]
        commands += [_command(each) for each in shown]
        left = found[len(shown) :]
        if left:
            text = f"and {plural(len(left), level)} more: see the log of this step"
            commands.append(_command(Annotation(level, "featurectl", text)))
            rest += [_line(each) for each in left]
    return commands + rest


def git_path(root: Path) -> str:
    """What the path of a file of the feature repository begins with: ``""`` or ``stores/fraud/``.

    Seen from the root of the git repository or, outside of one, from the workspace.
    """
    begin = git_root(root) or Path(os.environ.get("GITHUB_WORKSPACE") or os.curdir)
    path = os.path.relpath(root, begin).replace(os.sep, "/")
    return "" if path == "." else f"{path}/"


def _summary(plan: Plan, refusals: int) -> Annotation:
    counts = ", ".join(f"{number:,} {name}" for name, number in by_class(plan).items())
    only = f" (only {', '.join(plan.only)})" if plan.only else ""
    lines = [(counts or "No changes.") + only]
    cost = cost_text(total_impact(plan.changes))
    lines += [f"To load: {cost}"] if cost else []
    if refusals:
        lines.append(f"Not yet acknowledged, and so refused on merge: {refusals:,}")
    return Annotation(
        "notice", f"featurectl plan, env {plan.env}", "\n".join([*lines, *plan.notes])
    )


def _place(change: Change) -> tuple[str, int]:
    """The first of the severest fields that stands somewhere, else the object itself."""
    fields = worst_fields(change) if change.action not in ("create", "destroy") else []
    placed = next((field for field in fields if field.file), None)
    return (placed.file, placed.line) if placed else (change.file, change.line)


def _told(change: Change, *, is_refused: bool) -> list[str]:
    lines = [f"new {change.kind}" if change.action == "create" else why(change)]
    if change.consumers:
        lines.append(f"used by {', '.join(change.consumers)}")
    cost = cost_text(change.impact)
    lines += [f"to load: {cost}"] if cost else []
    lines += [f"{name}: {text}" for name, text in online_facts(change).items()]
    if change.acknowledged:
        lines.append(f"acknowledged: {change.acknowledged}")
    elif change.is_protected:
        lines.append("refused: prevent_destroy is set, which must be removed and applied first")
    elif is_refused:
        line = f"{{{change.kind}: {change.name}, change: {change.change_class}, reason: …}}"
        lines.append(f"refused on merge unless a line under acknowledge: says {line}")
    return lines


def _command(each: Annotation) -> str:
    fields = {"title": readable(each.title)}
    if each.file:
        fields["file"] = each.file
        fields |= {
            name: str(number)
            for name, number in (("line", each.line), ("col", each.column))
            if number
        }
    told = ",".join(f"{name}={_property(value)}" for name, value in fields.items())
    return f"::{each.level} {told}::{_data(_cut(each.text))}"


def _line(each: Annotation) -> str:
    """The same for a reader of the log; it never looks like a command."""
    place = f"{each.file}:{each.line}: " if each.file else ""
    text = f"{each.level}: {place}{each.title}: {_cut(each.text)}"
    return text.replace("\r", " ").replace("\n", "; ")


def _cut(text: str) -> str:
    lines = strip(text.replace("\r", " ")).split("\n")
    plain = "\n".join(map(readable, lines))
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
