"""When an online store may drop the rows of a view. Pure."""

from __future__ import annotations

_LEAST_KEPT_US = 7 * 86_400_000_000  # beyond the TTL


def expires_at_ms(ttl_us: int | None, on_stale: str, now_us: int) -> int | None:
    """When the store may drop the rows of a run at ``now_us``, in Unix milliseconds; None never.

    Housekeeping only: whether a value has expired is judged when it is read. A value is kept past
    its TTL for as long again, at least a week, so that a reader is told ``EXPIRED``, not
    ``NOT_FOUND``.
    """
    if ttl_us is None or on_stale == "serve":
        return None
    return (now_us + ttl_us + max(ttl_us, _LEAST_KEPT_US)) // 1_000
