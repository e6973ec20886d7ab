"""A million labels on twenty million rows with a memory limit, streamed to a Parquet file."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from historical import TTL
from measure import Figure, run

if TYPE_CHECKING:
    from context import Context
    from measure import Process

SIZE = "L"
PEAK_MB = 1_400
LIMITS = ("", "  memory_limit: 1GB\n", "  memory_limit: 1GB\n  threads: 2\n")


def figures(context: Context) -> list[Figure]:
    """The peak of the whole command's memory without a limit, with one, and with two threads."""
    folder = context.repository(SIZE, ttl=TTL)
    free, *limited = [_command(folder, limits) for limits in LIMITS]
    found = [Figure(f"get-historical {SIZE}, no limit", _mb(free), "", None, _note(free))]
    for limits, done in zip(LIMITS[1:], limited, strict=True):
        name = ", ".join(line.strip() for line in limits.splitlines())
        ratio = done.peak_mb / PEAK_MB
        found.append(Figure(f"  {name}", _mb(done), f"{PEAK_MB} MB", ratio, _note(done), goal=1.0))
        cpu = done.cpu / free.cpu
        times = f"{done.seconds:.2f} s", f"{free.seconds:.2f} s"
        found.append(Figure("    to no limit", *times, done.seconds / free.seconds, cpu=cpu))
    return found


def _command(folder: Path, limits: str) -> Process:
    config = folder / "featurectl.yaml"
    before = config.read_text()
    binary = str(Path(sys.executable).with_name("featurectl"))
    words = [binary, "--repo", str(folder)]
    offline = f"offline:\n{limits}" if limits else ""
    try:
        config.write_text(f"project: bench\n{offline}")
        run([*words, "apply", "--yes"])
        with tempfile.TemporaryDirectory() as scratch:
            out = ["--out", str(Path(scratch) / "train.parquet")]
            labels = ["--entities", str(folder / "labels.parquet")]
            return run([*words, "get-historical", "--service", "all", *labels, *out])
    finally:
        config.write_text(before)


def _mb(done: Process) -> str:
    return f"{done.peak_mb:.0f} MB"


def _note(done: Process) -> str:
    return f"{done.seconds:.1f} s, cpu {done.cpu:.1f} s"
