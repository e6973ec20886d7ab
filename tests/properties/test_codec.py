"""decode ∘ encode = identity, for every type of the grammar."""

import struct
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from featurectl.definitions.arrow_type import arrow_type
from featurectl.definitions.binding import Layout
from featurectl.online.codec import RowReader, encode, row_times

INT64 = st.integers(-(2**63), 2**63 - 1)
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
TIMES = st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999).map(
    lambda us: EPOCH + timedelta(microseconds=us)
)
DECIMALS = [(1, 0), (1, 1), (18, 4), (19, 4), (38, 0), (38, 38)]


def decimals(precision, scale):
    largest = 10**precision - 1
    return st.integers(-largest, largest).map(lambda n: Decimal(f"{n}E-{scale}"))


SCALARS = {
    "bool": st.booleans(),
    "int32": st.integers(-(2**31), 2**31 - 1),
    "int64": INT64,
    "float32": st.floats(width=32),
    "float64": st.floats(),
    "string": st.text(st.characters(exclude_categories=["Cs"])),
    "bytes": st.binary(),
    "date": st.dates(),
    "timestamp": TIMES,
    **{f"decimal({p},{s})": decimals(p, s) for p, s in DECIMALS},
}
TYPES = {
    **SCALARS,
    **{f"list<{name}>": st.lists(st.none() | values) for name, values in SCALARS.items()},
}


@st.composite
def tables(draw):
    """Column types, and rows of values, event time, created time and whether there is one."""
    types = draw(st.lists(st.sampled_from(sorted(TYPES)), min_size=1, max_size=10))
    row = st.tuples(
        st.tuples(*(st.none() | TYPES[name] for name in types)), INT64, INT64, st.booleans()
    )
    return types, draw(st.lists(row, max_size=6))


def batch_of(types, rows):
    columns = {
        "e": pa.array([event for _, event, _, _ in rows], pa.int64()),
        "c": pa.array([created for _, _, created, _ in rows], pa.int64()),
        "hc": pa.array([has for *_, has in rows], pa.bool_()),
    }
    for i, name in enumerate(types):
        columns[f"f{i}"] = pa.array([values[i] for values, *_ in rows], arrow_type(name))
    return pa.record_batch(columns)


def layout_of(types, number=7):
    return Layout(number, tuple((f"x{i}", name) for i, name in enumerate(types)))


def bits(value):
    """The value, with floats as their bits: NaN equals itself, and -0.0 is not 0.0."""
    if isinstance(value, float):
        return struct.pack("<d", value)
    if isinstance(value, list):
        return [bits(item) for item in value]
    return (type(value), str(value)) if isinstance(value, Decimal) else (type(value), value)


@settings(max_examples=400, deadline=None)
@given(tables())
def test_every_type_reads_back_bit_for_bit(table):
    types, rows = table
    layout = layout_of(types)

    packed = encode(batch_of(types, rows), layout)

    reader = RowReader([layout], [name for name, _ in layout.columns])
    for row, (values, event, created, has_created) in zip(packed, rows, strict=True):
        flags, read_event, read = reader.read(row)
        assert (flags, read_event) == (2 if has_created else 0, event)
        assert row_times(row) == (event, created)
        assert [bits(value) for value in read] == [bits(value) for value in values]


@settings(max_examples=150, deadline=None)
@given(tables(), st.data())
def test_any_features_in_any_order_are_read(table, data):
    types, rows = table
    layout = layout_of(types)
    wanted = data.draw(st.permutations(range(len(types))))
    wanted = wanted[: data.draw(st.integers(0, len(types)))]

    reader = RowReader([layout], [f"x{i}" for i in wanted])

    for row, (values, *_) in zip(encode(batch_of(types, rows), layout), rows, strict=True):
        read = reader.read(row)[2]
        assert [bits(value) for value in read] == [bits(values[i]) for i in wanted]


@settings(max_examples=100, deadline=None)
@given(tables(), st.data())
def test_a_slice_of_a_batch_packs_as_its_own_rows(table, data):
    types, rows = table
    start = data.draw(st.integers(0, len(rows)))
    batch = batch_of(types, rows)

    assert encode(batch.slice(start), layout_of(types)) == encode(batch, layout_of(types))[start:]
