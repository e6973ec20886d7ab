"""Whether a process that once wrote to the registry is still alive."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Final

SILENCE_US: Final = 60_000_000
_PROC: Final = Path("/proc")
_STATE, _START = 0, 19  # fields of /proc/PID/stat, counted after the name in parentheses


@cache
def this_host() -> str:
    """The name of this machine, as leases and runs record it."""
    if hasattr(os, "uname"):
        return os.uname().nodename
    import platform  # noqa: PLC0415 - Windows only

    return platform.node()


def process_mark(pid: int) -> str:
    """A text that no other process has: machine since it started, pid namespace, its start.

    Empty where the system does not tell (no ``/proc``) or there is no such process.
    """
    stat = _stat(pid)
    machine = _machine()
    return f"{machine} {stat[_START]}" if stat and machine else ""


def is_dead(host: str, pid: int, mark: str, *, seen_us: int, now_us: int) -> bool:
    """Whether the process that gave its last sign of life at ``seen_us`` is gone.

    On this host its number decides, along with its start where that is known. Of a process
    elsewhere (another host, another container with this host's name, before a restart of the
    machine) only its silence for :data:`SILENCE_US` tells.
    """
    alive = _is_alive_here(pid, mark) if host == this_host() else None
    return now_us - seen_us >= SILENCE_US if alive is None else not alive


def _is_alive_here(pid: int, mark: str) -> bool | None:
    machine, _, start = mark.rpartition(" ")
    if mark and machine != _machine():
        return None
    stat = _stat(pid)
    if stat:
        return stat[_STATE] not in "ZX" and start in ("", stat[_START])
    return _answers_signals(pid)


def _stat(pid: int) -> list[str]:
    try:
        text = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


@cache
def _machine() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {(_PROC / 'self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def _answers_signals(pid: int) -> bool | None:
    if os.name != "posix":
        return None  # elsewhere, signal 0 is no harmless question
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
