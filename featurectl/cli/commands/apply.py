"""``featurectl apply``."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from featurectl.cli.options import LockTimeout, TextOrJson, split

if TYPE_CHECKING:
    from collections.abc import Collection

    from featurectl.cli.console import Console
    from featurectl.client.feature_store import FeatureStore
    from featurectl.flows.apply import ApplyResult
    from featurectl.plan.plan import Plan

EXAMPLES = (
    ("featurectl apply", "shows the plan, and asks"),
    ("featurectl apply plan.json", "exactly what was saved and reviewed; asks nothing"),
    ("featurectl apply --yes", "in a pipeline: what takes nothing away"),
    ("featurectl apply --yes --allow breaking --allow destroy", "and these classes too"),
)


def run(
    ctx: typer.Context,
    plan_file: Annotated[
        Path | None,
        typer.Argument(metavar="[PLANFILE]", help="saved by plan --out", show_default=False),
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CLASS…", help="allow changes of a class: narrowing, breaking, destroy"
        ),
    ] = None,
    lock_timeout: LockTimeout = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
    output: TextOrJson = "text",
) -> None:
    """Make what is applied equal to the files: all of it, or nothing.

    Definitions are changed, and readers of the online store learn of it at once; data are moved by
    materialize. What takes something away, changes the meaning of values, or is destroyed must be
    approved: at the terminal, by --allow, or by applying a saved plan.
    """
    session, allowed = ctx.obj, _classes(allow)
    if plan_file:
        _apply_saved(session, plan_file, allowed, lock_timeout, output)
        return
    with session.store() as store:
        plan = store.plan()
        _show(session.console, store, plan, output)
        if plan.has_changes and not yes:
            allowed |= _approved(session, store, plan, allowed)
        result = store.apply(plan, allow=allowed, lock_timeout=lock_timeout)
        _tell(session, result, output)


def _classes(allow: list[str] | None) -> set[str]:
    from featurectl.plan.approval import ASKED  # noqa: PLC0415 - not for --help
    from featurectl.plan.plan import SEVERITY  # noqa: PLC0415 - same

    found = set(split(allow))
    unknown = sorted(found.difference(SEVERITY))
    if unknown:
        known = ", ".join(reversed(ASKED))
        raise typer.BadParameter(
            f"{unknown[0]} is no class of changes: {known}", param_hint="--allow"
        )
    return found


def _apply_saved(
    session: Any, file: Path, allowed: "Collection[str]", lock_timeout: str | None, output: str
) -> None:
    """Apply a saved plan, in the environment that it was made for. It is its own approval."""
    from featurectl.cli.screens.plan import summary_line  # noqa: PLC0415 - not for --help

    plan = _read(file)
    if session.env and session.env != plan.env:
        raise typer.BadParameter(f"{file} is for env {plan.env}", param_hint="--env")
    if plan.env != (os.environ.get("FEATURECTL_ENV") or "dev"):
        session.env = plan.env
    with session.store() as store:
        if plan.has_changes and output == "text":
            session.console.result([summary_line(plan)])
        result = store.apply(plan, allow=allowed, saved=True, lock_timeout=lock_timeout)
        if not plan.has_changes:
            _show(session.console, store, plan, output)
        _tell(session, result, output)


def _read(file: Path) -> "Plan":
    from featurectl.errors import RequestError  # noqa: PLC0415 - not for --help
    from featurectl.plan.saved import read_plan  # noqa: PLC0415 - same

    try:
        text = file.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise RequestError("FC319", f"{file} can't be read: {why}") from error
    return read_plan(text, name=str(file))


def _show(console: "Console", store: "FeatureStore", plan: "Plan", output: str) -> None:
    """The plan: a result, or beside one that a script reads."""
    from featurectl.cli.commands.plan import plan_lines  # noqa: PLC0415 - not for --help

    lines = plan_lines(store, plan, full=False)
    if output == "json":
        console.note(lines)
    else:
        console.result(lines)


def _approved(session: Any, store: "FeatureStore", plan: "Plan", allowed: set[str]) -> set[str]:
    """The classes that the person at the terminal approves.

    Raises:
        RefusedError: FC401 nobody is there, or the answer is no; FC402 something is protected.
    """
    from featurectl.cli.screens.apply import destroy_question, question  # noqa: PLC0415 - as above
    from featurectl.errors import RefusedError  # noqa: PLC0415 - same
    from featurectl.plan.approval import ASKED, check_approved, needed  # noqa: PLC0415 - same

    console: Console = session.console
    if not console.can_ask:
        check_approved(plan, allowed, repository=store.repository)
        raise RefusedError(
            "FC401",
            f"apply needs approval: {len(plan.changes)} changes and no terminal to ask",
            help=[
                f"save it, review it, and apply it: {session.typed('plan --out plan.json')}",
                f"or approve what takes nothing away: {session.typed('apply --yes')}",
            ],
        )
    asked = needed(plan)
    if asked.protected:  # nothing allows that, so there is nothing to ask
        check_approved(plan, ASKED, repository=store.repository)
    for change in asked.by_class.get("destroy", ()) if "destroy" not in allowed else ():
        if console.ask(destroy_question(change.kind, change.name)) != change.name:
            raise _declined()
    if console.ask(question(asked)).lower() not in ("y", "yes"):
        raise _declined()
    return set(asked.classes)


def _declined() -> Exception:
    from featurectl.errors import RefusedError  # noqa: PLC0415 - as above

    return RefusedError("FC401", "not approved: nothing was applied")


def _tell(session: Any, result: "ApplyResult", output: str) -> None:
    from featurectl.cli.screens.apply import applied_screen  # noqa: PLC0415 - not for --help

    if output == "json":
        session.console.document(result.document())
    else:
        session.console.result(applied_screen(result, session.typed("materialize")))
    session.console.note([f"note: {note}" for note in result.notes])
