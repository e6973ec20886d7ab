"""The file of a registry: how it is made, opened, replaced, and what is said when it can't be."""

from __future__ import annotations

import json
import resource
import sqlite3
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest
from registries import commit_of, document, failure, generation, me, names, opened, part_of

from featurectl.definitions.binding import Binding
from featurectl.errors import StoreError
from featurectl.registry.sqlite import SqliteRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_reading_where_there_is_none_makes_no_folder(path: Path) -> None:
    store = opened(path, create=False)

    assert store.snapshot("dev").serial == 0
    assert store.describe() == f"{path} (new)"
    store.backup()
    store.close()
    assert not path.parent.exists()


def test_it_describes_its_mode_and_that_it_is_whole(path: Path) -> None:
    store = opened(path)
    store.commit(commit_of(0, {"a": ""}))

    assert store.describe().startswith(f"{path}  dev at serial 1, schema 2, WAL, integrity ok, ")


def test_a_commit_makes_the_file(path: Path) -> None:
    store = opened(path, create=False)

    assert store.commit(commit_of(0, {"a": ""})) == 1
    assert names(opened(path, create=False)) == {"a": ""}


def test_only_its_owner_may_read_it_and_git_ignores_it(path: Path) -> None:
    store = opened(path)
    store.commit(commit_of(0, {"a": ""}))

    files = {file.name: file.stat().st_mode & 0o777 for file in path.parent.glob("registry*")}
    assert files == {"registry.db": 0o600, "registry.db-wal": 0o600, "registry.db-shm": 0o600}
    assert (path.parent / ".gitignore").read_text() == "*\n"


def test_a_folder_that_was_there_gets_no_gitignore(tmp_path: Path) -> None:
    opened(tmp_path / "registry.db")

    assert [file.name for file in tmp_path.glob(".git*")] == []


def test_a_file_that_nothing_was_written_to_counts_as_none(path: Path) -> None:
    path.parent.mkdir()
    path.touch()

    assert opened(path, create=False).snapshot("dev").lineage == ""
    assert opened(path).commit(commit_of(0, {"a": ""})) == 1


@pytest.mark.parametrize("name", ["a b.db", "100%.db", "what?.db", "no#1.db", "ü.db"])
def test_any_file_name_is_taken_as_it_is(tmp_path: Path, name: str) -> None:
    with closing(opened(tmp_path / name)) as store:
        store.commit(commit_of(0, {"a": ""}))

    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_after_closing_there_is_one_file(path: Path) -> None:
    with closing(opened(path)) as store:
        store.commit(commit_of(0, {"a": ""}))

    assert sorted(file.name for file in path.parent.iterdir()) == [".gitignore", "registry.db"]


def test_a_file_that_was_replaced_is_opened_anew(path: Path) -> None:
    store = opened(path)
    store.commit(commit_of(0, {"a": ""}))
    lineage = store.snapshot("dev").lineage
    for file in path.parent.glob("registry*"):
        file.unlink()

    assert store.commit(commit_of(0, {"b": ""})) == 1
    assert names(opened(path)) == {"b": ""}
    assert store.snapshot("dev").lineage != lineage


def test_a_reader_does_not_wait_for_a_writer(path: Path) -> None:
    store = opened(path)
    store.commit(commit_of(0, {"a": ""}))

    with writing(path):
        begun = time.monotonic()
        assert names(store) == names(opened(path, create=False)) == {"a": ""}
        assert time.monotonic() - begun < 1


def test_a_writer_that_waited_long_enough_says_that_the_file_is_busy(path: Path) -> None:
    store = opened(path, busy_s=0.1)

    with writing(path), pytest.raises(StoreError, match="kept busy by another process") as caught:
        store.commit(commit_of(0, {"a": ""}))

    assert caught.value.code == "FC611"
    assert store.commit(commit_of(0, {"a": ""})) == 1


def test_a_folder_of_that_name_is_not_opened(path: Path) -> None:
    path.mkdir(parents=True)

    assert failure(path, create=False).code == "FC611"
    assert failure(path).code == "FC611"


