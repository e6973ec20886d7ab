"""Rows for the contracts of the online stores, and who puts them: also from other processes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa

from featurectl.definitions.binding import Layout
from featurectl.online.codec import RowReader, encode
from featurectl.online.keys import row_key
from featurectl.online.protocol import PutCount, Rows
from featurectl.wiring.stores import open_online

if TYPE_CHECKING:
    from collections.abc import Iterator

    from featurectl.online.protocol import Online

LAYOUT = Layout(1, (("v", "int64"),))
READER = RowReader([LAYOUT], ["v"])


@contextmanager
def opened(url: str) -> Iterator[Online]:
    """The store of a URL, closed afterwards."""
    store = open_online(url)
    try:
        yield store
    finally:
        store.close()


def row(value: int, event_us: int, created_us: int | None = None) -> bytes:
    """A packed row of one int64."""
    columns = {
        "e": pa.array([event_us], pa.int64()),
        "c": pa.array([event_us if created_us is None else created_us], pa.int64()),
        "hc": pa.array([created_us is not None]),
        "f0": pa.array([value], pa.int64()),
    }
    return encode(pa.record_batch(columns), LAYOUT)[0]


def key(entity: str, generation: str = "fv.k3f9", project: str = "demo") -> bytes:
    """A row's key."""
    return row_key(project, generation, [("id", "string")], (entity,))


def put(store: Online, *rows: tuple[bytes, bytes], expires_at_ms: int | None = None) -> PutCount:
    """Put pairs of key and row."""
    return store.put(Rows([k for k, _ in rows], [v for _, v in rows], expires_at_ms))


def value(store: Online, at: bytes) -> int | None:
    """The value in the row at a key; None where there is no row."""
    (found,) = store.get([at])
    if found is None:
        return None
    values = READER.read(found)[2]
    assert values is not None
    return int(values[0])
