"""The parts of a training set: taken out, and written in one pass, all or none."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest
from joining import Joining, frame, simple_view

from featurectl.errors import RequestError, SourceError
from featurectl.flows import split_output
from featurectl.offline.duckdb import DuckDBEngine

if TYPE_CHECKING:
    from pathlib import Path

    from featurectl.flows.training_set import TrainingSet

CLOCKS = [f"{hour:02d}:{minute:02d}" for hour in range(11, 21) for minute in range(60)]


class CountingEngine(DuckDBEngine):
    fetched = 0

    def fetch(self, query):
        self.fetched += 1
        return super().fetch(query)


@pytest.fixture
def engine(tmp_path) -> CountingEngine:
    return CountingEngine(tmp_path)


@pytest.fixture
def training(tmp_path, engine) -> TrainingSet:
    joining = simple_view(Joining(tmp_path, engine), *[(n, "10:00", n * 10) for n in range(6)])
    rows = frame("driver", *[(n % 7, clock) for n, clock in enumerate(CLOCKS)])
    return joining.join(rows.append_column("label", pa.array(range(600))), "v:n")


def test_parts_are_all_rows_in_order_with_their_features(training):
    parts = training.split("train=0.8,test=0.2")
    assert list(parts) == ["train", "test"]
    assert repr(parts) == "<SplitSet 600: train 480, test 120>"
    tables = {name: part.to_arrow() for name, part in parts.items()}
    assert {name: table.num_rows for name, table in tables.items()} == {"train": 480, "test": 120}
    assert pa.concat_tables(tables.values()).equals(training.to_arrow())
    assert tables["test"]["n"].to_pylist()[:3] == [40, 50, None]


def test_parts_come_out_as_other_libraries_have_them(training):
    part = training.split("a=0.5,b=0.5", by="random", seed=3)["b"]
    table = part.to_arrow()
    assert part.rows == len(part.to_pandas()) == part.to_polars().height == table.num_rows == 300
    assert str(part.to_pandas()["n"].dtype) == "Int64"
    assert part.to_polars()["label"].to_list() == table["label"].to_pylist()
    assert pa.Table.from_batches(part.batches(), part.schema).equals(table)


@pytest.mark.parametrize("suffix", ["parquet", "csv", "arrow"])
def test_all_parts_are_written_in_one_pass_over_the_join(training, engine, tmp_path, suffix):
    once = count_of_one_pass(training, engine)
    before = engine.fetched
    parts = training.split("train=0.7,valid=0.2,test", by="entity", seed=1)
    written = parts.write(tmp_path / f"data.{suffix}")
    assert engine.fetched == before + once
    assert parts.report.split is parts.split
    assert engine.fetched == before + once
    for file, (name, part) in zip(written, parts.items(), strict=True):
        assert file.path == tmp_path / f"data.{name}.{suffix}"
        assert (file.name, file.rows) == (name, part.rows)
        assert file.size_bytes == file.path.stat().st_size
        labels = read(file.path)["label"].to_pylist()
        assert labels == part.to_arrow()["label"].to_pylist()
    assert len(set(parts["train"].to_arrow()["driver"].to_pylist())
               & set(parts["test"].to_arrow()["driver"].to_pylist())) == 0  # fmt: skip


def test_an_empty_part_is_a_file_without_rows(training, tmp_path):
    parts = training.split("a=0.999,b=0.001", by="random")
    parts.write(tmp_path / "data.parquet")
    assert pq.read_table(tmp_path / "data.a.parquet").num_rows == 599
    tiny = training.split("a=0.9999,b=0.0001", by="random")
    tiny.write(tmp_path / "tiny.parquet")
    assert pq.read_table(tmp_path / "tiny.b.parquet").num_rows == 0
    [lint] = [lint for lint in tiny.report.lints if lint.code == "empty_part"]
    assert lint.message == 'part "b" of the split has no rows'


def test_one_part_is_written_alone(training, tmp_path):
    size = training.split("a=0.5,b=0.5")["b"].write_parquet(tmp_path / "late.parquet")
    assert (tmp_path / "late.parquet").stat().st_size == size
    assert sorted(path.name for path in tmp_path.glob("late*")) == ["late.parquet"]
    assert pq.read_table(tmp_path / "late.parquet")["label"].to_pylist() == list(range(300, 600))


def test_entities_in_two_parts_are_told(training):
    codes = [lint.code for lint in training.split("a=0.5,b=0.5").report.lints]
    assert codes == ["entity_in_two_parts"]
    assert training.split("a=0.5,b=0.5", by="entity").report.lints == ()


def test_a_source_that_changes_leaves_no_part(training, tmp_path):
    parts = training.split("a=0.5,b=0.5")
    pq.write_table(pa.table({"driver": [1], "ts": [1], "n": [1]}), tmp_path / "v.parquet")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(SourceError):
        parts.write(tmp_path / "data.parquet")
    assert sorted(tmp_path.iterdir()) == before


def test_a_part_that_can_not_be_written_leaves_none(training, tmp_path):
    (tmp_path / "data.b.parquet").mkdir()
    (tmp_path / "data.a.parquet").write_text("old")
    with pytest.raises(SourceError, match="can't be written") as error:
        training.split("a=0.5,b=0.5").write(tmp_path / "data.parquet")
    assert error.value.code == "FC209"
    assert (tmp_path / "data.a.parquet").read_text() == "old"
    assert not list(tmp_path.glob(".*"))


def test_a_file_that_fails_in_the_middle_leaves_nothing(training, tmp_path, monkeypatch):
    real, threads = split_output.write_pinned, threading.active_count()

    def stops(whole, path, **options):
        if path.name == "data.b.parquet":
            raise SourceError("FC209", f"{path} can't be written: no space")
        return real(whole, path, **options)

    monkeypatch.setattr(split_output, "write_pinned", stops)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(SourceError, match=r"^data\.b\.parquet can't be written: no space"):
        training.split("a=0.5,b=0.5").write(tmp_path / "data.parquet")
    assert sorted(tmp_path.iterdir()) == before
    assert threading.active_count() == threads


def test_a_person_who_stops_it_leaves_nothing(training, tmp_path):
    def watch(_rows: int) -> None:
        raise KeyboardInterrupt

    before, threads = sorted(tmp_path.iterdir()), threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        training.split("a=0.5,b=0.5").write(tmp_path / "data.parquet", watch=watch)
    assert sorted(tmp_path.iterdir()) == before
    assert threading.active_count() == threads


def test_a_file_that_names_no_format_is_refused_before_any_work(training, engine, tmp_path):
    with pytest.raises(SourceError, match="its suffix names no format"):
        training.split("a=0.5,b=0.5").write(tmp_path / "data")
    assert engine.fetched == 0


def test_a_split_that_is_none_is_refused_before_any_work(training, engine):
    with pytest.raises(RequestError, match=r"add up to 0\.9"):
        training.split("a=0.5,b=0.4")
    assert engine.fetched == 0


def test_frames_of_polars_are_sampled_and_split_too(tmp_path, engine):
    joining = simple_view(Joining(tmp_path, engine), *[(n, "10:00", n) for n in range(6)])
    rows = frame("driver", *[(n % 7, clock) for n, clock in enumerate(CLOCKS)])
    texts = pa.array([f"row {n}" for n in range(600)])
    given = pl.from_arrow(rows.append_column("text", texts))
    assert joining.join(given, "v:n", sample=30).to_arrow().num_rows == 30
    parts = joining.join(given, "v:n", proves=True).split("a=0.5,b=0.5", by="text")
    parts.write(tmp_path / "data.parquet")
    written = [pq.read_table(tmp_path / f"data.{name}.parquet")["text"] for name in parts]
    assert sorted(text for part in written for text in part.to_pylist()) == sorted(
        texts.to_pylist()
    )


def test_parts_are_files_and_never_one_stream(training):
    with pytest.raises(RequestError, match="parts are files") as error:
        training.split("a=0.5,b=0.5").write("-")
    assert error.value.code == "FC333"


def test_what_was_joined_already_is_not_joined_for_the_parts(training, engine):
    training.to_arrow()
    fetched = engine.fetched
    parts = training.split("a=0.5,b=0.5")
    assert parts["a"].to_arrow().num_rows + parts["b"].to_arrow().num_rows == 600
    assert engine.fetched == fetched


def count_of_one_pass(training: TrainingSet, engine: CountingEngine) -> int:
    before = 0
    for _ in range(2):  # the first pass learns what later ones need not ask for
        before = engine.fetched
        assert sum(batch.num_rows for batch in training.batches()) == 600
    return engine.fetched - before


def read(path: Path) -> pa.Table:
    if path.suffix == ".csv":
        return pcsv.read_csv(path)
    return pq.read_table(path) if path.suffix == ".parquet" else pa.ipc.open_file(path).read_all()
