"""Rows of a batch are taken from columns of any type."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from featurectl.flows.take_rows import take_rows

TEXTS = pa.array(["a", None, "c", "d", ""])
VIEWS = pa.struct([("a", pa.string_view())])
COLUMNS = [
    TEXTS,
    TEXTS.cast(pa.string_view()),
    TEXTS.cast(pa.binary()).cast(pa.binary_view()),
    TEXTS.dictionary_encode(),
    pa.array([[1], [], None, [2, 3], [4]]),
    pa.array([{"a": text} for text in TEXTS.to_pylist()]).cast(VIEWS),
    pc.run_end_encode(pa.array([1, 1, 1, 2, 2])),
    pa.nulls(5),
]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: str(column.type))
@pytest.mark.parametrize("rows", [[], [0], [4], [0, 1, 2, 3, 4], [0, 1, 3], [1, 2, 4], [0, 2, 4]])
def test_the_rows_are_those_of_the_numbers_in_the_same_type(column, rows):
    whole = pa.RecordBatch.from_arrays([column], names=["x"])
    batch = pa.RecordBatch.from_arrays([pa.concat_arrays([column, column])], names=["x"]).slice(5)
    for given in (whole, batch):
        found = take_rows(given, np.array(rows, np.int64))
        assert found.schema == given.schema
        assert found.column(0).to_pylist() == [column.to_pylist()[row] for row in rows]
