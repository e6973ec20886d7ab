"""``featurectl history``."""

from typing import Annotated

import typer

from featurectl.cli.options import TableOrJson

EXAMPLES = (
    ("featurectl history", "the newest runs"),
    ("featurectl --env prod history --limit 500", "more of them"),
    ("featurectl history --format json", "with what each run did to each view"),
)


def run(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="how many, newest first")] = 20,
    *,
    output: TableOrJson = "table",
) -> None:
    """The runs of the environment: who did what, when, and how it ended."""
    from featurectl.cli.screens.history import history_document, history_screen  # noqa: PLC0415 - not for --help

    with ctx.obj.store() as store:
        records = store.history(limit=limit)
        env = store.config.env
    if output == "json":
        ctx.obj.console.document(history_document(records))
    else:
        ctx.obj.console.result(history_screen(records, env, columns=ctx.obj.console.columns))
