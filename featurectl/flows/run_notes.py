"""What a person should know of a run's part in one view, beside its figures: one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.definitions.instant import format_instant
from featurectl.flows.source_drift import source_drift
from featurectl.flows.window import gaps, leaves_gap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from featurectl.flows.lease import Held
    from featurectl.flows.store_writer import Counts
    from featurectl.flows.view_target import Target
    from featurectl.flows.window import Window
    from featurectl.registry.protocol import RunRecord


def on_takeover(lease: Held) -> list[str]:
    """Whose lease was taken over, where its holder had died."""
    dead = lease.lease.taken_from
    return [f"took over from {dead.who} pid {dead.pid}, which has died"] if dead else []


def on_sweep(rows: int) -> list[str]:
    """What an earlier run has left behind, where it was any."""
    return [f"removed {rows:,} rows that an earlier run had left behind"] if rows else []


def on_window(target: Target, covered: Window, past: Sequence[RunRecord]) -> list[str]:
    """Why the window is not the one that follows the last run's, and what it leaves out."""
    progress = target.loaded.progress
    found = []
    if target.loaded.lost and progress:
        found.append(
            f"the store does not have what run {progress.run} has loaded (emptied, restored or "
            "failed over?): filled again"
        )
    if progress is None or progress.watermark_us is None:
        return found
    watermark = format_instant(progress.watermark_us)
    if leaves_gap(covered, target.loaded):
        start = format_instant(covered.from_us or 0)
        found.append(f"not loaded: {watermark} -> {start}; the next run continues there")
    elif covered.cause == "incremental":
        parts = [(record.run, part) for record in past for part in record.views]
        found += [
            f"fills the gap {watermark} -> {format_instant(start)} that run {run} has left"
            for run, start in gaps(parts, target.generation.id, progress.watermark_us)
        ]
    return found


def on_columns(target: Target, applied: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Where columns that the view reads are not of the type that they were applied with."""
    source = target.sourced.source.name
    now = {source: target.state.columns}
    found = source_drift(target.snapshot, applied, now, views=[target.name])
    return [drift.text for drift in found if not drift.harmless]


def on_rows(target: Target, found: Counts, ignored: int) -> list[str]:
    """Rows that could not be used, and entities whose newest row was a matter of content."""
    remarks = []
    if ignored:
        rows = "row has" if ignored == 1 else "rows have"
        remarks.append(f"{ignored:,} {rows} no usable time or key: left out")
    if found.ties:
        entities = "entity has" if found.ties == 1 else "entities have"
        times = "" if target.is_static else " of equal times"
        remarks.append(f"{found.ties:,} {entities} several newest rows{times}: content decided")
    return remarks


def on_waiting(target: Target) -> str:
    """Why readers stay on the generation they have."""
    serving = target.serving.watermark_us if target.serving else None
    until = "" if serving is None else f", which is loaded up to {format_instant(serving)}"
    return f"readers stay on the old generation{until}: the new one ends before it"


def on_nothing(target: Target, end_us: int) -> str:
    """Why there was nothing to do."""
    if not target.is_own:
        return f"{target.owner} owns the rows, since they were promoted: its runs load them"
    progress = target.loaded.progress
    if target.is_static:
        return f"the files are those that run {progress.run if progress else 0} has loaded"
    watermark = progress.watermark_us if progress else None
    until = "" if watermark is None else f" up to {format_instant(watermark)}"
    return f"loaded{until} already, which is after the end {format_instant(end_us)}"
