"""What about a Redis server endangers the values that it serves."""

from __future__ import annotations

from typing import Any

import redis

from featurectl.online.redis import client_of
from featurectl.online.redis_errors import redis_errors

_KEEPS_ALL = "noeviction"


def redis_health(url: str) -> tuple[list[str], list[str]]:
    """Facts about the server, and what to worry about, one line each: two round trips.

    A server that keeps its settings to itself (an ACL, a hosted one) gives fewer of both.

    Raises:
        StoreError: as :class:`~featurectl.online.protocol.OnlineStore`.
    """
    with redis_errors(url), client_of(url) as client:
        client.ping()
        try:
            info: dict[str, Any] = client.info()
        except redis.ResponseError:
            return ["INFO is not allowed"], []
        settings = _settings(client)
    return _facts(info), _worries(info, settings)


def _settings(client: redis.Redis) -> dict[str, str]:
    try:
        found: dict[str, str] = client.config_get("save", "appendonly")  # type: ignore[assignment]
    except redis.ResponseError:
        return {}
    return found


def _facts(info: dict[str, Any]) -> list[str]:
    limit = info.get("maxmemory") or 0
    room = info.get("maxmemory_human") if limit else "no limit"
    return [f"maxmemory {room}", f"policy {info.get('maxmemory_policy', 'unknown')}"]


def _worries(info: dict[str, Any], settings: dict[str, str]) -> list[str]:
    found = []
    policy = info.get("maxmemory_policy", _KEEPS_ALL)
    if info.get("maxmemory") and policy != _KEEPS_ALL:
        found.append(
            f"policy {policy}: a full server drops values; set maxmemory-policy noeviction"
        )
    if settings and settings.get("appendonly") == "no" and not settings.get("save"):
        found.append("no persistence (appendonly no, save off): a restart empties the online store")
    elif settings and settings.get("appendonly") == "no":
        found.append(
            "snapshots only (appendonly no): a crash loses what was written since the last"
        )
    if info.get("role") not in (None, "master"):
        found.append("it is a replica: materialize can't write to it")
    return found
