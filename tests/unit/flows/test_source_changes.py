"""A source that is written again between two readings of it is told as that, whatever breaks."""

from __future__ import annotations

import os

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from joining import Joining, frame, times

from featurectl.errors import FeaturectlError
from featurectl.flows.view_join import ViewJoiner

COUNT = 50


@pytest.fixture
def joining(tmp_path) -> Joining:
    joining = Joining(tmp_path)
    joining.entity("driver", driver="int64")
    return joining


def write(path, rows: list[int], **others: object) -> None:
    table = pa.table({
        "driver": rows, "ts": times(*["10:00"] * len(rows)), "n": [10 * n for n in rows], **others
    })  # fmt: skip
    if path.suffix == ".csv":
        pyarrow.csv.write_csv(table, path)
    else:
        pq.write_table(table, path)


def other_order(path) -> None:
    write(path, list(range(COUNT))[::-1])


def fewer_rows(path) -> None:
    write(path, list(range(3)))


def other_columns(path) -> None:
    pq.write_table(pa.table({"other": [1]}), path)


def later_rows(path) -> None:
    write(path, list(range(COUNT)), ts=times(*["11:30"] * COUNT))


def no_file(path) -> None:
    path.unlink()


def broken_file(path) -> None:
    os.truncate(path, 90)


@pytest.mark.parametrize(
    "change", [other_order, fewer_rows, other_columns, later_rows, no_file, broken_file]
)
@pytest.mark.parametrize("query", [1, 2])
def test_parquet_file_that_changes_before_a_query_is_an_error(
    joining, tmp_path, monkeypatch, query, change
):
    write(tmp_path / "v.parquet", list(range(COUNT)))
    os.utime(tmp_path / "v.parquet", (1, 1))
    joining.source("v", None)
    joining.view("v", ["driver"], {"n": "int64"})
    training = joining.join(
        frame("driver", *[(n, "11:00") for n in range(COUNT)]), "v:n", proves=True
    )
    change_before(monkeypatch, query, lambda: change(tmp_path / "v.parquet"))
    with pytest.raises(FeaturectlError) as error:
        training.write(tmp_path / "out.parquet")
    assert error.value.code == "FC207"
    assert not (tmp_path / "out.parquet").exists()


@pytest.mark.parametrize("change", [other_order, fewer_rows, no_file])
def test_texts_that_change_after_they_were_copied_are_an_error(
    joining, tmp_path, monkeypatch, change
):
    write(tmp_path / "v.csv", list(range(COUNT)))
    os.utime(tmp_path / "v.csv", (1, 1))
    joining.source("v", None, path="v.csv")
    joining.view("v", ["driver"], {"n": "int64"})
    training = joining.join(frame("driver", *[(n, "11:00") for n in range(COUNT)]), "v:n")
    change_before(monkeypatch, 1, lambda: change(tmp_path / "v.csv"))
    with pytest.raises(FeaturectlError) as error:
        training.to_arrow()
    assert error.value.code == "FC207"


def change_before(monkeypatch, query: int, change) -> None:
    """Change something right before the so manieth query of a join that reads rows."""
    fetch, queries = ViewJoiner._fetch, []

    def fetch_after_change(joiner, *arguments):
        queries.append(arguments)
        if len(queries) == query + 1:  # the first one reads labels only
            change()
        return fetch(joiner, *arguments)

    monkeypatch.setattr(ViewJoiner, "_fetch", fetch_after_change)
