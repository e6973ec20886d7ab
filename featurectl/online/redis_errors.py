"""What goes wrong with a Redis server, as an error of the store that shows no password."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import redis

from featurectl.definitions.url import mask_url
from featurectl.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DENIED = ("ACL failure", "can't run this command", "NOPERM", "NOAUTH", "WRONGPASS")


@contextmanager
def redis_errors(url: str) -> Iterator[None]:
    """Turns what the client or the server says in the block into an error of the store."""
    try:
        yield
    except (redis.RedisError, OSError) as error:
        raise store_error(error, url) from error


def store_error(error: Exception, url: str) -> StoreError:
    """FC601 unreachable, FC602 not allowed, FC603 full, FC604 anything else."""
    where = f"the online store {mask_url(url)}"
    text = mask_url(str(error))
    if _is_denied(error):
        return StoreError(
            "FC602",
            f"{where} does not allow this: {text}",
            help=["check user, password and ACL of the URL"],
        )
    if isinstance(error, redis.exceptions.OutOfMemoryError) or "OOM command not allowed" in text:
        return StoreError(
            "FC603",
            f"{where} is full: {text}",
            help=["free memory there, or raise maxmemory"],
        )
    if isinstance(error, redis.BusyLoadingError) or not _is_unreachable(error):
        return StoreError("FC604", f"{where} answered: {text}")
    return StoreError(
        "FC601",
        f"can't reach {where}: {_reason(text)}",
        help=["check that the server runs and the URL is right"],
    )


def _is_denied(error: Exception) -> bool:
    denied = (redis.AuthenticationError, redis.exceptions.NoPermissionError)
    return isinstance(error, denied) or any(word in str(error) for word in _DENIED)


def _is_unreachable(error: Exception) -> bool:
    return isinstance(error, (redis.ConnectionError, redis.TimeoutError, OSError))


def _reason(text: str) -> str:
    """Without the client's own "Error 111 connecting to HOST:PORT", which the URL says already."""
    return text.partition(". ")[2].rstrip(".") if text.startswith("Error ") else text
