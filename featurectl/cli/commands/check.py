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

    No server is asked, and nothing is written. All errors of all files are shown in one run, and
    the lines under acknowledge: that have no effect on what is applied here.
    """
    if code:
        from featurectl.cli.error_pages import explain  # noqa: PLC0415 - not for --help

        ctx.obj.console.result(explain(code))
    elif schema:
        from featurectl.repo.schema import json_schema  # noqa: PLC0415 - loads pydantic

        ctx.obj.console.document(json_schema())
    elif output == "text":
        _text(ctx.obj, sources=sources)
    else:
        _for_machines(ctx.obj, output, sources=sources)


def _text(session: Any, *, sources: bool) -> None:
    from featurectl.cli.idle_lines import idle_lines  # noqa: PLC0415 - not for --help
    from featurectl.cli.screens.check import check_screen  # noqa: PLC0415 - same

    started = time.perf_counter()
    with session.store() as store:
        repository = store.check(sources=sources)
        notes = idle_lines(store)
    elapsed = time.perf_counter() - started
    session.console.result(check_screen(repository, elapsed, sources=sources))
    session.console.note([f"note: {note}" for note in notes])


def _for_machines(session: Any, output: str, *, sources: bool) -> None:
    from featurectl.cli.idle_lines import idle_annotations, idle_lines  # noqa: PLC0415 - not for --help
    from featurectl.cli.screens.check import check_document, errors_of  # noqa: PLC0415 - not for --help
    from featurectl.cli.screens.github import error_annotations, workflow_commands  # noqa: PLC0415 - same
    from featurectl.errors import FeaturectlError  # noqa: PLC0415 - same

    root = Path(session.repo)
    try:
        with session.store() as store:
            root = store.config.root
            repository = store.check(sources=sources)
            notes = idle_lines(store)
    except FeaturectlError as error:
        found = errors_of(error)
        if output == "json":
            session.console.document(check_document(found, None))
        else:
            session.console.result(workflow_commands(error_annotations(found, root.resolve())))
        raise typer.Exit(exit_code_of(error)) from None
    if output == "json":
        session.console.document(check_document((), repository, notes))
    else:
        session.console.result(workflow_commands(idle_annotations(notes, root)))
