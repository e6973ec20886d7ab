"""The digest of rows depends on their content alone, and on all of it."""

from __future__ import annotations

import math
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_tables import KINDS, TYPES, columns, sha, tables

from featurectl.offline.content_hash import content_sha256, hash_batches

if TYPE_CHECKING:
    from pathlib import Path


@given(table=tables(), cuts=st.lists(st.integers(0, 40), max_size=5))
def test_batches_take_no_part(table: pa.Table, cuts: list[int]) -> None:
    bounds = [0, *sorted(min(cut, table.num_rows) for cut in cuts), table.num_rows]
    pieces = [table.slice(a, b - a) for a, b in pairwise(bounds)]

    batches = [batch for piece in pieces for batch in piece.to_batches()]
    found = hash_batches(table.schema, batches)

    assert content_sha256(found.rows, found.columns()) == sha(table)


@settings(max_examples=60)
@given(table=tables(), row_group=st.integers(1, 20), encoded=st.booleans())
def test_row_groups_and_encodings_of_a_parquet_file_take_no_part(
    table: pa.Table, row_group: int, *, encoded: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("digest") / "a.parquet"
    pq.write_table(table, path, row_group_size=row_group, use_dictionary=encoded)

    assert sha(pq.read_table(path)) == sha(table)


@settings(max_examples=40)
@given(table=tables())
def test_an_arrow_file_has_the_digest_of_its_rows(
    table: pa.Table, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("digest") / "a.arrow"
    with pa.ipc.new_file(str(path), table.schema) as file:
        file.write_table(table, max_chunksize=7)

    assert sha(pa.ipc.open_file(str(path)).read_all()) == sha(table)


@given(column=columns(), other=columns())
def test_another_content_has_another_digest(column: pa.Array, other: pa.Array) -> None:
    same = column.type == other.type and _told(column) == _told(other)

    assert (sha(pa.table({"c": column})) == sha(pa.table({"c": other}))) == same


@given(data=st.data())
def test_one_changed_value_changes_the_digest(data: st.DataObject) -> None:
    kind, values = TYPES[data.draw(KINDS)]
    rows = data.draw(st.lists(st.one_of(st.none(), values), min_size=1, max_size=20))
    at = data.draw(st.integers(0, len(rows) - 1))
    changed = [*rows[:at], data.draw(st.one_of(st.none(), values)), *rows[at + 1 :]]
    before, after = pa.array(rows, kind), pa.array(changed, kind)

    same = _told(before) == _told(after)

    assert (sha(pa.table({"c": before})) == sha(pa.table({"c": after}))) == same


@given(column=columns())
def test_what_lies_under_a_null_takes_no_part(column: pa.Array) -> None:
    table = pa.table({"c": column})
    hidden = pa.table({"c": pa.concat_arrays([column, column.slice(0, 1)]).slice(0, len(column))})

    assert sha(hidden) == sha(table)


def _told(column: pa.Array) -> str:
    """The values as text; every NaN is one, and -0.0 is not 0.0."""
    return repr(column.to_pylist())


SOME = pa.table({"a": [1, 2, None], "b": ["x", None, ""], "c": [0.0, math.nan, None]})


@pytest.mark.parametrize(
    "other",
    [
        SOME.rename_columns(["a", "b", "d"]),
        SOME.select(["b", "a", "c"]),
        SOME.select(["a", "b"]),
        SOME.take([1, 0, 2]),
        SOME.slice(0, 2),
        pa.concat_tables([SOME, SOME.slice(2)]),
        SOME.set_column(0, "a", SOME["a"].cast(pa.int32())),
        SOME.set_column(0, "a", pa.array([1, 2, 0])),
        SOME.set_column(1, "b", pa.array(["x", "", None])),
        SOME.set_column(1, "b", pa.array([b"x", None, b""])),
        SOME.set_column(2, "c", pa.array([-0.0, math.nan, None])),
        SOME.set_column(2, "c", pa.array([0.0, None, None])),
    ],
)
def test_names_types_order_and_every_value_count(other: pa.Table) -> None:
    assert sha(other) != sha(SOME)


def _cast(name: str, kind: pa.DataType) -> pa.Table:
    at = SOME.schema.get_field_index(name)
    return SOME.set_column(at, name, SOME[name].cast(kind))


@pytest.mark.parametrize(
    "kind",
    [
        pa.large_string(),
        pa.string_view(),
        pa.dictionary(pa.int8(), pa.string()),
        pa.dictionary(pa.int32(), pa.large_string()),
    ],
    ids=str,
)
def test_layouts_of_a_text_are_one_type(kind: pa.DataType) -> None:
    assert sha(_cast("b", kind)) == sha(SOME)


LISTS = [[1, None], None, [], [3]]


def test_layouts_of_a_list_are_one_type() -> None:
    plain = pa.table({"c": pa.array(LISTS, pa.list_(pa.int64()))})
    large = pa.table({"c": pa.array(LISTS, pa.large_list(pa.dictionary(pa.int8(), pa.int64())))})
    assert sha(pa.table({"c": pa.array(LISTS, pa.large_list(pa.int64()))})) == sha(plain)
    assert sha(pa.table({"c": pa.array(LISTS, pa.list_view(pa.int64()))})) == sha(plain)
    assert sha(large) == sha(plain)


def test_a_fixed_size_list_is_a_list_and_its_null_hides_values() -> None:
    fixed = pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int64(), 2))
    plain = pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int64()))
    assert sha(pa.table({"c": fixed})) == sha(pa.table({"c": plain}))
    assert sha(pa.table({"c": fixed.slice(1)})) == sha(pa.table({"c": plain.slice(1)}))


