"""A registry that this user may only read: it is read, left alone, and never written."""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from powers import as_plain_user
from registries import commit_of, names

from featurectl.errors import FeaturectlError
from featurectl.registry.sqlite import SqliteRegistry

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """A registry at serial 1 that nobody has open."""
    file = tmp_path / "shared" / "registry.db"
    with closing(opened(file)) as store:
        store.commit(commit_of(0, {"a": ""}))
    yield file
    file.parent.chmod(0o755)


def opened(path: Path, *, create: bool = True) -> SqliteRegistry:
    return SqliteRegistry.open(path, "flights", create=create)


def read(path: Path) -> tuple[dict[str, str], list[str]]:
    """The entities, and the files that are beside it then."""
    with closing(opened(path, create=False)) as store:
        found = names(store)
        store.describe()
    return found, sorted(file.name for file in path.parent.glob("registry*"))


def write(path: Path) -> tuple[str, bool, bool]:
    try:
        opened(path, create=False).commit(commit_of(1, {"b": ""}))
    except FeaturectlError as error:
        return error.code, str(path) in error.message, bool(error.help)
    return "written", False, False


@pytest.mark.parametrize(
    ("file_mode", "folder_mode"), [(0o400, 0o500), (0o600, 0o500), (0o400, 0o700)]
)
def test_it_is_read_and_left_alone(path: Path, file_mode: int, folder_mode: int) -> None:
    path.chmod(file_mode)
    path.parent.chmod(folder_mode)

    assert as_plain_user(read, path) == ({"a": ""}, ["registry.db"])
    assert as_plain_user(write, path) == ("FC614", True, True)
    assert as_plain_user(read, path) == ({"a": ""}, ["registry.db"])


def test_what_its_owner_is_writing_is_read_too(path: Path) -> None:
    owner = opened(path)
    owner.commit(commit_of(1, {"b": ""}))
    path.parent.chmod(0o500)

    assert as_plain_user(read, path)[0] == {"a": "", "b": ""}
    owner.close()


def test_a_log_that_can_not_be_read_is_said_and_not_passed_over(path: Path, tmp_path: Path) -> None:
    owner = opened(path)
    owner.commit(commit_of(1, {"b": ""}))
    copy = tmp_path / "media" / "registry.db"
    copy.parent.mkdir()
    for end in ("", "-wal"):
        shutil.copy(f"{path}{end}", f"{copy}{end}")
    owner.close()
    copy.parent.chmod(0o500)

    assert as_plain_user(failure_of, copy) == "FC611"
    copy.parent.chmod(0o700)
    assert names(opened(copy)) == {"a": "", "b": ""}


def failure_of(path: Path) -> str:
    try:
        opened(path, create=False).snapshot("dev")
    except FeaturectlError as error:
        return error.code
    return ""


def test_a_change_while_it_is_read_is_noticed_and_read_again(path: Path) -> None:
    path.parent.chmod(0o500)

    assert as_plain_user(read_while_it_changes, path) == ["a", "ab"]


def read_while_it_changes(path: Path) -> list[str]:
    """What each of the attempts saw, while the owner writes during the first."""
    seen = []

    def query(con: sqlite3.Connection) -> str:
        found = "".join(name for (name,) in con.execute("SELECT name FROM objects ORDER BY 1"))
        seen.append(found)
        if len(seen) == 1:
            path.parent.chmod(0o700)
            with closing(opened(path)) as owner:
                owner.commit(commit_of(1, {"b": ""}))
            path.parent.chmod(0o500)
        return found

    assert opened(path, create=False)._database.read(query, "") == "ab"
    return seen


def test_a_file_that_may_not_be_read_is_not_opened(path: Path) -> None:
    path.chmod(0)

    assert as_plain_user(failure_of, path) == "FC611"


def test_no_registry_is_made_in_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    assert as_plain_user(write, tmp_path / "registry.db")[0] == "FC614"
    assert as_plain_user(write, tmp_path / "new" / "registry.db")[0] == "FC614"
    tmp_path.chmod(0o700)


def test_no_copy_is_made_in_a_folder_that_may_not_be_written(path: Path) -> None:
    path.parent.chmod(0o500)

    assert as_plain_user(backup, path) == "FC614"


def backup(path: Path) -> str:
    try:
        opened(path, create=False).backup()
    except FeaturectlError as error:
        return error.code
    return ""
