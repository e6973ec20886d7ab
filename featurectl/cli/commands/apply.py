"""``featurectl apply``."""

import contextlib
import os
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from featurectl.cli.options import AllowedClasses, LockTimeout, Only, TextOrJson, split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from featurectl.cli.console import Console
    from featurectl.client.feature_store import FeatureStore
    from featurectl.flows.apply import ApplyResult
    from featurectl.flows.run_summary import RunSummary
    from featurectl.plan.plan import Plan

EXAMPLES = (
    ("featurectl apply", "shows the plan, and asks"),
    ("featurectl apply plan.json", "exactly what was saved and reviewed; asks nothing"),
    ("featurectl apply --yes", "in a pipeline: what takes nothing away"),
    ("featurectl apply --yes --allow breaking --allow destroy", "and these classes too"),
    ("featurectl apply --only service:ranking_v1", "a service and what it needs, nothing else"),
    ("featurectl apply --backfill", "and load what is new right away"),
)


def run(
    ctx: typer.Context,
    plan_file: Annotated[
        Path | None,
        typer.Argument(metavar="[PLANFILE]", help="saved by plan --out", show_default=False),
    ] = None,
    allow: AllowedClasses = None,
    only: Only = None,
    lock_timeout: LockTimeout = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
    backfill: Annotated[
        bool, typer.Option("--backfill", help="then load the views that are not complete")
    ] = False,
    output: TextOrJson = "text",
) -> None:
    """Make what is applied equal to the files: all of it, or nothing.

    Definitions are changed, and readers of the online store learn of it at once; data are moved by
    the next materialize, or with --backfill right away. What takes something away, changes the
    meaning of values, or is destroyed must be approved: at the terminal, by a reviewed line in the
    files (acknowledge:), by --allow, or by applying a saved plan.
    """
    from featurectl.cli.approval import allowed_classes, approved_classes  # noqa: PLC0415 - as above

    session, allowed = ctx.obj, allowed_classes(allow)
    if plan_file and only:
        raise typer.BadParameter("a saved plan is applied whole", param_hint="--only")
    with _opened(session, plan_file) as (store, saved):
        plan = saved or store.plan(only=split(only))
        if saved is None:
            _show(session, store, plan, output)
        elif plan.has_changes and output == "text":
            _show_summary(session.console, plan)
        if plan.has_changes and saved is None and not yes:
            allowed = approved_classes(
                session, plan, store.repository, allowed, ways_out=_ways_out(session, plan, allowed)
            )
        result = store.apply(
            plan, allow=allowed, saved=saved is not None, lock_timeout=lock_timeout
        )
        if saved and not plan.has_changes:
            _show(session, store, plan, output)  # once it is known to be true still
        if output == "text":
            tell_applied(session, result, "" if backfill else session.typed("materialize"))
        with _told_when_interrupted(session, result, output):
            summary = _backfilled(session, store, result, lock_timeout) if backfill else None
    _finish(session, result, summary, output)


@contextlib.contextmanager
def _opened(session: Any, plan_file: Path | None) -> "Iterator[tuple[FeatureStore, Plan | None]]":
    """The store, and the saved plan in the environment that it was made for."""
    plan = _read(plan_file) if plan_file else None
    if plan and session.env and session.env != plan.env:
        raise typer.BadParameter(f"{plan_file} is for env {plan.env}", param_hint="--env")
    if plan and plan.env != (os.environ.get("FEATURECTL_ENV") or "dev"):
        session.env = plan.env
    with session.store() as store:
        yield store, plan


def _ways_out(session: Any, plan: "Plan", allowed: set[str]) -> list[str]:
    """What to type where nobody can be asked, of the same views and with what is allowed."""
    only = "".join(f" --only {quote(selector)}" for selector in plan.only)
    classes = "".join(f" --allow {each}" for each in sorted(allowed))
    what = "these classes too" if classes else "what takes nothing away"
    return [
        f"save it, review it, and apply it: {session.typed(f'plan{only} --out plan.json')}",
        f"or approve {what}: {session.typed(f'apply{only} --yes{classes}')}",
    ]


def _backfilled(
    session: Any, store: "FeatureStore", result: "ApplyResult", lock_timeout: str | None
) -> "RunSummary | None":
    """The run that loads what is incomplete, as it is told of; None where nothing is."""
    from featurectl.cli.loading import load  # noqa: PLC0415 - not for --help

    if not result.incomplete:
        return None
    return load(session.console, store, result.incomplete, lock_timeout=lock_timeout)


@contextlib.contextmanager
def _told_when_interrupted(session: Any, result: "ApplyResult", output: str) -> "Iterator[None]":
    """What was applied is told a script too where the load after it does not come to its end."""
    try:
        yield
    except BaseException:
        if output == "json":
            _show_document(session, result, None)
        raise


def _show_document(session: Any, result: "ApplyResult", summary: "RunSummary | None") -> None:
    loaded = {"backfill": summary.document() if summary else None}
    session.console.document({**result.document(), **loaded})
    session.console.note([f"note: {note}" for note in result.notes])


def _read(file: Path) -> "Plan":
    from featurectl.errors import RequestError  # noqa: PLC0415 - not for --help
    from featurectl.plan.saved import read_plan  # noqa: PLC0415 - same

    try:
        text = file.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise RequestError("FC319", f"{file} can't be read: {why}") from error
    return read_plan(text, name=str(file))


def _show_summary(console: "Console", plan: "Plan") -> None:
    from featurectl.cli.screens.plan import summary_line  # noqa: PLC0415 - not for --help

    console.result([summary_line(plan)])


def _show(session: Any, store: "FeatureStore", plan: "Plan", output: str) -> None:
    """The plan: a result, or beside one that a script reads."""
    from featurectl.cli.commands.plan import plan_lines  # noqa: PLC0415 - not for --help

    lines = plan_lines(store, plan, full=False)
    if output == "json":
        session.console.note(lines)
    else:
        session.console.result(map(session.addressed, lines))


def tell_applied(session: Any, result: "ApplyResult", next_command: str) -> None:
    """What was done, and what is worth knowing of it."""
    from featurectl.cli.screens.apply import applied_screen  # noqa: PLC0415 - not for --help

    lines = applied_screen(result, next_command)
    session.console.result(map(session.addressed, lines))
    session.console.note([f"note: {note}" for note in result.notes])


def _finish(session: Any, result: "ApplyResult", summary: "RunSummary | None", output: str) -> None:
    """What the run that has loaded data says; its failure is the exit code."""
    from featurectl.cli.screens.run import done_line  # noqa: PLC0415 - not for --help

    if output == "json":
        _show_document(session, result, summary)
    elif summary:
        session.console.result([done_line(summary)])
    if summary:
        raise typer.Exit(summary.exit_code)
