"""What was served: the options of ``get-historical`` that ask for it, and the comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.cli.console import Console
    from featurectl.flows.training_set import TrainingSet

AsServed = Annotated[
    bool,
    typer.Option("--as-served", help="values that the online store would have returned then"),
]
Compare = Annotated[
    Literal["as-served"] | None,
    typer.Option("--compare", help="how far what was served is from what was true; no rows"),
]


def check_compare(compare: str | None, kind: str | None, others: Mapping[str, object]) -> None:
    """Refuse what only rows have, where two joins are compared, and JSON of rows.

    Raises:
        BadParameter: naming the option that is too much.
    """
    if compare is None:
        if kind == "json":
            raise typer.BadParameter(
                "json is of --compare; rows are written as parquet, csv or arrow",
                param_hint="--format",
            )
        return
    if kind not in (None, "json"):
        raise typer.BadParameter("a comparison is text or json", param_hint="--format")
    for option, value in others.items():
        if value:
            raise typer.BadParameter(
                f"it gives no rows: leave out {option}", param_hint="--compare"
            )


def show_comparison(
    console: Console,
    found: TrainingSet,
    rows_of: str,
    kind: str | None,
    report: str | None,
) -> None:
    """Join the rows in both ways; a table or the document on stdout, and the latter in a file."""
    from featurectl.cli.progress import rows_progress  # noqa: PLC0415 - not for --help
    from featurectl.cli.screens.comparison import comparison_screen, comparison_warnings  # noqa: PLC0415 - same
    from featurectl.cli.training_output import write_document  # noqa: PLC0415 - same
    from featurectl.flows.skew_compare import compare  # noqa: PLC0415 - same

    with rows_progress(console, found.rows) as watch:
        comparison = compare(found, watch)
    if kind == "json" or report == "-":
        console.document(comparison.document())
    else:
        name = "standard input" if rows_of == "-" else rows_of
        console.result(comparison_screen(comparison, name))
    if report and report != "-":
        write_document(comparison.document(), report)
    for text in comparison_warnings(comparison):
        console.warn(text)
