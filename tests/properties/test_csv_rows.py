"""What is written as CSV is read back with the same content, by the types it had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from random_tables import sha, tables

from featurectl.errors import SourceError
from featurectl.offline.content_hash import content_sha256, hash_batches
from featurectl.offline.csv_rows import csv_batches
from featurectl.offline.output import write_output

if TYPE_CHECKING:
    from pathlib import Path

MORE = pa.table(
    {
        "z": pa.array([0, None, 5], pa.timestamp("ms", "Europe/Paris")),
        "ns": pa.array([0, None, 5], pa.timestamp("ns")),
        "t": pa.array([0, None, 5], pa.time64("us")),
        "d": pa.array([0, None, 86_400_000], pa.date64()),
        "f": pa.array([b"ab", None, b"cd"], pa.binary(2)),
        "h": pa.array(np.array([1.5, 0.0, -0.0], np.float16), mask=np.array([False, True, False])),
        "w": pa.array(["x", None, ""]).dictionary_encode(),
        "v": pa.array(["x", None, '"\n,'], pa.large_string()),
    }
)


@settings(max_examples=80, deadline=None)
@given(table=tables())
def test_csv_has_the_digest_of_its_rows(
    table: pa.Table, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    write_output(path, table.schema, table.to_batches())

    found = hash_batches(table.schema, csv_batches(path, table.schema))

    assert content_sha256(found.rows, found.columns()) == sha(table)


def test_rarer_types_come_back_too(tmp_path: Path) -> None:
    write_output(tmp_path / "a.csv", MORE.schema, MORE.to_batches())

    found = hash_batches(MORE.schema, csv_batches(tmp_path / "a.csv", MORE.schema))

    assert content_sha256(found.rows, found.columns()) == sha(MORE)


@pytest.mark.parametrize("text", ["b\n1\n", "a\nx\n", "a\n1,2\n", "", "\x00\xff"])
def test_what_is_another_file_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text)

    with pytest.raises(SourceError, match="can't be read as the CSV that was written"):
        hash_batches(
            pa.schema([("a", pa.int64())]),
            csv_batches(tmp_path / "a.csv", pa.schema([("a", pa.int64())])),
        )
