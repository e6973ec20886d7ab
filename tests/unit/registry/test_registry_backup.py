"""Copies of a registry: complete, usable, and a few."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from registries import Clock, commit_of, names

from featurectl.registry.sqlite import SqliteRegistry
from featurectl.registry.sqlite_backup import copies

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(path: Path, clock: Clock) -> SqliteRegistry:
    return SqliteRegistry.open(path, "flights", create=True, now_us=clock)


def test_a_copy_can_be_put_back(store: SqliteRegistry, path: Path) -> None:
    store.commit(commit_of(0, {"a": ""}))
    lineage = store.snapshot("dev").lineage
    store.backup()
    store.commit(commit_of(1, {"b": ""}))
    store.close()

    (copy,) = copies(path)
    shutil.copy(copy, path)

    assert copy.name == "registry-20240101T120000000000Z.db"
    assert names(store) == {"a": ""}
    assert store.snapshot("dev").lineage == lineage
    assert store.commit(commit_of(1, {"c": ""})) == 2


def test_copies_are_private_and_alone_in_their_folder(store: SqliteRegistry, path: Path) -> None:
    store.backup()

    files = {file.name: file for file in (path.parent / "backups").iterdir()}
    assert sorted(files) == [".gitignore", "registry-20240101T120000000000Z.db"]
    assert files["registry-20240101T120000000000Z.db"].stat().st_mode & 0o777 == 0o600


def test_only_the_newest_are_kept(store: SqliteRegistry, path: Path, clock: Clock) -> None:
    for _ in range(5):
        clock.forward(3600)
        store.backup(keep=3)

    assert [copy.name[9:24] for copy in copies(path)] == [
        f"20240101T{hour}0000" for hour in (15, 16, 17)
    ]


def test_files_of_others_are_never_pruned(store: SqliteRegistry, path: Path, clock: Clock) -> None:
    folder = path.parent / "backups"
    folder.mkdir()
    others = {"registry-old.db", "registry-20240101T120000000000Z.db.gz", "notes.txt"}
    for name in (*others, "registry-eu-20230101T120000000000Z.db"):
        (folder / name).touch()

    for _ in range(3):
        clock.forward(1)
        store.backup(keep=1)

    kept = {file.name for file in folder.iterdir()}
    assert others | {"registry-eu-20230101T120000000000Z.db"} < kept
    assert [copy.name for copy in copies(path)] == ["registry-20240101T120003000000Z.db"]


def test_what_a_killed_copy_left_is_removed_later(store: SqliteRegistry, path: Path) -> None:
    folder = path.parent / "backups"
    folder.mkdir()
    old, young = (folder / f".registry-20240101T110000000000Z.db.{pid}" for pid in (1, 2))
    old.touch()
    young.touch()
    os.utime(old, (0, 0))

    store.backup()

    assert (old.exists(), young.exists()) == (False, True)


def test_what_another_process_renames_meanwhile_is_no_error(
    store: SqliteRegistry, path: Path
) -> None:
    folder = path.parent / "backups"
    folder.mkdir()
    (folder / ".registry-20240101T110000000000Z.db.7").symlink_to("gone")  # found, but not there

    store.backup()

    assert len(copies(path)) == 1


def test_a_copy_is_made_while_another_process_writes(store: SqliteRegistry, path: Path) -> None:
    store.commit(commit_of(0, {"a": ""}))
    writer = SqliteRegistry.open(path, "flights", create=True)
    con = writer._database._connection()
    con.execute("BEGIN IMMEDIATE")
    con.execute("DELETE FROM objects")

    store.backup()

    con.execute("ROLLBACK")
    copy = SqliteRegistry.open(copies(path)[0], "flights", create=False)
    assert names(copy) == {"a": ""}
