"""How old a view's newest value may be, and whether the store still has what was loaded. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurectl.definitions.duration import parse_duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.online.protocol import Stamp
    from featurectl.registry.protocol import Progress


def freshness_limit(view: Mapping[str, Any]) -> int | None:
    """The age in microseconds beyond which a view is stale; None where it never is.

    ``view`` is its canonical document. New data are expected every ``schedule``, and may take as
    long again to be loaded; without a schedule a view is stale when its newest value has expired.
    """
    if view.get("schedule"):
        return 2 * parse_duration(view["schedule"])
    return None if view["ttl"] == "none" else parse_duration(view["ttl"])


def is_lost(progress: Progress | None, stamp: Stamp | None) -> bool:
    """Whether a store does not have what the registry says a generation was loaded with.

    A store that was emptied has no stamp; one that was restored or failed over has that of an
    earlier run.
    """
    if progress is None:
        return False
    return stamp is None or stamp.run < progress.run
