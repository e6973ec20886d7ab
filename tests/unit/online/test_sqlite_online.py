"""The file of the embedded store: who may read it, what it may be, and what goes wrong with it."""

from __future__ import annotations

import errno
import multiprocessing
import sqlite3
import stat
import threading
import time

import pytest

from featurectl.errors import StoreError
from featurectl.online.codec import HEADER
from featurectl.online.keys import row_key
from featurectl.online.protocol import Rows, Stamp
from featurectl.online.sqlite import SqliteOnline
from featurectl.online.sqlite_file import store_errors

ROW = HEADER.pack(1, 0, 1, 5, 5) + b"\0"


def rows(*names):
    return Rows(
        [row_key("demo", "g", [("id", "string")], (name,)) for name in names], [ROW] * len(names)
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / ".featurectl" / "online.db"


@pytest.fixture
def store(path):
    store = SqliteOnline(path)
    yield store
    store.close()


def test_reading_creates_no_file(store, path):
    assert store.get([b"a", b"b"]) == [None, None]
    assert store.read("demo", "dev") is None
    assert store.stamp("demo", "g") is None
    assert store.count("demo", "g") == 0
    assert store.sample("demo", "g", 5) == []
    assert store.sweep("demo", "g") == 0
    assert store.delete([b"a"]) == 0
    assert store.ping().startswith("sqlite ")
    assert not path.parent.exists()


def test_the_file_is_its_owners_alone_in_a_folder_that_git_ignores(store, path):
    store.put(rows("a"))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert (path.parent / ".gitignore").read_text() == "*\n"
    for side in path.parent.glob("online.db-*"):
        assert stat.S_IMODE(side.stat().st_mode) == 0o600


def test_a_folder_that_was_there_is_left_as_it_is(tmp_path):
    store = SqliteOnline(tmp_path / "online.db")
    store.put(rows("a"))
    store.close()

    assert not (tmp_path / ".gitignore").exists()


def test_a_file_that_appears_later_is_read(store, path):
    assert store.get(rows("a").keys) == [None]

    other = SqliteOnline(path)
    other.put(rows("a"))
    other.close()

    assert store.get(rows("a").keys) == [ROW]


def test_a_file_that_is_no_database_is_an_error_that_names_it(store, path):
    path.parent.mkdir()
    path.write_bytes(b"no database, but long enough to be taken for one" * 20)

    for call in (lambda: store.get([b"a"]), lambda: store.put(rows("a")), store.ping):
        with pytest.raises(StoreError, match=r"online\.db.*not a database.*FC604"):
            call()


def test_another_programs_database_is_left_alone(store, path):
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("create table theirs (x)")
    other.close()

    with pytest.raises(StoreError, match=r"not an online store.*FC604"):
        store.put(rows("a"))


def test_a_file_of_a_newer_version_is_refused(store, path):
    store.put(rows("a"))
    store.close()
    other = sqlite3.connect(path)
    other.execute("pragma user_version = 99")
    other.close()

    with pytest.raises(StoreError, match=r"newer version.*FC604"):
        store.get([b"a"])


def test_a_folder_that_can_not_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    store = SqliteOnline(tmp_path / "file" / "online.db")

    with pytest.raises(StoreError, match=r"can't open the online store .*FC601"):
        store.put(rows("a"))


def test_what_the_system_does_not_allow_is_told_from_what_is_not_there(path):
    with pytest.raises(StoreError, match=r"Permission denied.*FC602"), store_errors(path):
        raise PermissionError(errno.EACCES, "Permission denied")


def test_a_file_that_may_only_be_read_is_read_and_a_write_is_said_not_to_be_allowed(store):
    store.put(rows("a"))
    with store._write() as db:
        db.execute("pragma query_only = on")

    assert store.get(rows("a").keys) == [ROW]
    with pytest.raises(StoreError, match=r"readonly.*FC602"):
        store.put(rows("b"))


def test_a_full_disk_is_said_and_nothing_of_the_batch_stays(store):
    store.put(rows("a"))
    with store._write() as db:
        (pages,) = db.execute("pragma page_count").fetchone()
        db.execute(f"pragma max_page_count = {pages}")

    with pytest.raises(StoreError, match=r"full.*FC603"):
        store.put(rows(*(f"u{i}" for i in range(5_000))))

    assert store.count("demo", "g") == 1


def test_readers_are_answered_while_a_writer_is_at_work(store, path):
    store.put(rows("a"))
    writer = SqliteOnline(path)
    with writer._write() as db:
        db.execute("begin immediate")
        db.execute("delete from rows")
        started = time.monotonic()

        found = store.get(rows("a").keys)

        db.execute("rollback")
    writer.close()
    assert found == [ROW]
    assert time.monotonic() - started < 5


def test_a_reader_of_the_same_store_does_not_wait_for_its_writer(store):
    store.put(rows("a"))
    found = []
    with store._write() as db:
        db.execute("begin immediate")
        thread = threading.Thread(target=lambda: found.append(store.get(rows("a").keys)))
        thread.start()
        thread.join(timeout=10)
        db.execute("rollback")

    assert found == [[ROW]]


def test_many_keys_are_read_as_of_one_moment(store):
    names = [f"u{i}" for i in range(1_500)]
    store.put(rows(*names))

    found = store.get([*rows(*names).keys, b"none"])

    assert found == [ROW] * 1_500 + [None]
    assert not store._reader.in_transaction


def test_marking_a_generation_drops_its_expired_rows_and_no_others(store):
    gone = time.time_ns() // 1_000_000 - 1
    store.put(Rows(rows("a").keys, [ROW], gone))
    store.put(Rows([row_key("demo", "g2", [("id", "string")], ("a",))], [ROW], gone))
    store.put(rows("b"))

    store.mark("demo", "g", Stamp(1, 5, 1))

    with store._read() as db:
        kept = [key for (key,) in db.execute("select key from rows order by key")]
    assert kept == [b"demo:g2:a", b"demo:g:b", b"demo@@g"]


def _put(path, name):
    store = SqliteOnline(path)
    store.put(rows(name))
    store.close()


def test_processes_that_create_the_file_at_once_all_write(store, path):
    context = multiprocessing.get_context("spawn")
    names = [f"p{i}" for i in range(4)]
    writers = [context.Process(target=_put, args=(path, name)) for name in names]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert [writer.exitcode for writer in writers] == [0] * 4
    assert store.count("demo", "g") == 4
