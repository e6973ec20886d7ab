"""Random tables of every type that features have, with nulls, and the digest of one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from featurectl.offline.content_hash import content_sha256, hash_batches

TYPES: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "int64": (pa.int64(), st.integers(-(1 << 63), (1 << 63) - 1)),
    "int8": (pa.int8(), st.integers(-128, 127)),
    "float64": (pa.float64(), st.floats()),
    "float32": (pa.float32(), st.floats(width=32)),
    "bool": (pa.bool_(), st.booleans()),
    "string": (pa.string(), st.text(st.characters(codec="utf-8"), max_size=4)),
    "bytes": (pa.binary(), st.binary(max_size=4)),
    "time": (
        pa.timestamp("us", "UTC"),
        st.datetimes(timezones=st.just(dt.timezone.utc)),
    ),
    "date": (pa.date32(), st.dates()),
    "decimal": (pa.decimal128(9, 2), st.decimals(-100, 100, places=2)),
    "list": (
        pa.list_(pa.string()),
        st.lists(st.one_of(st.none(), st.text("ab", max_size=2)), max_size=3),
    ),
    "struct": (
        pa.struct([("a", pa.int32()), ("b", pa.list_(pa.float64()))]),
        st.fixed_dictionaries(
            {"a": st.one_of(st.none(), st.integers(0, 9)), "b": st.lists(st.floats(), max_size=2)}
        ),
    ),
}
KINDS = st.sampled_from(sorted(TYPES))


@st.composite
def columns(draw: st.DrawFn, rows: int | None = None) -> pa.Array:
    """A column of one of these types."""
    kind, values = TYPES[draw(KINDS)]
    size = draw(st.integers(0, 40)) if rows is None else rows
    return pa.array(
        draw(st.lists(st.one_of(st.none(), values), min_size=size, max_size=size)), kind
    )


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    """Up to three columns, ``c0`` and so on."""
    rows = draw(st.integers(0, 40))
    found = [draw(columns(rows)) for _ in range(draw(st.integers(1, 3)))]
    return pa.table(found, names=[f"c{n}" for n in range(len(found))])


def sha(table: pa.Table) -> str:
    """The digest of a table."""
    found = hash_batches(table.schema, table.to_batches())
    return content_sha256(found.rows, found.columns())
