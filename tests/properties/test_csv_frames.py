"""A CSV frame of any texts comes back byte for byte, typed or not."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from featurectl.offline.csv_text import csv_header, csv_lines
from featurectl.offline.read_frame import read_frame

CELLS = st.none() | st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=5),
    st.sampled_from(
        ["007", "1.50", "1e5", "TRUE", "true", "-0", "nan", "2024-01-01", "NULL", " 1"]
    ),
    st.integers().map(str),
    st.floats().map(str),
    st.datetimes().map(str),
)
TABLES = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=5)
)


def field(cell: str | None) -> str:
    """As CSV has it, quoted where it must be."""
    if cell is None:
        return ""
    return '"' + cell.replace('"', '""') + '"' if re.search(r'[",\r\n]|^$', cell) else cell


@given(TABLES)
def test_a_csv_frame_comes_back_byte_for_byte(rows):
    width = len(rows[0]) if rows else 2
    header = ",".join(f"c{i}" for i in range(width))
    text = "".join(f"{line}\n" for line in [header, *(",".join(map(field, row)) for row in rows)])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.csv"
        path.write_bytes(text.encode())
        frame = read_frame(path)
        for read in (frame, frame.typed({})):
            batches = b"".join(bytes(csv_lines(batch)) for batch in read.batches())
            assert bytes(csv_header(read.schema)) + batches == text.encode()
        typed = frame.typed({})
        table = pa.Table.from_batches(typed.batches(), typed.schema)
        assert [column.null_count for column in table.columns] == [
            sum(row[i] is None for row in rows) for i in range(width)
        ]
