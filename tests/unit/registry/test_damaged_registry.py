"""A file that is no registry, or no longer all of one: it is told, and left as it is."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from registries import commit_of, failure, opened

from featurectl.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize("content", [b"registry: none\n" * 99, b"SQLite format 3\0" + b"\0" * 84])
def test_a_file_that_is_no_database_is_not_touched(
    path: Path, content: bytes, *, create: bool
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)

    error = failure(path, create=create)

    assert error.code == "FC613"
    assert "move it away" in error.help[0]
    assert path.read_bytes() == content


def test_a_database_of_something_else_is_not_touched(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as con:
        con.execute("CREATE TABLE meta (key, value)")
    before = path.read_bytes()

    assert failure(path).code == failure(path, create=False).code == "FC613"
    assert path.read_bytes() == before


@pytest.mark.parametrize("kept", [0.3, 0.8])
def test_a_file_that_was_cut_off_is_damaged(path: Path, kept: float) -> None:
    fill(path)
    os.truncate(path, int(path.stat().st_size * kept))

    assert failure(path, create=False).code == "FC613"


def test_a_file_with_a_page_of_noise_is_damaged_and_names_the_newest_copy(path: Path) -> None:
    fill(path)
    with closing(opened(path)) as store:
        store.backup()
    (copy,) = (path.parent / "backups").glob("*.db")
    with path.open("r+b") as file:
        for page in range(2, path.stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(b"\xa5" * 4096)

    error = failure(path, create=False)

    assert error.code == "FC613"
    assert error.help == (
        f"put back the newest copy: rm -f {path}-wal {path}-shm; cp {copy} {path}",
    )


def test_a_document_that_was_edited_into_nonsense_is_damage(path: Path) -> None:
    fill(path)
    with closing(sqlite3.connect(path)) as con:
        con.execute("UPDATE objects SET document = '{' WHERE name = 'e7'")
        con.commit()

    error = failure(path)
    assert (error.code, "no JSON" in error.message) == ("FC613", True)


def test_damage_is_found_by_the_description(path: Path) -> None:
    fill(path)
    with closing(sqlite3.connect(path)) as con:
        con.execute("PRAGMA writable_schema = ON")
        con.execute("DELETE FROM sqlite_master WHERE name = 'objects_now'")
        con.commit()

    with pytest.raises(StoreError, match="FC613"):
        opened(path, create=False).describe()


def fill(path: Path) -> None:
    with closing(opened(path)) as store:
        store.commit(commit_of(0, {f"e{number}": "x" * 500 for number in range(200)}))
