"""``featurectl init``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from featurectl.cli.completion import complete_template

if TYPE_CHECKING:
    from featurectl.flows.ci_file import CiFile

EXAMPLES = (
    ("featurectl init fraud", "a new folder, with sample data"),
    ("featurectl init fraud --template redis", "with Redis as its online store"),
    ("featurectl init --template minimal", "in the current folder"),
    ("featurectl init --ci github", "a workflow for the repository that is here"),
    ("featurectl init fraud --ci gitlab", "both"),
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
    ci: Annotated[
        Literal["github", "gitlab"] | None,
        typer.Option(
            "--ci",
            help="write a pipeline: plan on requests, apply on merge, materialize on a schedule",
        ),
    ] = None,
    *,
    listed: Annotated[bool, typer.Option("--list", help="list the templates")] = False,
) -> None:
    """Create a feature repository from a template.

    It has sample data of its own and works at once. Files that are there are never overwritten.
    With --ci, a repository that is there already gets a pipeline and nothing else.
    """  # fmt: skip
    from featurectl.cli.screens.init import ci_screen, created_screen, templates_screen  # noqa: PLC0415 - not for --help
    from featurectl.flows.templates import create_repository  # noqa: PLC0415 - same

    console = ctx.obj.console
    if listed:
        console.result(templates_screen(_texts()))
        return
    root = _existing(ctx.obj, folder) if ci else None
    if root and ci:
        console.result(ci_screen(_pipeline(ctx.obj, root, ci)))
        return
    if ci:
        from featurectl.flows.ci_file import free_place  # noqa: PLC0415 - as above

        free_place(folder, ci)
    created = create_repository(folder, template)
    console.result(created_screen(created, folder))
    if ci:
        console.result(["", *ci_screen(_pipeline(ctx.obj, folder, ci))])


def _existing(session: Any, folder: Path) -> Path | None:
    """The feature repository that the folder is, or that one is in where no folder was named."""
    from featurectl.errors import FeaturectlError  # noqa: PLC0415 - as above
    from featurectl.repo.config import find_root  # noqa: PLC0415 - same
    from featurectl.repo.config_file import CONFIG_NAME  # noqa: PLC0415 - same

    if folder != Path():
        return folder if (folder / CONFIG_NAME).is_file() else None
    try:
        return find_root(Path(session.repo))
    except FeaturectlError:
        return None


def _pipeline(session: Any, root: Path, ci: Literal["github", "gitlab"]) -> "CiFile":
    import os  # noqa: PLC0415 - rarely needed

    from featurectl import __version__  # noqa: PLC0415 - as above
    from featurectl.flows.ci_file import write_ci_file  # noqa: PLC0415 - same

    env = session.env or os.environ.get("FEATURECTL_ENV")
    return write_ci_file(root, ci, version=__version__, env=env)


def _texts() -> dict[str, str]:
    """What the table in the templates' README says of each."""
    from featurectl.flows.templates import template_names, templates_folder  # noqa: PLC0415 - see above

    lines = (templates_folder() / "README.md").read_text("utf-8").splitlines()
    rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in lines if "|" in line]
    told = {row[0]: row[1] for row in rows if len(row) > 1}
    return {name: told.get(name, "") for name in template_names()}
