"""``featurectl materialize``."""

from typing import Annotated

import typer

from featurectl.cli.options import LockTimeout, Selectors, TextOrJson, split

EXAMPLES = (
    ("featurectl materialize", "every view, from where its last run ended"),
    ("featurectl materialize driver_stats tag:team=eta", "some views"),
    (
        "featurectl materialize --from 2024-01-01 --to 2024-01-31",
        "a range again, both ends included",
    ),
    ("featurectl materialize --full", "as if it were the first run"),
    ("featurectl materialize driver_stats --allow empty", "new rows may be none at all"),
    ("featurectl materialize --dry-run", "what would be read; writes nothing"),
)


def run(
    ctx: typer.Context,
    selectors: Selectors = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="T", help="event times from here on, again")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="T", help="event times up to here (default: now)")
    ] = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="the range of a first run, again")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="say what would be read, and write nothing")
    ] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option(metavar="FINDING…", help="let a new generation serve despite: empty, nulls"),
    ] = None,
    lock_timeout: LockTimeout = None,
    output: TextOrJson = "text",
) -> None:
    """Load into the online store what is new since the last run, view by view.

    Times are ISO 8601, now, or a duration ago such as -2d. A view that fails does not stop the
    others. Newer values win in the store, so a run may be repeated at any time.
    """
    from featurectl.cli.loading import load  # noqa: PLC0415 - not for --help
    from featurectl.cli.screens.run import done_line  # noqa: PLC0415 - same

    console = ctx.obj.console
    with ctx.obj.data_store() as store:
        summary = load(
            console,
            store,
            split(selectors),
            start=start,
            end=end,
            full=full,
            dry_run=dry_run,
            allow=_findings(allow),
            lock_timeout=lock_timeout,
        )
    if output == "json":
        console.document(summary.document())
    else:
        console.result([done_line(summary)])
    raise typer.Exit(summary.exit_code)


def _findings(allow: list[str] | None) -> list[str]:
    """The findings that ``--allow`` names.

    Raises:
        typer.BadParameter: one is none.
    """
    from featurectl.flows.run_summary import FINDINGS  # noqa: PLC0415 - not for --help

    found = split(allow)
    unknown = [name for name in found if name not in FINDINGS]
    if unknown:
        known = ", ".join(FINDINGS)
        raise typer.BadParameter(
            f"{unknown[0]} is nothing that a check finds: {known}", param_hint="--allow"
        )
    return found
