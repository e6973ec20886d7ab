"""What a person sees when a command fails: the error's frame, or that it is a bug and where."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from featurectl import __version__
from featurectl.cli.exit_codes import ExitCode, Terminated, exit_code_of
from featurectl.cli.figures import brief, plural
from featurectl.cli.paint import paint, readable
from featurectl.errors import FeaturectlError, ManyErrors, nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from featurectl.cli.console import Console

_HEAD = re.compile(r"(error\[FC\d{3}\])(.*)")
_CARETS = re.compile(r"(\s*\|\s+)(\^+)(.*)")
_REMARK = re.compile(r"(\s+(?:= )?)(note|help):(.*)")
_CUT = "What was finished is kept, nothing is half written: run it again."


def report(
    error: BaseException,
    console: Console,
    *,
    verbose: bool,
    elapsed: float,
    addressed: Callable[[str], str] = str,
) -> int:
    """Tell of the error on stderr; the exit code it stands for.

    ``addressed`` completes the commands that a line of it names (see ``session.py``).
    An error that nobody raised on purpose is a bug: its traceback goes to a file under the
    temporary folder, and with ``verbose`` to stderr too.
    """
    if isinstance(error, FeaturectlError):
        console.error(map(addressed, frame(error)))
        if isinstance(error, ManyErrors):
            console.error(["", paint(total(error, elapsed), "bold")])
        if verbose:
            console.error([paint(_trace(error), "dim")])
    elif isinstance(error, KeyboardInterrupt):
        console.error(["", f"Interrupted. {_CUT}"])
    elif isinstance(error, Terminated):
        console.error([f"Terminated. {_CUT}"])
    else:
        console.error(_bug(error, verbose=verbose))
    return exit_code_of(error)


def frame(error: FeaturectlError) -> list[str]:
    """The error as painted lines; a tab is one column, so that carets stay where they belong."""
    return [_painted(readable(line.replace("\t", " "))) for line in error.render().split("\n")]


def usage(error: Any) -> list[str]:
    """A bad option or command, as typer found it: what is wrong, and where the right ones are."""
    message = readable(error.format_message()).rstrip(".")
    near = nearest(getattr(error, "option_name", ""), getattr(error, "possibilities", None) or ())
    if near:
        message = f"{readable(error.message)}; did you mean {near}?"
    lines = [f"{paint('error:', 'red', 'bold')} {paint(message[0].lower() + message[1:], 'bold')}"]
    if error.ctx is not None:
        lines.append(f"  {error.ctx.get_usage()[0].lower()}{error.ctx.get_usage()[1:]}")
        lines.append(f"  help: {error.ctx.command_path} --help")
    return lines


def total(errors: ManyErrors, elapsed: float) -> str:
    """``3 errors in 3 files (41 ms)``."""
    files = {error.location.file for error in errors.errors if error.location}
    where = f" in {plural(len(files), 'file')}" if files else ""
    return f"{plural(len(errors.errors), 'error')}{where} ({brief(elapsed)})"


def output_closed() -> int:
    """Leave quietly: who read stdout is gone, and the interpreter must not try to flush into it."""
    import os  # noqa: PLC0415 - rarely needed

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.OUTPUT_CLOSED


def _bug(error: BaseException, *, verbose: bool) -> list[str]:
    import tempfile  # noqa: PLC0415 - takes as long as the rest of the start-up; rarely needed

    trace = _trace(error)
    what = readable(f"{type(error).__name__}: {error}")
    head = paint("error:", "red", "bold")
    lines = [f"{head} this is a bug in featurectl {__version__}: {what}"]
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="featurectl-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(f"featurectl {__version__}\npython {sys.version}\n{trace}\n")
        lines.append(f"  note: the traceback is in {file.name}")
    except OSError as failure:  # no place for a file: then it is shown instead
        lines.append(f"  note: the traceback could not be written: {failure.strerror}")
        verbose = True
    lines.append("  help: please report it with that file; featurectl -v … shows it here")
    return [*lines, paint(trace, "dim")] if verbose else lines


def _trace(error: BaseException) -> str:
    import traceback  # noqa: PLC0415 - see above

    return "".join(traceback.format_exception(error)).rstrip()


def _painted(line: str) -> str:
    if head := _HEAD.fullmatch(line):
        return paint(head[1], "red", "bold") + paint(head[2], "bold")
    if line.startswith("  --> "):
        return paint("  --> ", "blue") + line[6:]
    if carets := _CARETS.fullmatch(line):
        return carets[1] + paint(carets[2] + carets[3], "red")
    if remark := _REMARK.fullmatch(line):
        return f"{remark[1]}{paint(remark[2] + ':', 'cyan')}{remark[3]}"
    return line