def test_a_map_is_a_list_of_pairs_in_their_order() -> None:
    kind = pa.map_(pa.string(), pa.int64())
    pairs = [("b", None), ("a", 2)]
    rows = [[("a", 1)], None, [], pairs]
    one, other = (pa.array(values, kind) for values in (rows, [*rows[:3], pairs[::-1]]))
    assert sha(pa.table({"c": one})) != sha(pa.table({"c": other}))
    assert sha(pa.table({"c": one.slice(2)})) == sha(pa.table({"c": pa.array(rows[2:], kind)}))


def test_nans_of_any_bits_are_one() -> None:
    odd = np.array([0x7FF8000000000001, 0xFFF8000000000000], dtype=np.uint64).view(np.float64)
    assert sha(pa.table({"c": odd})) == sha(pa.table({"c": [math.nan, math.nan]}))


def test_seconds_and_dates_hash_as_parquet_gives_them_back(tmp_path: Path) -> None:
    table = pa.table(
        {
            "s": pa.array([0, None, -5], pa.timestamp("s")),
            "z": pa.array([0, None, -5], pa.timestamp("s", "Europe/Paris")),
            "ns": pa.array([0, None, -5], pa.timestamp("ns")),
            "d": pa.array([0, None, 86_400_000], pa.date64()),
            "t": pa.array([0, None, 5], pa.time32("s")),
            "u": pa.array([0, None, 5], pa.duration("s")),
            "w": pa.array([Decimal(1), None, Decimal(-1)], pa.decimal256(50, 3)),
            "f": pa.array([b"ab", None, b"cd"], pa.binary(2)),
            "n": pa.nulls(3),
            "h": pa.array(
                np.array([1.5, 0.0, -0.0], np.float16), mask=np.array([False, True, False])
            ),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    assert sha(pq.read_table(tmp_path / "a.parquet")) == sha(table)


def test_an_empty_table_has_a_digest_that_its_types_change() -> None:
    assert sha(SOME.slice(0, 0)) == sha(SOME.schema.empty_table())
    assert sha(SOME.slice(0, 0)) != sha(_cast("a", pa.int32()).slice(0, 0))
