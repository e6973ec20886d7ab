"""Online lookup: the newest values of entities, from the store alone, in one round trip."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from featurectl.definitions.duration import format_duration
from featurectl.definitions.instant import format_instant
from featurectl.errors import RequestError, StoreError
from featurectl.flows.entity_keys import entity_keys
from featurectl.flows.vectors import Found, OnlineFeatures
from featurectl.online.codec import DamagedRowError, UnknownLayoutError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from featurectl.flows.serving import ManifestCache, Request, RequestPlan, Served, UsePlan

    Rows = Mapping[bytes, bytes | None]  # as they are in the store, by key

_MOST_RELOADS = 8  # of the manifest, in one lookup: a run may flip view after view meanwhile
_ALWAYS = -(1 << 63)
_NO_ROW = (0, None, None)


def lookup(
    cache: ManifestCache,
    request: Request,
    rows: Sequence[Mapping[str, Any]],
    *,
    now_us: int | None = None,
) -> OnlineFeatures:
    """The features that ``request`` names, for the entity of each row.

    Rows carry join keys, typed or as text (``"42"`` for 42), and may carry any other column. One
    round trip, in which the manifest's version travels with the rows: when it is not the one held,
    the manifest is read again and the rows are asked for again, eight times at most.

    Raises:
        RequestError: FC301 to FC304, FC309, FC316 a request that doesn't resolve, FC305 a row
            without a join key, FC311 a bad value of one, FC317 a value past the TTL of a view with
            ``on_stale: fail``.
        StoreError: FC601 to FC604 the store fails, FC605 nothing is applied there.
    """
    now_us = time.time_ns() // 1000 if now_us is None else now_us
    served = cache.served()
    try:
        plan = served.plan(request)
    except RequestError:  # it may name what was applied since
        served = cache.reload()
        plan = served.plan(request)
    for _ in range(_MOST_RELOADS):
        try:
            return _read(cache, served, plan, rows, now_us)
        except _StaleManifestError:
            served = cache.reload()
        except RequestError:  # the keys that are asked for may have changed since
            held, served = served, cache.reload()
            if served.version == held.version:
                raise
        plan = served.plan(request)
    return _read(cache, served, plan, rows, now_us, is_last=True)


class _StaleManifestError(Exception):
    """The store has another manifest, or rows in a layout that the one held does not have."""


def _read(
    cache: ManifestCache,
    served: Served,
    plan: RequestPlan,
    rows: Sequence[Mapping[str, Any]],
    now_us: int,
    *,
    is_last: bool = False,
) -> OnlineFeatures:
    """One round trip. The last one takes rows by the manifest that was read just before them."""
    keys = [entity_keys(use, rows) for use in plan.uses]
    wanted = list(dict.fromkeys(key for column in keys for key in column if key is not None))
    version, *values = cache.store.get([cache.version_key, *wanted])
    if version is None:
        raise cache.absent()
    if version != served.version and not is_last:
        raise _StaleManifestError
    held = dict(zip(wanted, values, strict=True))
    uses = zip(plan.uses, keys, strict=True)
    found = [_readable(use, column, held, now_us, is_last=is_last) for use, column in uses]
    return OnlineFeatures(plan.columns, plan.key_types, rows, found, now_us)


def _readable(
    use: UsePlan, keys: Sequence[bytes | None], held: Rows, now_us: int, *, is_last: bool
) -> list[Found]:
    try:
        return _found(use, keys, held, now_us)
    except UnknownLayoutError as error:
        if not is_last:
            raise _StaleManifestError from error
        raise _unreadable(use, f"it is of layout {error}, which no manifest has") from error
    except DamagedRowError as error:
        raise _unreadable(use, str(error)) from error


def _found(use: UsePlan, keys: Sequence[bytes | None], held: Rows, now_us: int) -> list[Found]:
    """What the use finds for each key; a key that comes twice is decoded once."""
    nothing = Found("NOT_FOUND", (None,) * len(use.defaults), None)
    known: dict[bytes | None, Found] = {None: nothing}
    ttl_us = use.view.ttl_us
    oldest_us = _ALWAYS if ttl_us is None else now_us - ttl_us
    read = use.reader.read
    for key in keys:
        if key is None or key in known:
            continue
        row = held[key]
        _, event_us, values = _NO_ROW if row is None else read(row)
        if values is None:
            known[key] = nothing
        elif event_us is None or event_us >= oldest_us:
            known[key] = Found("PRESENT", values, event_us)
        else:
            known[key] = Found("EXPIRED", _stale(use, key, values, event_us, now_us), event_us)
    return [known[key] for key in keys]


def _stale(
    use: UsePlan, key: bytes, values: tuple[Any, ...], event_us: int, now_us: int
) -> tuple[Any, ...]:
    """What the view wants read in place of values past its TTL.

    Raises:
        RequestError: FC317 it wants nothing read.
    """
    policy = use.view.on_stale
    if policy == "serve":
        return values
    if policy == "default":
        return use.defaults
    if policy == "hide":
        return (None,) * len(values)
    entity = key.decode().rpartition(":")[2]
    raise RequestError(
        "FC317",
        f'view "{use.label}" has a stale value for {entity}, and on_stale: fail',
        notes=[
            f"its event time is {format_instant(event_us)}, read at {format_instant(now_us)}",
            f"ttl: {format_duration(use.view.ttl_us or 0)}",
        ],
        help=["materialize the view, or see with featurectl status why it is behind"],
    )


def _unreadable(use: UsePlan, why: str) -> StoreError:
    return StoreError(
        "FC604",
        f'a row of view "{use.view.name}" in the online store can\'t be read: {why}',
        help=[f"load the view again: featurectl materialize {use.view.name} --full"],
    )
