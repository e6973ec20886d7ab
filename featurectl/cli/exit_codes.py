"""What a command's exit code means: the one place where outcomes become numbers."""

from __future__ import annotations

from enum import IntEnum

from featurectl.errors import FeaturectlError, ManyErrors


class ExitCode(IntEnum):
    """The exit codes that scripts may rely on. Usage errors (2) are never "changes present"."""

    OK = 0
    FAILED = 1  # invalid definitions, source or store error, some views failed, a bug
    USAGE = 2  # a bad option or command
    PENDING = 3  # plan --exit-code: there are changes; status --exit-code: a limit is breached
    REFUSED = 4  # needs an approval that was not given
    CONFLICT = 5  # the plan is stale, or the lease is held
    INTERRUPTED = 130  # Ctrl-C
    OUTPUT_CLOSED = 141  # the reader of stdout is gone: `| head`
    TERMINATED = 143  # SIGTERM


class Terminated(BaseException):
    """SIGTERM arrived. No Exception, so that nothing takes it for a failure of a view."""


def exit_code_of(error: BaseException) -> int:
    """The exit code of a command that ended with this error."""
    if isinstance(error, ManyErrors):
        codes = {exit_code_of(each) for each in error.errors}
        return codes.pop() if len(codes) == 1 else ExitCode.FAILED
    if isinstance(error, FeaturectlError):
        return error.exit_code
    signals = {
        KeyboardInterrupt: ExitCode.INTERRUPTED,
        BrokenPipeError: ExitCode.OUTPUT_CLOSED,
        Terminated: ExitCode.TERMINATED,
    }
    return signals.get(type(error), ExitCode.FAILED)
