"""How figures are taken: medians of alternating runs, whole processes with their peak memory."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True)
class Figure:
    """One line of the report: ``ratio`` of ours to ``floor``, both as text with their units."""

    name: str
    ours: str
    floor: str
    ratio: float | None
    note: str = ""


@dataclass(frozen=True)
class Process:
    """A finished process: wall seconds, peak resident megabytes, what it printed."""

    seconds: float
    peak_mb: float
    output: str


def alternate(calls: Sequence[Callable[[], Any]], rounds: int = 5) -> list[float]:
    """The median seconds of each call, taken in turn so that a noisy moment hits all alike."""
    times: list[list[float]] = [[] for _ in calls]
    for call in calls:
        call()
    for _ in range(rounds):
        for index, call in enumerate(calls):
            start = time.perf_counter()
            call()
            times[index].append(time.perf_counter() - start)
    return [statistics.median(series) for series in times]


def run(command: Sequence[str], **options: Any) -> Process:
    """Run a command; raises CalledProcessError with its output when it fails."""
    # With bytecode, as an installed command has it: some images switch its writing off.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        **options,
    )
    output = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output)
    return Process(seconds, usage.ru_maxrss / 1024, output)


def processes(commands: Sequence[Sequence[str]], rounds: int = 5, **options: Any) -> list[float]:
    """The median wall seconds of whole processes, taken in turn."""
    return alternate([lambda c=command: run(c, **options) for command in commands], rounds)


def child(module: str, *args: str, python: str = sys.executable) -> dict[str, Any]:
    """Run a benchmark file as a process of its own, and return the JSON of its last line.

    ``peak_mb`` and ``process_seconds`` of the process are added to it.
    """
    done = run([python, module, *args])
    found: dict[str, Any] = json.loads(done.output.strip().splitlines()[-1])
    return {**found, "peak_mb": done.peak_mb, "process_seconds": done.seconds}


def show(figures: Sequence[Figure]) -> None:
    """Print the figures as a table."""
    width = max(len(figure.name) for figure in figures)
    for figure in figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:8.2f} x"
        cells = f"{figure.name:<{width}}  {figure.ours:>16}  {figure.floor:>24}  {ratio:>10}"
        print(f"  {cells}  {figure.note}".rstrip())
