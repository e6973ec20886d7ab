"""``featurectl rollback``."""

from typing import Annotated, Any

import typer

from featurectl.cli.options import AllowedClasses, LockTimeout, TextOrJson

EXAMPLES = (
    ("featurectl rollback", "what was applied before the last change"),
    ("featurectl rollback 41", "what run 41 had applied; see history"),
    ("featurectl rollback --dry-run", "shows the plan, changes nothing"),
    ("featurectl rollback --yes --allow breaking", "without a question"),
)


def run(
    ctx: typer.Context,
    run_number: Annotated[
        int | None,
        typer.Argument(
            metavar="[RUN]", help="the run whose state to go back to", show_default=False
        ),
    ] = None,
    allow: AllowedClasses = None,
    lock_timeout: LockTimeout = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show the plan only")] = False,
    output: TextOrJson = "text",
) -> None:
    """Apply again what was applied before.

    It is a change like any other: planned, approved, recorded, and undone by another rollback.
    Rows that the earlier definitions had made are served again at once, until the grace time after
    their replacement has passed; later they are filled anew. The files stay as they are: revert
    them too, or the next apply brings the change back.
    """
    from featurectl.cli.approval import allowed_classes, approved_classes  # noqa: PLC0415 - not for --help
    from featurectl.cli.commands.apply import tell_applied  # noqa: PLC0415 - same
    from featurectl.plan.approval import check_approved  # noqa: PLC0415 - same

    session, allowed = ctx.obj, allowed_classes(allow)
    with session.store() as store:
        back = store.plan_rollback(run_number)
        _show(session.console, back, "document" if dry_run and output == "json" else output)
        if dry_run:
            return
        command = "rollback" if run_number is None else f"rollback {run_number}"
        if back.plan.has_changes and yes:
            check_approved(back.plan, allowed, repository=back.repository, command=command)
        elif back.plan.has_changes:
            classes = "".join(f" --allow {each}" for each in sorted(allowed))
            ways_out = [f"review it, then: {session.typed(f'{command} --yes{classes}')}"]
            allowed = approved_classes(
                session,
                back.plan,
                back.repository,
                allowed,
                ways_out=ways_out,
                command=command,
            )
        result = store.rollback(back, allow=allowed, lock_timeout=lock_timeout)
    if output == "json":
        session.console.document(result.document())
    else:
        tell_applied(session, result, session.typed("materialize"))


def _show(console: Any, back: Any, output: str) -> None:
    from featurectl.cli.screens.rollback import rollback_screen  # noqa: PLC0415 - not for --help

    if output == "document":
        console.document(back.plan.document())
    elif output == "json":
        console.note(rollback_screen(back))
    else:
        console.result(rollback_screen(back))
