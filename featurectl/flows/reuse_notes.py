"""What is said of rows that were there already, and of those that could not be taken."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from featurectl.definitions.instant import format_instant
from featurectl.errors import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.reuse import Found, Sought
    from featurectl.registry.protocol import Progress

_NAMED = 5  # views that a line lists


def promotion_notes(found: Found, sought: Sought) -> tuple[str, ...]:
    """One line for what is promoted, and one for each reason why something is not."""
    if not sought.promote_from:
        return ()
    env, taken = sought.promote_from, []
    for view, reuse in found.reuse.items():
        if reuse.generation.id in found.takes:
            taken.append(view)
    lines = (
        [f"promoted from {env}, 0 bytes moved: {listed(sorted(taken), _NAMED)}"] if taken else []
    )
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    for view, why in found.passed.items():
        reasons[why].append(view)
    return (
        *lines,
        *(
            f"loaded and not promoted from {env}, because {why}: {listed(sorted(views), _NAMED)}"
            for why, views in sorted(reasons.items())
        ),
    )


def age_notes(found: Found, progress: Mapping[str, Progress]) -> tuple[str, ...]:
    """How old the rows are that readers were sent back to; ``progress`` is by generation."""
    loaded = {
        view: progress[reuse.generation.id].watermark_us
        for view, reuse in sorted(found.reuse.items())
        if reuse.generation.id in progress
    }
    return tuple(
        f"{view} serves what was loaded up to {format_instant(until)}; "
        "the next materialize continues from there"
        for view, until in loaded.items()
        if until is not None
    )


def kept_notes(gone: Mapping[str, Iterable[str]], snapshot: Snapshot) -> tuple[str, ...]:
    """What is said of rows that views let go of, and that another environment reads.

    ``gone`` has the generations by view, ``snapshot`` is that of before.
    """
    kept = sorted(view for view, ids in gone.items() if snapshot.shared.intersection(ids))
    return (f"another environment reads these rows, which stay: {listed(kept, _NAMED)}",) * bool(
        kept
    )
