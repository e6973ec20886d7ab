"""The copy of a source whose rows have no numbers: how long it is there, and who reads it."""

from __future__ import annotations

import tempfile

import pytest
from joining import Joining, frame

COUNT = 70_000


@pytest.fixture
def training(tmp_path, monkeypatch):
    (tmp_path / "copies").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "copies"))
    lines = "".join(f"{n},2024-01-01T10:00Z,{10 * n}\n" for n in range(COUNT))
    (tmp_path / "v.csv").write_text("driver,ts,n\n" + lines)
    joining = Joining(tmp_path)
    joining.entity("driver", driver="int64")
    joining.source("v", None, path="v.csv")
    joining.view("v", ["driver"], {"n": "int64"})
    yield joining.join(frame("driver", *[(n, "11:00") for n in range(COUNT)]), "v:n")
    joining.engine.close()


def copies(tmp_path):
    return list((tmp_path / "copies").glob("*/rows.parquet"))


def test_copy_is_gone_with_the_last_row(training, tmp_path):
    assert training.to_arrow()["n"].to_pylist() == list(range(0, 10 * COUNT, 10))
    assert copies(tmp_path) == []


def test_each_of_two_readings_at_a_time_has_a_copy_of_its_own(training, tmp_path):
    one, other = training.batches(), training.batches()
    first = [next(one), next(other)]
    assert len(copies(tmp_path)) == 2
    rest = [list(one), list(other)]
    for start, batches in zip(first, rest, strict=True):
        numbers = [n for batch in (start, *batches) for n in batch.column("n").to_pylist()]
        assert numbers == list(range(0, 10 * COUNT, 10))
    assert copies(tmp_path) == []


def test_copy_is_gone_where_reading_ends_early(training, tmp_path):
    batches = training.batches()
    next(batches)
    batches.close()
    del batches
    assert copies(tmp_path) == []