def test_a_file_in_the_way_of_its_folder_is_not_opened(path: Path) -> None:
    path.parent.write_text("")

    assert failure(path).code == "FC611"


def test_the_registry_of_another_project_is_not_opened(path: Path) -> None:
    SqliteRegistry.open(path, "fraud", create=True).close()

    error = failure(path, create=False)

    assert (error.code, failure(path).code) == ("FC611", "FC611")
    assert 'belongs to project "fraud", not to "flights"' in error.message


def test_a_registry_of_a_newer_version_is_not_touched(path: Path) -> None:
    opened(path).close()
    with closing(sqlite3.connect(path)) as con:
        con.execute("UPDATE meta SET value = '3' WHERE key = 'schema'")
        con.commit()
    before = path.read_bytes()

    error = failure(path)

    assert (error.code, failure(path, create=False).code) == ("FC612", "FC612")
    assert error.notes == ("its schema is version 3, this featurectl knows 2",)
    assert "upgrade" in error.help[0]
    assert path.read_bytes() == before


def test_a_full_disk_leaves_the_registry_as_it_was(path: Path) -> None:
    store = opened(path)
    store.commit(commit_of(0, {"a": ""}))

    with file_size_limit(path.stat().st_size), pytest.raises(StoreError) as caught:
        store.commit(commit_of(1, {f"e{number}": "x" * 1000 for number in range(500)}))

    assert caught.value.code == "FC614"
    assert str(path) in caught.value.message
    assert names(store) == {"a": ""}
    assert store.commit(commit_of(1, {"b": ""})) == 2


def test_a_database_that_may_not_grow_is_full(path: Path) -> None:
    store = opened(path)
    pages = store._database._connection().execute("PRAGMA page_count").fetchone()[0]
    store._database._connection().execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(StoreError, match="full") as caught:
        store.commit(commit_of(0, {f"e{number}": "x" * 1000 for number in range(500)}))

    assert caught.value.code == "FC614"
    assert names(store) == {}


def test_a_registry_is_not_made_on_a_full_disk(path: Path) -> None:
    path.parent.mkdir()
    with file_size_limit(1000), pytest.raises(StoreError, match="FC614"):
        opened(path)

    assert opened(path, create=False).snapshot("dev").lineage == ""


def test_who_flipped_when_is_kept_for_every_time(path: Path) -> None:
    now = [1_000]
    store = SqliteRegistry.open(path, "flights", create=True, now_us=lambda: now[0])
    old, new = generation("weather.k3f9"), generation("weather.p2d7")
    store.commit(commit_of(0, {}, bindings={"weather": Binding("weather", old, new)}, run=1))
    run = store.begin("materialize", "dev", 1, me())
    now[0] = 500  # the clock was set back
    store.advance("dev", run, part_of(), lease=None, binding=Binding("weather", new))
    now[0] = 2_000
    store.commit(commit_of(1, {}, bindings={"weather": None}, run=3))
    store.close()

    with closing(sqlite3.connect(path)) as con:
        rows = con.execute(
            "SELECT document, since_us, until_us, serial, revision, run"
            " FROM bindings ORDER BY revision"
        ).fetchall()
    assert [(json.loads(document)["read"]["id"], *rest) for document, *rest in rows] == [
        ("weather.k3f9", 1_000, 1_000, 1, 1, 1),
        ("weather.p2d7", 1_000, 2_000, 1, 2, run),
    ]


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Another connection is in the middle of a change."""
    with closing(sqlite3.connect(path, isolation_level=None)) as con:
        con.execute("BEGIN IMMEDIATE")
        con.execute(
            "INSERT INTO objects (env, kind, name, document, fingerprint, serial_from)"
            " VALUES ('dev', 'entity', 'half', ?, '', 0)",
            (str(document("half")),),
        )
        yield
        con.execute("ROLLBACK")


@contextmanager
def file_size_limit(size_bytes: int) -> Iterator[None]:
    """The system lets no file of this process grow beyond that."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
