import io
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from featurectl.cli.keys import read_rows, rows_of_pairs
from featurectl.errors import RequestError


@pytest.mark.parametrize(
    ("pairs", "rows"),
    [
        ([], [{}]),
        (["id=1"], [{"id": "1"}]),
        (["id=1", "id=2"], [{"id": "1"}, {"id": "2"}]),
        (["a=x", "id=1", "id=2"], [{"a": "x", "id": "1"}, {"a": "x", "id": "2"}]),
        (["a=x", "id=1", "a=y", "id=2"], [{"a": "x", "id": "1"}, {"a": "y", "id": "2"}]),
        (["a=", "b=x=y"], [{"a": "", "b": "x=y"}]),
        (["a=東京 "], [{"a": "東京 "}]),
    ],
)
def test_words_make_rows(pairs: list[str], rows: list[dict[str, str]]) -> None:
    assert rows_of_pairs(pairs) == rows


@pytest.mark.parametrize("pairs", [["id"], ["=1"], ["a=1", "a=2", "b=1", "b=2", "b=3"]])
def test_words_that_make_no_rows_are_refused(pairs: list[str]) -> None:
    with pytest.raises(ValueError, match=r"KEY=VALUE|equally many: 2 of a, 3 of b"):
        rows_of_pairs(pairs)


def test_files_of_each_kind_give_the_same_rows(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1, 2], "name": ["a", ""]}), tmp_path / "k.parquet")
    (tmp_path / "k.jsonl").write_text('{"id": 1, "name": "a"}\n\n{"id": 2, "name": ""}\n')
    (tmp_path / "k.csv").write_text('\ufeffid,name\n1,"a"\n2,\n', "utf-8")
    typed = [{"id": 1, "name": "a"}, {"id": 2, "name": ""}]

    assert read_rows(str(tmp_path / "k.parquet")) == typed
    assert read_rows(str(tmp_path / "k.jsonl")) == typed
    assert read_rows(str(tmp_path / "k.csv")) == [
        {"id": "1", "name": "a"},
        {"id": "2", "name": ""},
    ]


@pytest.mark.parametrize(
    ("data", "first"),
    [(b'{"id": 1}\n', {"id": 1}), (b"id\n1\n", {"id": "1"})],
)
def test_standard_input_is_known_by_its_first_bytes(
    data: bytes, first: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))

    assert read_rows("-") == [first]


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("gone.csv", None, "No such file"),
        ("k.parquet", b"PAR1 broken", "keys of"),
        ("k.jsonl", b'{"id": 1}\n[1]\n', "line 2 is no object"),
        ("k.jsonl", b'{"id": \n', "line 1 is no JSON"),
        ("k.csv", b"id,name\n1\n", "row 2 does not have one value for each column"),
        ("k.csv", b"id\n1,2\n", "row 2 does not have one value for each column"),
        ("k.csv", b"id\n\xff\n", "it is no UTF-8"),
    ],
)
def test_a_file_that_holds_no_keys_is_told(
    name: str, data: bytes | None, why: str, tmp_path: Path
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)

    with pytest.raises(RequestError, match=why) as caught:
        read_rows(str(tmp_path / name))

    assert caught.value.code == "FC314"
