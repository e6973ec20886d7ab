"""Everything that an online store holds, to see what a command has left alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import redis


def dump(url: str) -> dict[bytes, tuple[bytes, int | None]]:
    """Each key with its value, and when it expires (Unix ms)."""
    if url.startswith("sqlite:///"):
        return _of_file(Path(url.removeprefix("sqlite:///")))
    client = redis.Redis.from_url(url)
    try:
        keys = list(client.scan_iter(count=1000))
        expires = (client.pexpiretime(key) for key in keys)
        return {
            key: (value, at if at > 0 else None)
            for key, value, at in zip(keys, client.mget(keys), expires, strict=True)
        }
    finally:
        client.close()


def _of_file(path: Path) -> dict[bytes, tuple[bytes, int | None]]:
    if not path.exists():
        return {}
    db = sqlite3.connect(path)
    try:
        found = db.execute("select key, value, expires_at_ms from rows").fetchall()
    finally:
        db.close()
    return {bytes(key): (bytes(value), at) for key, value, at in found}
