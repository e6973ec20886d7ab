"""``featurectl get-online``."""

import time
from typing import Annotated

import typer

from featurectl.cli.options import Features, FullNames, Service, TableOrJson, split

_SERVICE = "featurectl get-online --service rank_v1"
EXAMPLES = (
    (f"{_SERVICE} driver_id=1001", "one row"),
    (f"{_SERVICE} driver_id=1 driver_id=2 --meta", "two, and why a value is not there"),
    ("featurectl get-online --features driver:trips,rider driver_id=1 rider_id=7", ""),
    (f"{_SERVICE} --keys keys.csv --format json", "the rows of a file"),
)


def run(
    ctx: typer.Context,
    pairs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY=VALUE]...", help="join keys; several values make several rows"
        ),
    ] = None,
    service: Service = None,
    features: Features = None,
    keys: Annotated[
        str | None,
        typer.Option("--keys", metavar="FILE|-", help="rows: Parquet, CSV or JSON lines"),
    ] = None,
    *,
    meta: Annotated[bool, typer.Option("--meta", help="status and age of each value")] = False,
    full_names: FullNames = False,
    output: TableOrJson = "table",
) -> None:
    """The newest values of some entities, as a model is served them.

    A value has a status: PRESENT, NULL (the newest value is null), NOT_FOUND (no row of the
    entity) or EXPIRED (older than the view's ttl).
    """
    from featurectl.cli.keys import read_rows, rows_of_pairs  # noqa: PLC0415 - not for --help
    from featurectl.cli.screens.online import online_footer, online_screen  # noqa: PLC0415 - same
    from featurectl.definitions.selector import select_features  # noqa: PLC0415 - same

    if keys and pairs:
        raise typer.BadParameter("give KEY=VALUE or --keys, not both", param_hint="--keys")
    try:
        rows = read_rows(keys) if keys else rows_of_pairs(pairs or ())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="KEY=VALUE") from None
    console = ctx.obj.console
    with ctx.obj.store() as store:
        asked = select_features(split(features), store.snapshot()) if features else None
        started = time.perf_counter()
        found = store.get_online_features(
            keys=rows, features=asked, service=service, full_names=full_names
        )
        elapsed = time.perf_counter() - started
    if output == "json":
        console.document(found.document())
        return
    console.result(online_screen(found, meta=meta, columns=console.columns))
    console.note([online_footer(found, elapsed)])
