"""CSV entity frames: the texts as they stand, and the types that lose nothing."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from featurectl.errors import RequestError
from featurectl.offline.read_frame import read_frame

UTC = dt.timezone.utc
TIME = {"t": "timestamp"}


def read(tmp_path, text, types=None, name="f.csv"):
    """The frame of a CSV text."""
    data = text if isinstance(text, bytes) else text.encode()
    (tmp_path / name).write_bytes(data)
    frame = read_frame(tmp_path / name)
    return frame if types is None else frame.typed(types)


def whole(frame) -> pa.Table:
    return pa.Table.from_batches(frame.batches(), frame.schema)


def test_keys_and_times_have_their_declared_types(tmp_path):
    text = "id,zip,t\n1,012,2024-01-01 12:00:00\n2,,2024-01-02T00:00-05:00\n"
    frame = read(tmp_path, text, {"id": "int64", "zip": "string"} | TIME)
    assert whole(frame).to_pydict() == {
        "id": [1, 2],
        "zip": ["012", None],
        "t": [dt.datetime(2024, 1, 1, 12, tzinfo=UTC), dt.datetime(2024, 1, 2, 5, tzinfo=UTC)],
    }
    assert frame.schema.field("id").type == pa.int64()
    assert frame.schema.field("t").type == pa.timestamp("us", "UTC")
    assert frame.select(["t", "id"]).equals(whole(frame).select(["t", "id"]))


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["0", "-7", "9223372036854775807"], pa.int64()),
        (["0", "", "1"], pa.int64()),
        (["007", "8"], pa.string()),
        (["+7"], pa.string()),
        (["-0"], pa.float64()),
        (["9223372036854775808"], pa.string()),
        (["1", "1.5", "nan", "-inf"], pa.float64()),
        (["1.50"], pa.string()),
        (["1e5"], pa.string()),
        ([" 1"], pa.string()),
        (["true", "false"], pa.bool_()),
        (["True"], pa.string()),
        (["TRUE"], pa.string()),
        (["true", "1"], pa.string()),
        (["2024-01-31"], pa.date32()),
        (["2024-01-31", "31.1.2024"], pa.string()),
        (["2024-01-31T12:00:00Z"], pa.timestamp("s", "UTC")),
        (["2024-01-31T12:00:00"], pa.timestamp("s")),
        (["2024-01-31 12:00:00"], pa.string()),
        (["2024-01-31T12:00:00.5Z"], pa.string()),
        (["", ""], pa.string()),
        (["NULL", "NA", "n/a"], pa.string()),
    ],
)
def test_a_column_has_a_type_only_where_it_gives_back_the_same_texts(tmp_path, texts, kind):
    lines = "".join(f"{number},{text}\n" for number, text in enumerate(texts))
    frame = read(tmp_path, f"i,label\n{lines}", {"i": "int64"})
    assert frame.schema.field("label").type == kind
    assert whole(frame).schema == frame.schema
    assert whole(frame)["label"].null_count == texts.count("")


def test_what_a_later_block_holds_counts_too(tmp_path, monkeypatch):
    monkeypatch.setattr("featurectl.offline.frame_csv._BLOCK_BYTES", 64)
    lines = [f"{i},{i}\n" for i in range(100)]
    frame = read(tmp_path, "".join(["i,label\n", *lines, "100,007\n"]), {"i": "int64"})
    assert len(list(frame.batches())) > 1
    assert frame.schema.field("label").type == pa.string()
    assert whole(frame)["label"].to_pylist()[-2:] == ["99", "007"]
    assert whole(frame)["i"].to_pylist() == list(range(101))
    assert frame.select(["label"]).equals(whole(frame).select(["label"]))


def test_an_empty_field_is_null_and_a_quoted_one_is_empty(tmp_path):
    frame = read(tmp_path, 'i,note\n1,\n2,""\n3,"a""b"\n', {"i": "int64"})
    assert whole(frame)["note"].to_pylist() == [None, "", 'a"b']


def test_a_byte_order_mark_ends_of_lines_and_any_text_are_read(tmp_path):
    data = (
        b'\xef\xbb\xbfi,note\r\n1,"two\r\nlines"\r\n2,\xf0\x9f\x9b\xab \xc3\xbc\xe2\x80\xa8\x00\r\n'
    )
    frame = read(tmp_path, data, {"i": "int64"})
    assert whole(frame).to_pydict() == {"i": [1, 2], "note": ["two\r\nlines", "🛫 ü\u2028\x00"]}


def test_the_texts_of_a_file_stay_at_hand(tmp_path):
    frame = read(tmp_path, "i,t\n1,2024-01-01 07:00:00-05:00\n", {"i": "int64"} | TIME)
    assert whole(frame.as_text()).to_pydict() == {"i": ["1"], "t": ["2024-01-01 07:00:00-05:00"]}


def test_a_tsv_file_has_tabs(tmp_path):
    assert whole(read(tmp_path, "i\tt\n1\ta,b\n", {"i": "int64"}, "f.tsv")).to_pydict() == {
        "i": [1], "t": ["a,b"]
    }  # fmt: skip


def test_a_header_alone_is_a_frame_without_rows(tmp_path):
    frame = read(tmp_path, "i,t,label\n", {"i": "int64"} | TIME)
    assert whole(frame).num_rows == 0
    assert frame.schema.field("label").type == pa.string()
    assert frame.select(["i", "t"]).num_rows == 0


@pytest.mark.parametrize("text", ["1.5", "012", "1e3", " 1", "x", "99999999999999999999"])
def test_text_that_is_no_integer_is_refused_as_one(tmp_path, text):
    with pytest.raises(RequestError) as error:
        read(tmp_path, f"id\n{text}\n", {"id": "int64"})
    assert error.value.code == "FC311"


def test_text_that_is_no_time_is_refused_as_one(tmp_path):
    with pytest.raises(RequestError, match=r'column "t" of .*"noon" is not a time') as error:
        read(tmp_path, "t\n2024-01-01\nnoon\n", TIME)
    assert error.value.code == "FC318"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"i;n\n1;2\n",
        b"i,n\n1,2,3\n",
        b"i,n\n1\n",
        "i,ü\n1,ä\n".encode("latin-1"),
        b"\xff\xfei\x00",
    ],
)
def test_what_is_no_csv_is_refused(tmp_path, data):
    with pytest.raises(RequestError, match=r"f\.csv can't be read") as error:
        read(tmp_path, data, {"i": "int64"})
    assert error.value.code == "FC314"
