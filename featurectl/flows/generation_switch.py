"""What goes with the change of a view's generation: checking the new one, removing the old."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.errors import StoreError
from featurectl.flows.view_target import fresh_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.definitions.binding import Binding, Generation
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.store_writer import Counts
    from featurectl.flows.view_target import Target
    from featurectl.online.protocol import Online
    from featurectl.registry.protocol import RunRecord


def check_filled(online: Online, view: str, generation: Generation, found: Counts) -> None:
    """Make sure that a generation holds what was put into it, before readers are sent there.

    Raises:
        StoreError: FC604, the counts differ or a row does not read back as it was written.
    """
    if found.written != found.keys:
        raise _not_as_filled(
            view,
            generation,
            f"of {found.keys:,} keys {found.written:,} were written: it has newer rows of the rest",
        )
    stored = online.get(list(found.sample))
    wrong = sum(value != row for value, row in zip(stored, found.sample.values(), strict=True))
    if wrong:
        raise _not_as_filled(
            view, generation, f"{wrong} of {len(stored)} rows do not read back as they were written"
        )


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


def left_behind(past: Sequence[RunRecord], snapshot: Snapshot, view: str) -> list[str]:
    """Generations that may have rows though no binding names them (any more).

    Those that runs have written or begun which did not come to their end, and the one that was
    served before. None after a run that has: it has removed them.
    """
    broken = _broken_off(past, view)
    if not broken:
        return []
    live = {
        generation.id
        for binding in snapshot.bindings.values()
        for generation in (binding.read, binding.target)
    }
    last = next((run for run in past if _came_to_its_end(run, view)), None)
    recent = [*broken, last] if last else broken
    written = {part.generation for run in recent for part in run.views if part.view == view}
    begun = {fresh_id(snapshot.lineage, view, run.run) for run in broken}
    return sorted((written | begun) - live)


def retire(online: Online, project: str, before: Binding, now: Generation) -> None:
    """Remove the rows of the generations that a view had before it was sent to ``now``.

    At once: a reader with an old manifest reads its version along with the values, sees that it is
    old, and asks again.
    """
    for generation in {before.read.id, before.target.id} - {now.id}:
        if online.stamp(project, generation):
            online.sweep(project, generation)


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


def _not_as_filled(view: str, generation: Generation, why: str) -> StoreError:
    return StoreError(
        "FC604",
        f'view "{view}": the new generation {generation.id} is not as it was filled: {why}',
        notes=["readers stay on the old generation"],
        help=["run materialize again, up to now"],
    )
