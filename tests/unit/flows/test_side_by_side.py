"""Streams of the same rows, put side by side."""

from __future__ import annotations

import pyarrow as pa
import pytest

from featurectl.errors import SourceError
from featurectl.flows.side_by_side import side_by_side


def stream(values, *sizes, name="i"):
    table, at = pa.table({name: pa.array(values, pa.int64())}), 0
    for size in sizes:
        yield from table.slice(at, size).to_batches()
        at += size


def taken(pieces, place):
    return [value for piece in pieces for value in piece[place].column(0).to_pylist()]


def test_pieces_are_cut_where_any_stream_has_a_cut():
    pieces = list(
        side_by_side(
            stream(range(10), 4, 6, name="f"), [stream(range(10), 3, 7), stream(range(10), 10)]
        )
    )
    assert [piece[0].num_rows for piece in pieces] == [3, 1, 6]
    assert [taken(pieces, place) for place in range(3)] == [list(range(10))] * 3


def test_no_rows_give_no_pieces():
    empty = pa.record_batch({"i": pa.array([], pa.int64())})
    assert list(side_by_side([], [[empty, empty]])) == []


@pytest.mark.parametrize(("frame", "found"), [(3, 4), (4, 3), (0, 1), (1, 0)])
def test_another_number_of_rows_is_an_error(frame, found):
    with pytest.raises(SourceError, match="entity frame changed") as error:
        list(side_by_side(stream(range(frame), frame), [stream(range(found), found)]))
    assert error.value.code == "FC207"


def test_rows_out_of_order_are_not_taken_for_others():
    with pytest.raises(RuntimeError, match="out of order"):
        list(side_by_side(stream([0, 1], 2), [stream([1, 0], 1, 1)]))
