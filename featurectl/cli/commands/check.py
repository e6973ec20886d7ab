"""``featurectl check``."""

import time
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from featurectl.cli.exit_codes import exit_code_of

EXAMPLES = (
    ("featurectl check", "every file, all errors at once"),
    ("featurectl check --sources", "also what is declared against the sources' columns"),
    ("featurectl check --format github", "annotations on a pull request"),
    ("featurectl check --explain FC103", "what an error means"),
    ("featurectl check --schema > featurectl.schema.json", "for your editor"),
)


def run(
    ctx: typer.Context,
    *,
    output: Annotated[
        Literal["text", "json", "github"], typer.Option("--format", help="how to print")
    ] = "text",
    sources: Annotated[
        bool, typer.Option("--sources", help="read the sources' schemas too, and compare")
    ] = False,
    code: Annotated[
        str | None, typer.Option("--explain", metavar="CODE", help="the page of an error code")
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="print the JSON Schema of the definition files")
    ] = False,
) -> None:
    """Parse and validate every definition file.

    No registry and no online store is touched. All errors of all files are shown in one run.
    """
    if code:
        from featurectl.cli.explain import explain  # noqa: PLC0415 - not for --help

        ctx.obj.console.result(explain(code))
    elif schema:
        from featurectl.repo.schema import json_schema  # noqa: PLC0415 - loads pydantic

        ctx.obj.console.document(json_schema())
    elif output == "text":
        _text(ctx.obj, sources=sources)
    else:
        _for_machines(ctx.obj, output, sources=sources)


def _text(session: Any, *, sources: bool) -> None:
    from featurectl.cli.screens.check import check_screen  # noqa: PLC0415 - not for --help

    started = time.perf_counter()
    with session.store() as store:
        repository = store.check(sources=sources)
    elapsed = time.perf_counter() - started
    session.console.result(check_screen(repository, elapsed, sources=sources))


def _for_machines(session: Any, output: str, *, sources: bool) -> None:
    from featurectl.cli.screens.check import check_document, errors_of, github_lines  # noqa: PLC0415 - not for --help
    from featurectl.errors import FeaturectlError  # noqa: PLC0415 - same

    root = Path(session.repo)
    try:
        with session.store() as store:
            root = store.config.root
            repository = store.check(sources=sources)
    except FeaturectlError as error:
        found = errors_of(error)
        if output == "json":
            session.console.document(check_document(found, None))
        else:
            session.console.result(github_lines(found, root))
        raise typer.Exit(exit_code_of(error)) from None
    if output == "json":
        session.console.document(check_document((), repository))
