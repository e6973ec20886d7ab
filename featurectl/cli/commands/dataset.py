"""``featurectl dataset``: what training sets were made of, and whether they still can be."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from featurectl.cli.command_group import command_group
from featurectl.cli.exit_codes import ExitCode
from featurectl.cli.options import TextOrJson
from featurectl.errors import FeaturectlError

if TYPE_CHECKING:
    from featurectl.cli.session import Session
    from featurectl.flows.dataset_verify import Verification

EXAMPLES = (
    ("featurectl dataset show train.parquet", "what it was made of"),
    ("featurectl dataset verify train.parquet", "is it still so; can it be made again"),
    ("featurectl dataset diff old.parquet new.parquet", "how two differ: rows, columns, drift"),
)
_SHOW = (
    ("featurectl dataset show train.parquet", "what it was made of"),
    ("featurectl dataset show train.parquet --format json", "its manifest"),
)
_VERIFY = (
    ("featurectl dataset verify train.parquet", "look at every input, then make it again"),
    ("featurectl dataset verify --quick train.parquet", "without making it again"),
    ("featurectl dataset verify --hash full train.parquet", "every byte of the sources"),
)
_DIFF = (
    ("featurectl dataset diff old.parquet new.parquet", "rows, columns, why, drift"),
    ("featurectl dataset diff --exit-code a.csv b.parquet", "exit 3 when they differ, for CI"),
)
_SUMMARY = """What training sets were made of; are they still so; how do two differ.

Each output of get-historical has a manifest beside it, FILE.lock.json; a Parquet file holds a copy
of it in its metadata, which is read where the lock file is gone.
"""

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE…", help="training sets, or their lock files", show_default=False),
]


def show(ctx: typer.Context, files: Files, *, output: TextOrJson = "text") -> None:
    """What a training set was made of.

    As JSON it is the manifest itself: so a lock file that was lost is written again.
    """
    from featurectl.cli.screens.dataset_show import lock_warning, show_screen  # noqa: PLC0415 - not for --help
    from featurectl.flows.dataset_file import read_dataset  # noqa: PLC0415 - same

    console = ctx.obj.console
    found = [read_dataset(path) for path in files]
    for dataset in found:
        if lock_warning(dataset):
            console.warn(lock_warning(dataset))
    if output == "json":
        manifests = [dict(dataset.manifest) for dataset in found]
        console.document(manifests[0] if len(manifests) == 1 else manifests)
        return
    for at, dataset in enumerate(found):
        console.result([""] * bool(at) + show_screen(dataset))


def verify(
    ctx: typer.Context,
    files: Files,
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="look at file and inputs; do not make it again")
    ] = False,
    hashes: Annotated[
        str, typer.Option("--hash", metavar="cheap|full", help="full: every byte of the sources")
    ] = "cheap",
    output: TextOrJson = "text",
) -> None:
    """Is a training set what was written, are its inputs as they were, can it be made again.

    It is made again by the definitions of then, and compared. Exit 0: same; 3: something differs,
    and is named; 1: it can't be told.
    """
    if hashes not in ("cheap", "full"):
        raise typer.BadParameter("give cheap or full", param_hint="--hash")
    session: Session = ctx.obj
    found: list[Verification] = []
    untold = 0
    for path in files:
        try:
            with session.console.working(f"verifying {path}"):
                found.append(_verified(session, path, quick=quick, full=hashes == "full"))
        except FeaturectlError as error:
            if len(files) == 1:
                raise
            session.console.error(error.render().splitlines())
            untold += 1
            continue
        if output == "text":
            _show(session, found)
    if output == "json":
        documents = [each.document() for each in found]
        session.console.document(documents[0] if len(files) == 1 else documents)
    states = {each.state for each in found} | ({"unknown"} if untold else set())
    if "differs" in states:
        raise typer.Exit(ExitCode.PENDING)
    if "unknown" in states:
        raise typer.Exit(ExitCode.FAILED)


def _verified(session: "Session", path: Path, **how: bool) -> "Verification":
    from featurectl.client.dataset_repository import verify_dataset  # noqa: PLC0415 - not for --help
    from featurectl.flows.dataset_file import read_dataset  # noqa: PLC0415 - same

    return verify_dataset(read_dataset(path), session.repo, env=session.env or None, **how)


def _show(session: "Session", found: "list[Verification]") -> None:
    from featurectl.cli.screens.dataset_verify import next_question, verify_screen  # noqa: PLC0415 - not for --help

    session.console.result([""] * (len(found) > 1) + verify_screen(found[-1]))
    question = next_question(found[-1])
    if question:
        session.console.note([f"Why: {session.typed(question)}"])


def diff(
    ctx: typer.Context,
    first: Annotated[Path, typer.Argument(metavar="A", help="a training set", show_default=False)],
    second: Annotated[Path, typer.Argument(metavar="B", help="another", show_default=False)],
    *,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="exit 3 when rows or columns differ")
    ] = False,
    output: TextOrJson = "text",
) -> None:
    """How two training sets differ: rows, columns, what they were made of, and drift per column.

    Rows are matched by entity keys and event time. PSI compares the shares of values in the tenths
    of the first file: below 0.1 little has moved, from 0.25 on much has. KS is the greatest
    distance of the two distributions, 0 to 1.
    """
    from featurectl.cli.screens.dataset_diff import diff_screen  # noqa: PLC0415 - not for --help
    from featurectl.flows.dataset_diff import diff_datasets  # noqa: PLC0415 - same
    from featurectl.flows.dataset_file import read_dataset  # noqa: PLC0415 - same
    from featurectl.wiring.stores import open_engine  # noqa: PLC0415 - same

    console = ctx.obj.console
    a, b = read_dataset(first), read_dataset(second)
    engine = open_engine("duckdb", Path(), memory_limit=None, threads=None)
    try:
        with console.working(f"comparing {first} and {second}"):
            found = diff_datasets(a, b, engine)
    finally:
        engine.close()
    if output == "json":
        console.document(found.document())
    else:
        console.result(diff_screen(found, columns=console.columns))
    if exit_code and not found.is_same:
        raise typer.Exit(ExitCode.PENDING)


def load() -> Any:
    """The group as typer runs it."""
    return command_group(
        "dataset",
        _SUMMARY,
        EXAMPLES,
        [("show", show, _SHOW), ("verify", verify, _VERIFY), ("diff", diff, _DIFF)],
    )
