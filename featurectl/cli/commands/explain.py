"""``featurectl explain``."""

from typing import Annotated

import typer

from featurectl.cli.completion import complete_selector
from featurectl.cli.options import TextOrJson

_ONE = "featurectl explain driver:trips driver_id=1001"
EXAMPLES = (
    (f"{_ONE} --at 2024-01-31T12:00Z", "one feature"),
    ("featurectl explain driver driver_id=1001 --at 2024-01-31", "all of a view's features"),
    (f"{_ONE} --at -2d --known-at", "only what was created by then"),
    (f"{_ONE} --at now --format json", ""),
)


def run(
    ctx: typer.Context,
    feature: Annotated[
        str,
        typer.Argument(
            metavar="VIEW:FEATURE",
            help="what to explain; VIEW alone is all of its features",
            autocompletion=complete_selector,
        ),
    ],
    pairs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="the view's join keys, one value each"),
    ] = None,
    at: Annotated[str | None, typer.Option(metavar="T", help="the time of the row")] = None,
    candidates: Annotated[
        int | None,
        typer.Option(metavar="N", help="rows on either side of the time (default: 5 and 3)"),
    ] = None,
    *,
    known_at: Annotated[
        bool, typer.Option("--known-at", help="only values that were known (created) by then")
    ] = False,
    from_files: Annotated[
        bool, typer.Option("--from-files", help="definitions of the files, applied or not")
    ] = False,
    output: TextOrJson = "text",
) -> None:
    """Why a feature had its value in a training set: the source row, and why others lost.

    The value is the one that get-historical gives for these keys at that time. Listed are the
    source rows nearest to the time, with the file and the row number of each: the chosen one, and
    for every other whether it is later than the time, was known later, has expired, is older, or
    lost among rows of one time.
    """
    from featurectl.cli.keys import rows_of_pairs  # noqa: PLC0415 - not for --help
    from featurectl.cli.screens.explain import explain_screen, explain_warnings  # noqa: PLC0415 - same

    try:
        rows = rows_of_pairs(pairs or ())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="KEY=VALUE") from None
    if len(rows) > 1:
        raise typer.BadParameter("one value for each key", param_hint="KEY=VALUE")
    if at is None:
        raise typer.BadParameter("give the time of the row", param_hint="--at")
    console = ctx.obj.console
    with ctx.obj.store() as store:
        found = store.explain(
            feature,
            rows[0],
            at=at,
            known_at=known_at,
            candidates=candidates,
            from_files=from_files,
        )
    if output == "json":
        console.document(found.document())
    else:
        console.result(explain_screen(found, columns=console.columns))
    for text in explain_warnings(found):
        console.warn(text)
