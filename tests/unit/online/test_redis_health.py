"""What doctor is told of a Redis server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import redis

from featurectl.errors import StoreError
from featurectl.online.redis_health import redis_health
from featurectl.wiring.health import online_health

if TYPE_CHECKING:
    from pathlib import Path

    from redis_server import RedisServer


def test_a_server_without_persistence_is_worried_about(own_redis: RedisServer) -> None:
    facts, worries = redis_health(own_redis.url)

    assert facts == ["maxmemory no limit", "policy noeviction"]
    assert worries == [
        "no persistence (appendonly no, save off): a restart empties the online store"
    ]


def test_a_server_that_evicts_is_worried_about(own_redis: RedisServer) -> None:
    with redis.Redis.from_url(own_redis.url) as client:
        client.config_set("maxmemory", "100mb")
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("save", "900 1")

    facts, worries = online_health(own_redis.url)

    assert facts == ["maxmemory 100.00M", "policy allkeys-lru"]
    assert worries[0].startswith("policy allkeys-lru: a full server drops values")
    assert worries[1].startswith("snapshots only")


def test_a_server_that_keeps_everything_is_no_worry(own_redis: RedisServer) -> None:
    with redis.Redis.from_url(own_redis.url) as client:
        client.config_set("appendonly", "yes")

    assert redis_health(own_redis.url)[1] == []


def test_a_user_who_may_not_ask_is_told_less(own_redis: RedisServer) -> None:
    with redis.Redis.from_url(own_redis.url) as client:
        client.acl_setuser(
            "reader", enabled=True, passwords=["+secret"], keys=["*"], categories=["+@read"],
            commands=["+ping"],
        )  # fmt: skip
    url = own_redis.url.replace("redis://", "redis://reader:secret@")

    assert redis_health(url) == (["INFO is not allowed"], [])


def test_a_server_that_is_away_is_an_error(own_redis: RedisServer) -> None:
    own_redis.stop()

    with pytest.raises(StoreError) as caught:
        redis_health(own_redis.url)

    assert caught.value.code == "FC601"


def test_an_embedded_store_has_no_server(tmp_path: Path) -> None:
    assert online_health(str(tmp_path / "online.db")) == ([], [])
