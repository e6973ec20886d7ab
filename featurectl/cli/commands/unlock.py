"""``featurectl unlock``."""

from typing import TYPE_CHECKING, Annotated

import typer

from featurectl.cli.options import TextOrJson

if TYPE_CHECKING:
    from featurectl.cli.session import Session
    from featurectl.flows.unlock import Lock

EXAMPLES = (
    ("featurectl unlock", "the locks that are held, and by whom"),
    ("featurectl unlock 7f3a", "release one; asks first"),
    ("featurectl unlock 7f3a --yes", "without a question"),
)


def run(
    ctx: typer.Context,
    lock_id: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="of the lock, as its error shows it; none: list them",
                       show_default=False),
    ] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
    output: TextOrJson = "text",
) -> None:  # fmt: skip
    """Release a lock whose holder does not.

    It is seldom needed: the lock of a process that is gone, or silent for a minute on another
    machine, is taken over by the next run. A holder whose lock was released can record nothing any
    more, even if it is still at work.
    """
    from featurectl.cli.screens.unlock import locks_screen, released  # noqa: PLC0415 - not for --help
    from featurectl.flows.unlock import FORMAT, find_lock  # noqa: PLC0415 - same

    session: Session = ctx.obj
    with session.store() as store:
        locks = store.locks()
        if lock_id is None:
            if output == "json":
                documents = [lock.document() for lock in locks]
                session.console.document({"format": FORMAT, "locks": documents})
            else:
                session.console.result(locks_screen(locks, session.typed("unlock")))
            return
        lock = find_lock(locks, lock_id)
        if not yes:
            _ask(session, lock)
        was_held = store.unlock(lock)
    if output == "json":
        document = {"format": FORMAT, "released": was_held, "locks": [lock.document()]}
        session.console.document(document)
    else:
        gone = f"{lock_id} was given back by its holder meanwhile."
        session.console.result([released(lock) if was_held else gone])


def _ask(session: "Session", lock: "Lock") -> None:
    """Show who holds the lock, and ask.

    Raises:
        RefusedError: FC401 nobody is there to be asked, or the answer is no.
    """
    from featurectl.cli.screens.unlock import lock_lines, question, warning  # noqa: PLC0415 - as above
    from featurectl.errors import RefusedError  # noqa: PLC0415 - same

    console = session.console
    console.error(lock_lines(lock))
    if warning(lock):
        console.warn(warning(lock))
    if not console.can_ask:
        raise RefusedError(
            "FC401",
            f"unlock {lock.lease.id} needs approval, and there is no terminal to ask",
            help=[
                f"where the holder is surely gone: {session.typed(f'unlock {lock.lease.id} --yes')}"
            ],
        )
    if console.ask(question(lock)).lower() not in ("y", "yes"):
        raise RefusedError("FC401", "not approved: the lock was not released")
