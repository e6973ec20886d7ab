"""``featurectl show``."""

from typing import Annotated

import typer

from featurectl.cli.completion import complete_object
from featurectl.cli.options import TableOrJson

EXAMPLES = (
    ("featurectl show driver_stats", "a view: features, source, ttl, who uses it"),
    ("featurectl show ranking_v1", "a service: its columns"),
    ("featurectl show driver_stats --format json", "its canonical definition"),
)


def run(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="of any kind", autocompletion=complete_object)
    ],
    *,
    output: TableOrJson = "table",
) -> None:
    """One applied object in full; several when they share the name."""
    from featurectl.cli.commands.ls import select_objects  # noqa: PLC0415 - not for --help
    from featurectl.cli.screens.objects import list_document, show_screen  # noqa: PLC0415 - same
    from featurectl.errors import RequestError, did_you_mean  # noqa: PLC0415 - same

    with ctx.obj.store() as store:
        snapshot = store.snapshot()
    found = [item for item in select_objects(snapshot) if item.name == name]
    if not found:
        names = sorted({item.name for item in snapshot.objects.values()})
        raise RequestError(
            "FC313",
            f'"{name}" matches nothing that is applied in env {snapshot.env}',
            caret=did_you_mean(name, names),
            help=["list what is applied: featurectl ls"],
        )
    if output == "json":
        ctx.obj.console.document(list_document(found, snapshot))
        return
    for at, item in enumerate(found):
        ctx.obj.console.result([""] * bool(at) + show_screen(item, snapshot))
