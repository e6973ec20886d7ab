"""``featurectl init``."""

from pathlib import Path
from typing import Annotated

import typer

from featurectl.cli.completion import complete_template

EXAMPLES = (
    ("featurectl init fraud", "a new folder, with sample data"),
    ("featurectl init fraud --template redis", "with Redis as its online store"),
    ("featurectl init --template minimal", "in the current folder"),
    ("featurectl init --list", "the templates"),
)


def run(
    ctx: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="a new or empty folder", show_default=False)
    ] = Path(),
    template: Annotated[
        str,
        typer.Option(
            "--template",
            metavar="NAME",
            help="what to begin with",
            show_default=True,
            autocompletion=complete_template,
        ),
    ] = "fraud",
    *,
    listed: Annotated[bool, typer.Option("--list", help="list the templates")] = False,
) -> None:
    """Create a feature repository from a template.

    It has sample data of its own and works at once. Files that are there are never overwritten.
    """  # fmt: skip
    from featurectl.cli.screens.init import created_screen, templates_screen  # noqa: PLC0415 - not for --help
    from featurectl.flows.templates import create_repository  # noqa: PLC0415 - same

    if listed:
        ctx.obj.console.result(templates_screen(_texts()))
        return
    created = create_repository(folder, template)
    ctx.obj.console.result(created_screen(created, folder))


def _texts() -> dict[str, str]:
    """What the table in the templates' README says of each."""
    from featurectl.flows.templates import template_names, templates_folder  # noqa: PLC0415 - see above

    lines = (templates_folder() / "README.md").read_text("utf-8").splitlines()
    rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in lines if "|" in line]
    told = {row[0]: row[1] for row in rows if len(row) > 1}
    return {name: told.get(name, "") for name in template_names()}
