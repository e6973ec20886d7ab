"""The screens of ``init``: what was created, and what to type next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.paint import paint
from featurectl.cli.table import table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from featurectl.flows.ci_file import CiFile
    from featurectl.flows.templates import Created

_ON_REQUEST = "check, and a comment with what merging would change"
_ON_MERGE = "plan again, and apply what takes nothing away or is acknowledged"


def created_screen(created: Created, folder: Path) -> list[str]:
    """The new files with what they hold, and the next commands."""
    steps = [] if str(folder) == "." else [f"cd {folder}"]
    steps.append("featurectl plan")
    return [
        f"Created {paint(f'{folder}/', 'bold')}",
        *table([[file.path, file.description] for file in created.files]),
        "",
        "Next:",
        *(f"  {step}" for step in steps),
    ]


def ci_screen(written: CiFile) -> list[str]:
    """The pipeline's file, what it does and when, and what it needs."""
    steps = [
        f"set the secrets REGISTRY_URL and ONLINE_URL, of env {written.env}, as the file says",
        f"git add {written.path}",
    ]
    if written.included_by:
        steps.insert(0, f'add to {written.included_by}: include: [{{local: "{written.path}"}}]')
    rows = [
        ["a pull request" if "github" in written.path else "a merge request", _ON_REQUEST],
        [f"a push to {written.branch}", _ON_MERGE],
        ["a schedule", "materialize"],
    ]
    return [
        f"Created {paint(str(written.root / written.path), 'bold')}",
        *table(rows),
        "",
        "Next:",
        *(f"  {step}" for step in steps),
    ]


def templates_screen(templates: Mapping[str, str]) -> list[str]:
    """The templates and what each is about."""
    return table([[paint(name, "bold"), text] for name, text in templates.items()])
