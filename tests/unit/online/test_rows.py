"""Packed rows: their bytes, what may be handed to be packed, and what is no row."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal

import pyarrow as pa
import pytest

from featurectl.definitions.arrow_type import arrow_type
from featurectl.definitions.binding import Layout
from featurectl.online.codec import (
    DamagedRowError,
    RowReader,
    UnknownLayoutError,
    encode,
    tombstone,
)


def layout(*types, number=1):
    return Layout(number, tuple((f"x{i}", type_name) for i, type_name in enumerate(types)))


def batch(*columns, event=0, has_created=False):
    rows = len(columns[0]) if columns else 1
    return pa.record_batch(
        {
            "e": pa.array([event] * rows, pa.int64()),
            "c": pa.array([event + 1] * rows, pa.int64()),
            "hc": pa.array([has_created] * rows),
            **{f"f{i}": column for i, column in enumerate(columns)},
        }
    )


def values(packed, of):
    reader = RowReader([of], [name for name, _ in of.columns])
    return [reader.read(row)[2] for row in packed]


def test_a_row_is_laid_out_as_documented():
    of = layout("int64", "string", "bool", "list<int32>", number=258)
    columns = [pa.array([-2]), pa.array(["é"]), pa.array([None], pa.bool_()), pa.array([[1, None]])]

    (row,) = encode(batch(*columns, event=-1, has_created=True), of)

    assert row == (
        b"\x02\x01"  # layout 258
        b"\x02"  # has created
        b"\x01"  # version
        b"\xff\xff\xff\xff\xff\xff\xff\xff"  # event -1
        b"\0\0\0\0\0\0\0\0"  # created 0
        b"\x04"  # the third column is null
        b"\xfe\xff\xff\xff\xff\xff\xff\xff"  # -2
        b"\0"  # null
        b"\x02\0\0\0"  # end of the string
        b"\x10\0\0\0"  # end of the list
        b"\xc3\xa9"
        b"\x02\0\0\x80\0\x01\x01\0\0\0\0\0\0\0"  # two, with nulls: no, yes; 1, and zero for null
    )


def test_ten_doubles_take_102_bytes():
    columns = [pa.array([0.5])] * 10

    assert len(encode(batch(*columns), layout(*["float64"] * 10))[0]) == 102


def test_a_static_row_has_no_times_and_loses_to_a_later_load():
    of = layout("int64")

    (row,) = encode(pa.record_batch({"f0": pa.array([7])}), of, is_static=True)

    assert row[2] == 4
    assert row[4:20] == bytes(16)
    assert RowReader([of], ["x0"]).read(row) == (4, None, (7,))


def test_no_rows_pack_to_nothing():
    types = ["int64", "string", "list<string>", "decimal(38,2)", "bool"]
    columns = [pa.array([], arrow_type(name)) for name in types]

    assert encode(batch(*columns), layout(*types)) == []


@pytest.mark.parametrize(
    ("column", "type_name", "reads"),
    [
        (pa.array(["a", None], pa.large_string()), "string", ["a", None]),
        (pa.array(["a", None], pa.string_view()), "string", ["a", None]),
        (pa.array(["a", None]).dictionary_encode(), "string", ["a", None]),
        (pa.array([b"a", None], pa.binary(1)), "bytes", [b"a", None]),
        (pa.array([[1.0], None], pa.large_list(pa.float32())), "list<float64>", [[1.0], None]),
        (pa.array([[1, 2], [3, 4]], pa.list_(pa.int32(), 2)), "list<int64>", [[1, 2], [3, 4]]),
        (pa.array([1, None], pa.int32()), "int64", [1, None]),
        (pa.array([1, 2], pa.int32()), "float64", [1.0, 2.0]),
        (pa.nulls(2), "int64", [None, None]),
        (pa.nulls(2), "list<string>", [None, None]),
        (
            pa.array([0, None], pa.timestamp("s")),
            "timestamp",
            [datetime(1970, 1, 1, tzinfo=timezone.utc), None],
        ),
        (
            pa.array([Decimal("1.5"), None], pa.decimal128(4, 1)),
            "decimal(20,3)",
            [Decimal("1.500"), None],
        ),
    ],
)
def test_columns_of_kindred_arrow_types_are_taken(column, type_name, reads):
    of = layout(type_name)

    assert values(encode(batch(column), of), of) == [(value,) for value in reads]


def test_what_stands_in_the_memory_under_a_null_is_not_packed():
    garbage = pa.py_buffer(b"\xaa" * 32)
    valid = pa.py_buffer(b"\0")
    number = pa.Array.from_buffers(pa.float64(), 1, [valid, garbage])
    text = pa.Array.from_buffers(
        pa.string(), 1, [valid, pa.py_buffer(b"\0\0\0\0\x03\0\0\0"), pa.py_buffer(b"abc")]
    )
    items = pa.Array.from_buffers(
        pa.list_(pa.int64()),
        1,
        [valid, pa.py_buffer(b"\0\0\0\0\x02\0\0\0")],
        children=[pa.array([1, 2])],
    )
    of = layout("float64", "string", "list<int64>")
    nulls = [pa.nulls(1, arrow_type(name)) for _, name in of.columns]

    assert encode(batch(number, text, items), of) == encode(batch(*nulls), of)


def test_a_column_without_a_name_is_packed_as_null():
    of = Layout(2, (("", "string"), ("x", "int64")))

    packed = encode(batch(pa.array([5])), of)

    assert RowReader([of], ["x"]).read(packed[0])[2] == (5,)


def test_times_that_python_does_not_have_read_as_the_nearest_it_has():
    of = layout("date", "timestamp", "date", "timestamp")
    columns = [
        pa.array([2**31 - 1], pa.int32()).view(pa.date32()),
        pa.array([2**63 - 1], pa.int64()).view(pa.timestamp("us", "UTC")),
        pa.array([-(2**31)], pa.int32()).view(pa.date32()),
        pa.array([-(2**63)], pa.int64()).view(pa.timestamp("us", "UTC")),
    ]

    (found,) = values(encode(batch(*columns), of), of)

    utc = timezone.utc
    assert found == (
        date.max, datetime.max.replace(tzinfo=utc), date.min, datetime.min.replace(tzinfo=utc)
    )  # fmt: skip


def test_a_tombstone_has_no_values_and_an_event_time():
    of = layout("int64", "string")

    read = RowReader([of], ["x0"]).read

    assert read(tombstone(of, 55)) == (1, 55, None)
    assert read(tombstone(of, 55, 60)) == (3, 55, None)


def test_a_row_of_another_layout_or_version_is_told_from_a_damaged_one():
    of = layout("int64")
    (row,) = encode(batch(pa.array([5])), of)
    read = RowReader([of], ["x0"]).read

    with pytest.raises(UnknownLayoutError, match="2"):
        read(b"\x02" + row[1:])
    with pytest.raises(UnknownLayoutError):
        read(row[:3] + b"\x02" + row[4:])
    for damaged in (b"", row[:1], row[:19], row[:-1], row + b"\0"):
        with pytest.raises(DamagedRowError):
            read(damaged)


@pytest.mark.parametrize("type_name", ["string", "list<int64>", "list<string>", "list<bool>"])
def test_a_row_of_variable_width_that_is_cut_short_is_damaged(type_name):
    of = layout("int64", type_name)
    column = pa.array([["ab", "c"]]) if "<s" in type_name else pa.array([[1, 0, 1]])
    column = pa.array(["abc"]) if type_name == "string" else column.cast(arrow_type(type_name))
    (row,) = encode(batch(pa.array([5]), column), of)
    read = RowReader([of], ["x0", "x1"]).read

    for end in range(len(row)):
        with pytest.raises(DamagedRowError):
            read(row[:end])


def test_a_feature_that_is_asked_for_twice_reads_twice():
    of = layout("int64", "string")
    (row,) = encode(batch(pa.array([5]), pa.array(["a"])), of)

    assert RowReader([of], ["x1", "x0", "x1"]).read(row)[2] == ("a", 5, "a")
