"""How figures are taken: medians of alternating runs, whole processes with their peak memory."""

from __future__ import annotations

import json
import os
import resource
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
    """One line of the report: ``ratio`` of ours to ``floor``, both as text with their units.

    ``cpu`` is the same ratio of CPU seconds, which other work on the machine disturbs less;
    ``goal`` is the most that the ratio may be.
    """

    name: str
    ours: str
    floor: str
    ratio: float | None
    note: str = ""
    cpu: float | None = None
    goal: float | None = None


@dataclass(frozen=True)
class Spent:
    """Wall seconds, and CPU seconds of all threads, children included."""

    wall: float
    cpu: float


def compared(
    name: str, ours: Spent, floor: Spent, *, goal: float | None = None, note: str = ""
) -> Figure:
    """The line of two that do the same work."""
    times = f"{ours.wall:.2f} s", f"{floor.wall:.2f} s"
    return Figure(name, *times, ours.wall / floor.wall, note, cpu=ours.cpu / floor.cpu, goal=goal)


@dataclass(frozen=True)
class Process:
    """A finished process: wall and CPU seconds, peak resident megabytes, what it printed."""

    seconds: float
    peak_mb: float
    output: str
    cpu: float


def alternate(calls: Sequence[Callable[[], Any]], rounds: int = 5) -> list[float]:
    """The median seconds of each call, taken in turn so that a noisy moment hits all alike."""
    return [found.wall for found in spent_in_turn(calls, rounds)]


def spent_in_turn(calls: Sequence[Callable[[], Any]], rounds: int = 5) -> list[Spent]:
    """The medians of wall and CPU seconds of each call, taken in turn after one call of each."""
    found: list[list[Spent]] = [[] for _ in calls]
    for call in calls:
        call()
    for _ in range(rounds):
        for index, call in enumerate(calls):
            found[index].append(spent(call))
    return [median(series) for series in found]


def spent(call: Callable[[], Any]) -> Spent:
    """What one call takes."""
    start = _now()
    call()
    end = _now()
    return Spent(end.wall - start.wall, end.cpu - start.cpu)


def median(series: Sequence[Spent]) -> Spent:
    """The median of each of the two."""
    return Spent(
        statistics.median(one.wall for one in series),
        statistics.median(one.cpu for one in series),
    )


def _now() -> Spent:
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(who) for who in whose]
    return Spent(time.perf_counter(), sum(usage.ru_utime + usage.ru_stime for usage in used))


def run(command: Sequence[str], **options: Any) -> Process:
    """Run a command; ends the run with its output when it fails."""
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
        raise SystemExit(f"{' '.join(command)} failed:\n{output[-2_000:]}")
    cpu = usage.ru_utime + usage.ru_stime
    return Process(seconds, usage.ru_maxrss / 1024, output, cpu)


def processes(commands: Sequence[Sequence[str]], rounds: int = 5, **options: Any) -> list[float]:
    """The median wall seconds of whole processes, taken in turn."""
    return alternate([lambda c=command: run(c, **options) for command in commands], rounds)


def child(module: str, *args: str, python: str = sys.executable) -> dict[str, Any]:
    """Run a benchmark file as a process of its own, and return the JSON of its last line.

    ``peak_mb``, ``process_seconds`` and ``process_cpu`` of the process are added to it.
    """
    done = run([python, module, *args])
    found: dict[str, Any] = json.loads(done.output.strip().splitlines()[-1])
    process = {"process_seconds": done.seconds, "process_cpu": done.cpu}
    return {**found, **process, "peak_mb": done.peak_mb}


def show(figures: Sequence[Figure]) -> None:
    """Print the figures as a table."""
    width = max(len(figure.name) for figure in figures)
    for figure in figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:8.2f} x"
        cpu = "" if figure.cpu is None else f"cpu {figure.cpu:.2f} x"
        cells = f"{figure.name:<{width}}  {figure.ours:>16}  {figure.floor:>24}  {ratio:>10}"
        print(f"  {cells}  {cpu:<12}  {_verdict(figure):<22}  {figure.note}".rstrip())


def _verdict(figure: Figure) -> str:
    if figure.goal is None or figure.ratio is None:
        return ""
    met = "met" if figure.ratio <= figure.goal else "NOT MET"
    return f"goal {figure.goal:.2f} x: {met}"
