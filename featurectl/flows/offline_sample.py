"""Some of the rows that a run has written, compared with what the join gives their entities.

The other way to the same values: the join's query instead of the loading one, and the store read as
a reader reads it. What both must agree on is one moment, the end of the run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from featurectl.definitions.arrow_type import arrow_type
from featurectl.flows.view_join import Labels, ViewJoiner
from featurectl.online.codec import DamagedRowError, RowReader, UnknownLayoutError
from featurectl.online.keys import encode_keys
from featurectl.queries.match import ViewJoin
from featurectl.queries.winner import MATCHED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from featurectl.definitions.binding import Generation
    from featurectl.flows.view_target import Target
    from featurectl.offline.protocol import OfflineEngine
    from featurectl.online.protocol import OnlineStore

    Row = tuple[int | None, tuple[Any, ...]]  # event time, values

_TIME = "event time"


@dataclass(frozen=True)
class Difference:
    """A value of one entity that is not the same in both; None also where there is no row."""

    key: str
    feature: str
    online: Any
    offline: Any

    def __str__(self) -> str:
        return f"{self.key} {self.feature}: {self.online!r} online, {self.offline!r} offline"


def differences(
    target: Target,
    generation: Generation,
    keys: pa.RecordBatch,
    engine: OfflineEngine,
    online: OnlineStore,
    *,
    at_us: int,
) -> list[Difference]:
    """Where the rows of ``keys`` differ from the newest offline ones at ``at_us``, bit for bit.

    A row that has expired by then counts as none; one of a later time, which another run has
    loaded, is left out. One query that reads each file's keys and times, and the features of these
    entities; one round trip to the store.

    Raises:
        SourceError: FC206 the engine failed.
    """
    expected = _offline(target, keys, engine, at_us)
    stored = _stored(target, generation, keys, online, at_us)
    names = _names(target, keys)
    found: list[Difference] = []
    for name, online_row, offline_row in zip(names, stored, expected, strict=True):
        if isinstance(online_row, str):
            found.append(Difference(name, "row", online_row, offline_row))
        elif not _is_later(online_row, at_us):
            found += _compared(name, target.features, online_row, offline_row)
    return found


def _offline(
    target: Target, keys: pa.RecordBatch, engine: OfflineEngine, at_us: int
) -> list[Row | None]:
    """What the join gives each entity at that time."""
    places = {f"x{i}": keys.column(f"k{i}") for i in range(len(target.sourced.join_keys))}
    count = keys.num_rows
    times = pa.repeat(pa.scalar(at_us, pa.int64()), count)
    labels = pa.table({"i": pa.array(range(count), pa.int64()), "t": times, **places})
    # What was created later is known now, as it was to the run.
    use = ViewJoin(target.sourced, list(places), target.features, tells_expired=False)
    found = ViewJoiner(use, Labels(labels), engine).batches().read_all()
    kinds = dict(target.generation.layout.columns)
    values = [
        found.column(f"f{i}").cast(arrow_type(kinds[name])).to_pylist()
        for i, name in enumerate(target.features)
    ]
    events = pc.subtract(at_us, found.column("a")).to_pylist()
    states = found.column("s").to_pylist()
    return [
        (events[i], tuple(column[i] for column in values)) if states[i] & MATCHED else None
        for i in range(count)
    ]


def _stored(
    target: Target, generation: Generation, keys: pa.RecordBatch, online: OnlineStore, at_us: int
) -> list[Row | str | None]:
    """What a reader finds of each entity at that time; a text says why a row can't be read."""
    where = encode_keys(keys, target.snapshot.project, generation.id, generation.join_keys)
    reader = RowReader(generation.layouts, target.features)
    ttl_us = target.loaded.ttl_us
    return [_read(reader, row, at_us, ttl_us) for row in online.get(where)]


def _read(reader: RowReader, row: bytes | None, at_us: int, ttl_us: int | None) -> Row | str | None:
    if row is None:
        return None
    try:
        _, event_us, values = reader.read(row)
    except UnknownLayoutError as error:
        return f"of layout {error}"
    except DamagedRowError as error:
        return f"damaged ({error})"
    is_old = event_us is not None and ttl_us is not None and event_us < at_us - ttl_us
    return None if values is None or is_old else (event_us, values)


def _is_later(row: Row | None, at_us: int) -> bool:
    return row is not None and row[0] is not None and row[0] > at_us


def _compared(
    name: str, features: Sequence[str], online: Row | None, offline: Row | None
) -> Iterator[Difference]:
    if online is None or offline is None:
        if online != offline:
            yield Difference(name, "row", online and online[1], offline and offline[1])
        return
    # The age of a value that is older than all calendars has no number.
    if offline[0] is not None and online[0] != offline[0]:
        yield Difference(name, _TIME, online[0], offline[0])
    for feature, left, right in zip(features, online[1], offline[1], strict=True):
        if _exact(left) != _exact(right):
            yield Difference(name, feature, left, right)


def _exact(value: Any) -> Any:
    """A form that is equal for the same bits only; all NaN are one value."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else value.hex()
    return [_exact(item) for item in value] if isinstance(value, list) else value


def _names(target: Target, keys: pa.RecordBatch) -> list[str]:
    """Each entity for a person: ``driver_id=42``."""
    parts = [
        [f"{name}={value}" for value in keys.column(f"k{i}").to_pylist()]
        for i, name in enumerate(target.sourced.join_keys)
    ]
    return [" ".join(part) for part in zip(*parts, strict=True)] or [target.name] * keys.num_rows
