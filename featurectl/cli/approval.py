"""The approval of a plan at the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from featurectl.cli.figures import plural
from featurectl.cli.options import split

if TYPE_CHECKING:
    from featurectl.definitions.repository import Repository
    from featurectl.plan.plan import Plan
    from featurectl.plan.refusal import Command


def allowed_classes(allow: list[str] | None) -> set[str]:
    """The classes that ``--allow`` names.

    Raises:
        typer.BadParameter: one is no class of changes.
    """
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


def approved_classes(
    session: Any,
    plan: Plan,
    repository: Repository,
    allowed: set[str],
    *,
    ways_out: list[str],
    command: Command = "apply",
) -> set[str]:
    """The classes that the person at the terminal approves, with those that are allowed already.

    ``ways_out`` is the help where nobody is there to be asked, ``command`` what they typed.

    Raises:
        RefusedError: FC401 nobody is there, or the answer is no; FC402 something is protected.
    """
    from featurectl.cli.screens.apply import destroy_question, question  # noqa: PLC0415 - as above
    from featurectl.errors import RefusedError  # noqa: PLC0415 - same
    from featurectl.plan.approval import ASKED, check_approved, needed  # noqa: PLC0415 - same

    console = session.console
    if not console.can_ask:
        check_approved(plan, allowed, repository=repository, command=command)
        changes = plural(len(plan.changes), "change")
        raise RefusedError(
            "FC401",
            f"{command} needs approval: {changes} and no terminal to ask",
            help=ways_out,
        )
    asked = needed(plan)
    if asked.protected:  # nothing allows that, so there is nothing to ask
        check_approved(plan, ASKED, repository=repository)
    for change in asked.by_class.get("destroy", ()) if "destroy" not in allowed else ():
        if console.ask(destroy_question(change.kind, change.name)) != change.name:
            raise _declined()
    if console.ask(question(asked)).lower() not in ("y", "yes"):
        raise _declined()
    return allowed | set(asked.classes)


def _declined() -> Exception:
    from featurectl.errors import RefusedError  # noqa: PLC0415 - as above

    return RefusedError("FC401", "not approved: nothing was applied")
