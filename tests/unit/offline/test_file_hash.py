"""What the digests of a file see, and what the cheap ones do not."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from featurectl.errors import SourceError
from featurectl.offline.file_hash import hash_file, hash_files
from featurectl.offline.protocol import SourceFile

if TYPE_CHECKING:
    from pathlib import Path

KIB = 1024


def cheap(path: Path) -> dict[str, str]:
    return dict(hash_file("s", str(path), full=False).digests)


def test_a_parquet_file_is_known_by_its_footer(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    pq.write_table(pa.table({"n": [1, 2, 3]}), file)
    first = cheap(file)
    pq.write_table(pa.table({"n": [1, 2, 4]}), file)

    assert list(first) == ["footer_sha256"]
    assert cheap(file) != first


def test_bytes_changed_within_a_parquet_file_need_every_byte_to_be_seen(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    pq.write_table(pa.table({"n": list(range(1000))}), file)
    before = hash_file("s", str(file), full=True)
    data = bytearray(file.read_bytes())
    data[100] ^= 1
    file.write_bytes(data)
    after = hash_file("s", str(file), full=True)

    assert after.digests["footer_sha256"] == before.digests["footer_sha256"]
    assert after.digests["sha256"] == hashlib.sha256(data).hexdigest()
    assert after.digests["sha256"] != before.digests["sha256"]


@pytest.mark.parametrize("at", [0, 10, 64 * KIB - 1, 136 * KIB, 200 * KIB - 1])
def test_the_ends_of_a_csv_file_are_seen(tmp_path: Path, at: int) -> None:
    file = tmp_path / "a.csv"
    data = bytearray(b"x" * 200 * KIB)
    file.write_bytes(data)
    before = cheap(file)
    data[at] = ord("y")
    file.write_bytes(data)

    assert list(before) == ["ends_sha256"]
    assert cheap(file) != before


def test_the_middle_of_a_long_csv_file_is_not_but_all_of_a_short_one_is(tmp_path: Path) -> None:
    long, short = tmp_path / "long.csv", tmp_path / "short.csv"
    for file, size in ((long, 200 * KIB), (short, 128 * KIB)):
        data = bytearray(b"x" * size)
        file.write_bytes(data)
        before = cheap(file)
        data[size // 2] = ord("y")
        file.write_bytes(data)
        assert (cheap(file) == before) == (file == long)


@pytest.mark.parametrize("text", [b"", b"PAR1", b"x" * 4 + b"\xff\xff\xff\xffPAR1", b"a,b\n1,2\n"])
def test_what_is_no_parquet_is_hashed_by_its_ends(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "a"
    file.write_bytes(text)

    found = hash_file("s", str(file), full=False)

    assert found.size_bytes == len(text)
    assert found.digests == {"ends_sha256": hashlib.sha256(text).hexdigest()}


def test_files_come_back_in_order_and_one_that_is_gone_is_named(tmp_path: Path) -> None:
    names = [tmp_path / f"{n}.csv" for n in range(20)]
    for name in names:
        name.write_text(name.stem)
    files = [SourceFile(str(name), 1, 0) for name in names]

    assert [file.path for file in hash_files("s", files, full=True)] == [str(n) for n in names]
    names[7].unlink()
    with pytest.raises(SourceError, match=r'source "s": .*7\.csv can\'t be read'):
        hash_files("s", files, full=False)
