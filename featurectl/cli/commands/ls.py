"""``featurectl ls``."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from featurectl.cli.options import TableOrJson, split

if TYPE_CHECKING:
    from featurectl.definitions.snapshot import Applied, Snapshot

EXAMPLES = (
    ("featurectl ls", "everything that is applied"),
    ("featurectl ls views --tag domain=weather", "views with a tag"),
    ("featurectl ls --search delay", "by name, description or feature"),
    ("featurectl ls --owner met@example.com", "by owner"),
)
KINDS = ("entity", "source", "view", "service")
Kind = Literal["entities", "sources", "views", "services", "entity", "source", "view", "service"]


def run(
    ctx: typer.Context,
    kind: Annotated[
        Kind | None, typer.Argument(metavar="[KIND]", help="entities, sources, views or services")
    ] = None,
    search: Annotated[
        str | None, typer.Option(metavar="TEXT", help="in names, descriptions and features")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="K=V", help="with this tag (or any K)")
    ] = None,
    owner: Annotated[str | None, typer.Option(metavar="TEXT", help="whose owner has it")] = None,
    *,
    output: TableOrJson = "table",
) -> None:
    """List what is applied in the environment."""
    from featurectl.cli.screens.objects import list_document, list_screen  # noqa: PLC0415 - not for --help

    console = ctx.obj.console
    with ctx.obj.store() as store:
        snapshot = store.snapshot()
    found = select_objects(snapshot, kind=kind, search=search, tags=split(tag), owner=owner)
    if output == "json":
        console.document(list_document(found, snapshot))
    elif found:
        console.result(list_screen(found, columns=console.columns))
    elif snapshot.serial:
        console.note(["Nothing matches."])
    else:
        console.note([f"Nothing is applied in env {snapshot.env}. {ctx.obj.typed('plan')}"])


def select_objects(
    snapshot: "Snapshot",
    *,
    kind: str | None = None,
    search: str | None = None,
    tags: Sequence[str] = (),
    owner: str | None = None,
) -> "list[Applied]":
    """The applied objects that pass every filter, by kind and name."""
    singular = {"entities": "entity"}.get(kind or "", (kind or "").removesuffix("s"))
    objects = sorted(snapshot.objects.values(), key=lambda a: (KINDS.index(a.kind), a.name))
    return [
        item
        for item in objects
        if (not singular or item.kind == singular)
        and (not search or search.casefold() in _text(item.document))
        and all(_is_tagged(item.document, text) for text in tags)
        and (not owner or owner.casefold() in item.document["owner"].casefold())
    ]


def _text(document: Mapping[str, Any]) -> str:
    parts = [document["name"], document["description"]]
    for feature in document.get("features", ()):
        parts += [feature.get("name", ""), feature.get("description", "")]
    return "\n".join(parts).casefold()


def _is_tagged(document: Mapping[str, Any], text: str) -> bool:
    key, equals, value = text.partition("=")
    tags = document["tags"]
    return key in tags and (not equals or tags[key] == value)
