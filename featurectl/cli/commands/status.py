"""``featurectl status``."""

from typing import Annotated

import typer

from featurectl.cli.exit_codes import ExitCode
from featurectl.cli.options import Selectors, TableOrJson, split

EXAMPLES = (
    ("featurectl status", "every view"),
    ("featurectl status service:ranking_v1", "the views of a service"),
    ("featurectl --env prod status --exit-code", "exit 3 when a limit is breached, for cron"),
    ("featurectl status --format json", "for a script"),
)


def run(
    ctx: typer.Context,
    selectors: Selectors = None,
    *,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="exit 3 when any view is not ok, or there is drift")
    ] = False,
    output: TableOrJson = "table",
) -> None:
    """How fresh each view is online, and what its last run did.

    FRESHNESS is the age of the newest event that was loaded, SLO what it may be: twice the
    schedule of a view or, without one, its ttl. Drift is told below: a manifest in the store that
    is not the one published, columns that are not those applied. No source is read for that: they
    are judged as the last plan, apply or materialize on this machine has found them.
    """
    from featurectl.cli.screens.status import status_screen  # noqa: PLC0415 - not for --help

    console = ctx.obj.console
    with ctx.obj.store() as store:
        report = store.status(split(selectors))
    if output == "json":
        console.document(report.document())
    else:
        lines = status_screen(report, columns=console.columns)
        console.result(map(ctx.obj.addressed, lines))
    if report.store_error:
        console.warn(f"the online store gave no answer: {report.store_error.message}")
    if exit_code and report.breached:
        raise typer.Exit(ExitCode.PENDING)
