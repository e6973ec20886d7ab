"""What rows are said to weigh is what stores take for them: near, and Valkey may take less."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest
import redis

from featurectl.online.codec import HEADER
from featurectl.online.protocol import Rows
from featurectl.online.redis import RedisOnline
from featurectl.online.redis_scale import RedisScale
from featurectl.online.sqlite import SqliteOnline
from featurectl.online.sqlite_scale import SqliteScale

if TYPE_CHECKING:
    from pathlib import Path

    from redis_server import RedisServer

ROWS = 12_000  # far from a power of two, at which Redis has just doubled a table
DAY_MS = 86_400_000
NOW_US = 1_790_000_000_123_456
WIDTHS = pytest.mark.parametrize("width", [24, 40, 60, 110, 300])


def rows(width: int, *, expire: bool) -> Rows:
    picked = random.Random(7).sample(range(10**6, 10**7), ROWS)
    keys = [b"demo:driver_stats.k3f9:%d" % number for number in picked]
    values = [HEADER.pack(1, 0, 1, NOW_US, NOW_US) + bytes(width - HEADER.size)] * ROWS
    return Rows(keys, values, time.time_ns() // 1_000_000 + DAY_MS if expire else None)


@WIDTHS
@pytest.mark.parametrize("expiry", ["forever", "expire"])
def test_redis_takes_what_its_scale_says(width: int, expiry: str, own_redis: RedisServer) -> None:
    expire = expiry == "expire"
    batch = rows(width, expire=expire)
    with redis.Redis.from_url(own_redis.url) as client:
        before = client.info("memory")["used_memory"]
        store = RedisOnline(own_redis.url)
        store.put(batch)
        store.close()
        taken = client.info("memory")["used_memory"] - before
        is_valkey = "valkey_version" in client.info("server")

    said = RedisScale(own_redis.url).weigh(batch.keys, batch.values, expire=expire)

    assert 0.9 * taken <= said <= (1.5 if is_valkey else 1.1) * taken


@WIDTHS
def test_a_file_grows_by_what_its_scale_says(width: int, tmp_path: Path) -> None:
    batch = rows(width, expire=True)
    path = tmp_path / "online.db"
    store = SqliteOnline(path)
    for start in range(0, ROWS, 3_000):
        part = slice(start, start + 3_000)
        store.put(Rows(batch.keys[part], batch.values[part], batch.expires_at_ms))
    store.close()

    said = SqliteScale(path).weigh(batch.keys, batch.values, expire=True)

    assert said == pytest.approx(path.stat().st_size, rel=0.15)


def test_a_server_with_a_limit_says_what_is_left_of_it(own_redis: RedisServer) -> None:
    scale = RedisScale(own_redis.url)
    unlimited = scale.free_bytes()
    with redis.Redis.from_url(own_redis.url) as client:
        client.config_set("maxmemory", "100mb")

    free = scale.free_bytes()
    scale.close()

    assert unlimited is None
    assert free is not None
    assert 80_000_000 < free < 104_857_600


def test_a_user_who_may_not_ask_is_told_nothing(own_redis: RedisServer) -> None:
    with redis.Redis.from_url(own_redis.url) as client:
        client.acl_setuser(
            "reader", enabled=True, passwords=["+secret"], keys=["*"], categories=["+@read"]
        )
    scale = RedisScale(own_redis.url.replace("redis://", "redis://reader:secret@"))

    assert scale.free_bytes() is None
    scale.close()


def test_a_file_has_what_the_disk_has_free(tmp_path: Path) -> None:
    free = SqliteScale(tmp_path / "not" / "there" / "online.db").free_bytes()

    assert free is not None
    assert free > 0
