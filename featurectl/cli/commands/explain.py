"""``featurectl explain``."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from featurectl.cli.completion import complete_selector
from featurectl.cli.options import TextOrJson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.cli.session import Session
    from featurectl.flows.explanation import Explanation

_ONE = "featurectl explain driver:trips driver_id=1001"
EXAMPLES = (
    (f"{_ONE} --at 2024-01-31T12:00Z", "one feature"),
    ("featurectl explain driver driver_id=1001 --at 2024-01-31", "all of a view's features"),
    (f"{_ONE} --at -2d --known-at", "only what was created by then"),
    ("featurectl explain driver:trips --dataset train.parquet --row 17", "of a training set"),
    (f"{_ONE} --at now --format json", ""),
)


def run(  # noqa: PLR0917 - an option each
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
    dataset: Annotated[
        str | None, typer.Option(metavar="FILE", help="instead: a training set, with --row")
    ] = None,
    row: Annotated[
        int | None, typer.Option(metavar="N", help="which row of it, counted from 1")
    ] = None,
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
    from featurectl.cli.screens.explain import explain_screen, explain_warnings  # noqa: PLC0415 - not for --help

    keys = _keys(pairs or (), at, dataset, row, known_at=known_at or from_files)
    console = ctx.obj.console
    if dataset is not None and row is not None:
        found = _of_row(ctx.obj, dataset, row, feature, candidates)
    else:
        with ctx.obj.store() if from_files else ctx.obj.data_store() as store:
            found = store.explain(
                feature,
                keys,
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


def _keys(
    pairs: "Sequence[str]", at: str | None, dataset: str | None, row: int | None, *, known_at: bool
) -> dict[str, Any]:
    """The keys that were given; none where a row of a training set has them."""
    from featurectl.cli.keys import rows_of_pairs  # noqa: PLC0415 - not for --help

    if (dataset is None) != (row is None):
        raise typer.BadParameter("give both --dataset and --row", param_hint="--dataset")
    if dataset is not None:
        if pairs or at is not None or known_at:
            told = "a row of a training set has its keys, its time, and how it was asked for"
            raise typer.BadParameter(told, param_hint="--dataset")
        return {}
    try:
        rows = rows_of_pairs(pairs)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="KEY=VALUE") from None
    if len(rows) > 1:
        raise typer.BadParameter("one value for each key", param_hint="KEY=VALUE")
    if at is None:
        raise typer.BadParameter("give the time of the row", param_hint="--at")
    return rows[0]


def _of_row(
    session: "Session", dataset: str, row: int, feature: str, candidates: int | None
) -> "Explanation":
    """The explanation of a row, in the environment that it was made in unless one is given."""
    from featurectl.client.dataset_repository import store_around  # noqa: PLC0415 - not for --help
    from featurectl.flows.dataset_file import read_dataset  # noqa: PLC0415 - same

    with store_around(read_dataset(dataset), session.repo, env=session.env or None) as store:
        return store.explain_row(dataset, row, feature, candidates=candidates)
