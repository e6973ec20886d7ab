"""What is known of an online store's server beyond that it answers."""

from __future__ import annotations

from featurectl.wiring.stores import is_embedded


def online_health(url: str) -> tuple[list[str], list[str]]:
    """Facts and worries, one line each; nothing of an embedded store.

    Raises:
        StoreError: the server does not answer.
    """
    if is_embedded(url):
        return [], []
    from featurectl.online.redis_health import redis_health  # noqa: PLC0415 - loads redis

    return redis_health(url)
