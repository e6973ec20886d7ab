"""SQLite files are opened by their name, whatever is in it, and switched to WAL by many at once."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from featurectl.system.sqlite_file import connect, make_file, make_folder, use_write_ahead_log

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["a b.db", "a?mode=memory.db", "50%.db", "a#b.db", "ä.db"])
def test_no_name_of_a_file_means_anything_else(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    make_file(path)
    with closing(connect(path, "mode=rw", 1)) as con:
        con.execute("create table t (x)")
    assert path.stat().st_size
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_a_file_that_is_not_there_is_not_made_by_opening_it(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        connect(tmp_path / "none.db", "mode=rw", 1)


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "store")
    (folder / "a.db").write_bytes(b"kept")
    make_file(make_folder(folder) / "a.db")
    assert (folder / "a.db").read_bytes() == b"kept"
    assert (folder / ".gitignore").read_text() == "*\n"


def test_several_switch_one_file_to_a_log_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    make_file(path)

    def switch(_: int) -> str:
        with closing(connect(path, "mode=rw", 10)) as con:
            use_write_ahead_log(con, 10)
            return str(con.execute("pragma journal_mode").fetchone()[0])

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(switch, range(8))) == {"wal"}


def test_who_keeps_the_file_locked_is_not_waited_for_without_end(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    make_file(path)
    with closing(connect(path, "mode=rw", 0)) as one, closing(connect(path, "mode=rw", 0)) as other:
        one.execute("begin exclusive")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            use_write_ahead_log(other, 0.05)
