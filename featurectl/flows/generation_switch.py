"""What goes with the change of a view's generation: counting the new one, removing the old."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.flows.view_target import fresh_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.definitions.binding import Binding, Generation
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.store_writer import Counts
    from featurectl.flows.view_target import Target
    from featurectl.online.protocol import Online
    from featurectl.registry.protocol import RunRecord
    from featurectl.registry.retention import Retention


def counted_keys(
    online: Online,
    target: Target,
    generation: Generation,
    found: Counts,
    past: Sequence[RunRecord],
) -> int:
    """The number of keys that runs have created in the generation.

    Counted one by one, which takes a pass over the store's keys, only after a run that has not come
    to record what it had created.
    """
    if generation != target.generation:
        return found.created
    lost_count = target.stamp is None and found.created < found.keys
    if lost_count or _broken_off(past, target.name):
        return online.count(target.snapshot.project, generation.id)
    return (target.stamp.keys if target.stamp else 0) + found.created


def left_behind(
    past: Sequence[RunRecord], snapshot: Snapshot, view: str, retention: Retention
) -> list[str]:
    """Generations that runs have begun which did not come to their end, and never bound.

    Those that the registry knows are kept or swept by their own rules; it is asked only after a run
    that was broken off.
    """
    begun = {fresh_id(snapshot.lineage, view, run.run) for run in _broken_off(past, view)}
    if not begun:
        return []
    known = {record.generation.id for record in retention.generations(snapshot.env)}
    return sorted(begun - known)


def sweep_replaced(
    online: Online, retention: Retention, snapshot: Snapshot, before: Binding, now: Generation
) -> None:
    """Remove the rows that newer files of a static source have replaced.

    At once, since nobody goes back to files that are gone: a reader with an old manifest reads its
    version along with the values, sees that it is old, and asks again. Rows of another definition
    are left for the grace time, and those that another environment reads stay.
    """
    old = before.read.id
    if before.fill or old == now.id:
        return
    for record in retention.generations(snapshot.env):
        if record.generation.id == old and record.retired_us is not None:
            # Killed from here on, a later run's sweep takes what was claimed.
            for claimed in retention.claim(snapshot.env, record.retired_us + 1, [old]):
                online.sweep(snapshot.project, claimed)
                retention.swept([claimed])


def _broken_off(past: Sequence[RunRecord], view: str) -> list[RunRecord]:
    """The runs that died, or failed for the view, since one came to its end; newest first."""
    found = []
    for run in past:
        if _came_to_its_end(run, view):
            break
        failed = any(part.view == view and part.status == "failed" for part in run.views)
        if run.kind == "materialize" and (run.status == "died" or failed):
            found.append(run)
    return found


def _came_to_its_end(run: RunRecord, view: str) -> bool:
    parts = [part for part in run.views if part.view == view]
    finished = run.status in ("ok", "failed")
    return finished and bool(parts) and all(part.status != "failed" for part in parts)
