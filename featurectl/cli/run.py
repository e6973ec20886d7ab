"""One call of the program: parse, run, and turn whatever happens into an exit code."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

import typer

from featurectl import __version__
from featurectl.cli.command import CONTEXT, Tree, global_options
from featurectl.cli.exit_codes import ExitCode, Terminated
from featurectl.cli.failure import output_closed, report, usage
from featurectl.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = "featurectl"


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit code. Nothing is raised but ``SystemExit``."""
    started = time.perf_counter()
    _prepare_streams()
    session = Session()
    termination = _Termination()
    previous = signal.signal(signal.SIGTERM, termination)
    try:
        code = _invoke(list(arguments), session)
        sys.stdout.flush()
    except BrokenPipeError:
        return output_closed()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else ExitCode.FAILED
    except BaseException as error:  # noqa: BLE001 - the rim: every outcome becomes an exit code
        if _is_usage(error):
            session.console.error(usage(error))
            return ExitCode.USAGE
        if termination.arrived and isinstance(error, KeyboardInterrupt):
            error = Terminated()
        return _report(error, session, time.perf_counter() - started)
    else:
        return code
    finally:
        signal.signal(signal.SIGTERM, previous)


def _invoke(arguments: list[str], session: Session) -> int:
    root = _root()
    if f"_{PROGRAM.upper()}_COMPLETE" in os.environ:
        root.main(arguments, PROGRAM, obj=session)
    try:
        with root.make_context(PROGRAM, arguments, obj=session) as context:
            root.invoke(context)
    except typer.Exit as leaving:
        return leaving.exit_code
    return ExitCode.OK


def _root() -> Any:
    app = typer.Typer(
        cls=Tree,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        invoke_without_command=True,
        context_settings=CONTEXT,
        no_args_is_help=False,
    )
    app.callback()(_tree)
    command: Any = typer.main.get_command(app)
    command.params = [*global_options(), *command.params]
    return command


def _tree(ctx: typer.Context, *, version: bool = typer.Option(False, "--version")) -> None:
    if version:
        ctx.obj.console.result([f"{PROGRAM} {__version__}"])
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        ctx.obj.console.result([ctx.get_help()])


def _is_usage(error: BaseException) -> bool:
    """Whether typer raised it for a bad option or command (its class is not public)."""
    return getattr(error, "exit_code", None) == ExitCode.USAGE and hasattr(error, "show")


def _report(error: BaseException, session: Session, elapsed: float) -> int:
    try:
        return report(
            error,
            session.console,
            verbose=session.verbose,
            elapsed=elapsed,
            addressed=session.addressed,
        )
    except BrokenPipeError:
        return output_closed()


class _Termination:
    """SIGTERM as an exception, and whether it came.

    A query that a signal ends raises KeyboardInterrupt, whichever signal it was.
    """

    arrived = False

    def __call__(self, _signal: int, _frame: object) -> None:
        self.arrived = True
        raise Terminated


def _prepare_streams() -> None:
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed: no file that is opened later may get its number
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:  # a terminal without Unicode shows escapes rather than failing
            reconfigure(errors="backslashreplace")
