"""The screens of ``init``: what was created, and what to type next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.paint import paint
from featurectl.cli.table import table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from featurectl.flows.templates import Created


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


def templates_screen(templates: Mapping[str, str]) -> list[str]:
    """The templates and what each is about."""
    return table([[paint(name, "bold"), text] for name, text in templates.items()])
