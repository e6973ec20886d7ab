import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from featurectl.definitions.source import FileSource
from featurectl.errors import SourceError
from featurectl.offline.duckdb import DuckDBEngine
from featurectl.offline.files import Whereabouts
from featurectl.offline.remembered import RememberedSchemas
from featurectl.queries.extent import Extent

SOURCE = FileSource("s", path="data/*.parquet", event_timestamp="ts")
AN_HOUR_AGO = 1_700_000_000


class Opened:
    """Opens the engine, and counts how often."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.times = 0

    def __call__(self) -> DuckDBEngine:
        self.times += 1
        return DuckDBEngine(self.root)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / ".featurectl").mkdir()
    write(tmp_path, "a", x=[1, 2])
    return tmp_path


def write(root, name, at=AN_HOUR_AGO, **columns):
    path = root / "data" / f"{name}.parquet"
    pq.write_table(pa.table({"ts": pa.array([0, 1], pa.timestamp("us")), **columns}), path)
    os.utime(path, (at, at))


def asked(root):
    """The state that a new process would find, and how often it opened an engine."""
    opened = Opened(root)
    engine = RememberedSchemas(opened, root, root / ".featurectl" / "schemas.json")
    state = engine.schema(SOURCE)
    engine.close()
    return state, opened.times


def test_what_is_remembered_equals_what_was_read_and_opens_no_engine(root):
    first, opened = asked(root)
    again, reopened = asked(root)

    assert again == first
    assert first.columns == {"ts": "timestamp", "x": "int64"}
    assert again.complete == first.complete == {"ts", "x"}
    assert again.extents == first.extents == (Extent(0, 1, 0),)
    assert (opened, reopened) == (1, 0)


def test_a_file_written_again_added_or_removed_is_read(root):
    asked(root)
    write(root, "a", at=AN_HOUR_AGO + 1, x=["text", "text"])
    assert asked(root)[0].columns["x"] == "string"

    write(root, "b", x=["text", None])
    assert asked(root)[0].rows == 4

    (root / "data" / "b.parquet").unlink()
    assert asked(root)[0].rows == 2


def test_a_file_that_changed_just_now_is_not_remembered(root):
    path = root / "data" / "a.parquet"
    os.utime(path)
    asked(root)
    assert asked(root)[1] == 1


def test_an_error_is_not_remembered(root):
    (root / "data" / "a.parquet").write_bytes(b"no parquet")
    os.utime(root / "data" / "a.parquet", (AN_HOUR_AGO, AN_HOUR_AGO))
    for _ in range(2):
        with pytest.raises(SourceError, match=r"a\.parquet"):
            asked(root)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": "other/1", "sources": {}}', "null"])
def test_a_damaged_memory_is_replaced(root, text):
    memory = root / ".featurectl" / "schemas.json"
    memory.write_text(text)
    assert asked(root)[1] == 1
    assert json.loads(memory.read_text())["format"] == "featurectl.schemas/2"
    assert asked(root)[1] == 0


@pytest.mark.parametrize(
    "damage",
    [
        {"complete": None}, {"extents": []}, {"extents": {"ts": [5]}}, {"extents": {"ts": [[1]]}},
        {"columns": 5}, {"complete": [[1]]},
    ],
)  # fmt: skip
def test_a_source_that_is_not_remembered_whole_is_read_again(root, damage):
    first = asked(root)[0]
    memory = root / ".featurectl" / "schemas.json"
    kept = json.loads(memory.read_text())
    for key in kept["sources"]:
        kept["sources"][key] |= damage
    memory.write_text(json.dumps(kept))
    assert asked(root) == (first, 1)
    assert asked(root) == (first, 0)


def test_nothing_is_created_where_nothing_was_applied(root):
    (root / ".featurectl").rmdir()
    asked(root)
    assert sorted(path.name for path in root.iterdir()) == ["data"]


def test_what_is_remembered_can_be_asked_for_without_reading_anything(root):
    opened = Opened(root)
    engine = RememberedSchemas(opened, root, root / ".featurectl" / "schemas.json")
    where = Whereabouts("s", "data/*.parquet", "parquet")

    assert engine.remembered(where) is None
    state, _ = asked(root)
    again = RememberedSchemas(opened, root, root / ".featurectl" / "schemas.json")
    assert again.remembered(where) == again.remembered(SOURCE) == state
    write(root, "a", at=AN_HOUR_AGO + 1, x=["text", "text"])
    assert again.remembered(where) is None
    assert again.remembered(Whereabouts("s", "nowhere/*.parquet", "parquet")) is None
    assert opened.times == 0
