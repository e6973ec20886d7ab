from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from git_repository import GitRepository

from featurectl.errors import RequestError
from featurectl.repo.revision import extract, resolve

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def git(tmp_path: Path) -> GitRepository:
    """A git repository whose first commit has a feature repository two folders below its root."""
    found = GitRepository.create(tmp_path / "mono")
    found.write("stores/shop/featurectl.yaml", "project: shop\n")
    found.write("stores/shop/features/a.yaml", "entities: []\n")
    found.write("other.txt", "not ours")
    found.commit("one")
    return found


@pytest.fixture
def to(tmp_path: Path) -> Path:
    (tmp_path / "to").mkdir()
    return tmp_path / "to"


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def code_of(error: pytest.ExceptionInfo[RequestError]) -> str:
    return error.value.code


def test_only_what_was_in_the_folder_at_the_revision_is_written(
    git: GitRepository, to: Path
) -> None:
    git.write("stores/shop/features/a.yaml", "changed")
    git.write("stores/shop/features/b.yaml", "new")
    root = git.root / "stores" / "shop"

    assert extract(root, resolve(root, "HEAD"), to)

    assert contents(to) == {
        "featurectl.yaml": b"project: shop\n",
        "features/a.yaml": b"entities: []\n",
    }


def test_the_root_of_git_is_a_folder_too(git: GitRepository, to: Path) -> None:
    extract(git.root, resolve(git.root, "main"), to)
    assert (to / "other.txt").read_text() == "not ours"


@pytest.mark.parametrize("ref", ["main", "HEAD~1", "v1", "main@{0}", "SHA"])
def test_whatever_git_calls_a_commit_is_one(git: GitRepository, to: Path, ref: str) -> None:
    first = git.git("rev-parse", "HEAD").strip()
    git.git("tag", "v1")
    git.write("new.txt", "x")
    git.commit("two")

    found = resolve(git.root, first if ref == "SHA" else ref)

    assert found.sha == (git.git("rev-parse", "HEAD").strip() if "main" in ref else first)
    assert extract(git.root, found, to)


def test_an_annotated_tag_is_the_commit_that_it_is_of(git: GitRepository) -> None:
    git.git("tag", "-a", "v2", "-m", "two")
    assert resolve(git.root, "v2").sha == git.git("rev-parse", "HEAD").strip()


def test_a_folder_that_did_not_exist_is_told(git: GitRepository, to: Path) -> None:
    git.write("later/featurectl.yaml", "project: x\n")
    root = git.root / "later"

    assert not extract(root, resolve(root, "HEAD"), to)
    assert contents(to) == {}


def test_bytes_names_and_modes_are_kept_whatever_they_are(git: GitRepository, to: Path) -> None:
    git.write("odd \u00e4\n'name'.yaml", "a\r\nb\x00c")
    git.write("empty.yaml", "")
    git.commit("two")

    extract(git.root, resolve(git.root, "HEAD"), to)

    assert (to / "odd \u00e4\n'name'.yaml").read_bytes() == b"a\r\nb\x00c"
    assert (to / "empty.yaml").read_bytes() == b""


def test_attributes_of_git_leave_nothing_out(git: GitRepository, to: Path) -> None:
    git.write(".gitattributes", "other.txt export-ignore\n*.yaml text eol=crlf\n")
    git.commit("two")

    extract(git.root, resolve(git.root, "HEAD"), to)

    assert (to / "other.txt").exists()
    assert (to / "stores/shop/featurectl.yaml").read_bytes() == b"project: shop\n"


def test_a_link_is_a_link_and_nothing_is_written_through_it(git: GitRepository, to: Path) -> None:
    (git.root / "link.yaml").symlink_to("other.txt")
    (git.root / "away").symlink_to("/etc")
    git.commit("two")

    extract(git.root, resolve(git.root, "HEAD"), to)

    assert os.readlink(to / "link.yaml") == "other.txt"  # noqa: PTH115 - the text itself
    assert os.readlink(to / "away") == "/etc"  # noqa: PTH115 - same


def test_large_files_are_left_out(git: GitRepository, to: Path) -> None:
    git.write("data.parquet", "x" * 16_000_001)
    git.commit("two")

    extract(git.root, resolve(git.root, "HEAD"), to)

    assert not (to / "data.parquet").exists()


def test_nothing_in_the_git_repository_changes(git: GitRepository, to: Path) -> None:
    git.write("other.txt", "changed")
    before = contents(git.root)

    extract(git.root, resolve(git.root, "HEAD"), to)

    assert contents(git.root) == before


def test_what_a_hook_of_git_sets_plays_no_part(
    git: GitRepository, to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    root = git.root / "stores" / "shop"

    assert extract(root, resolve(root, "HEAD"), to)


def test_a_folder_outside_of_git_has_no_revisions(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="is in no git repository") as raised:
        resolve(tmp_path, "HEAD")
    assert code_of(raised) == "FC325"


def test_without_git_the_error_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RequestError, match="git can't be run") as raised:
        resolve(tmp_path, "HEAD")
    assert code_of(raised) == "FC325"


@pytest.mark.parametrize("ref", ["mian", "", "--help", "-x", "main:other.txt", "a\x07b"])
def test_an_unknown_revision_names_the_nearest(git: GitRepository, ref: str) -> None:
    with pytest.raises(RequestError, match="there is no revision") as raised:
        resolve(git.root, ref)
    assert code_of(raised) == "FC326"
    assert raised.value.caret == ('did you mean "main"?' if ref == "mian" else raised.value.caret)


def test_a_repository_without_a_commit_has_no_revision(tmp_path: Path) -> None:
    git = GitRepository.create(tmp_path / "new")
    with pytest.raises(RequestError, match="there is no revision"):
        resolve(git.root, "HEAD")


def test_a_shallow_clone_says_what_it_lacks(git: GitRepository, tmp_path: Path, to: Path) -> None:
    git.write("new.txt", "x")
    git.commit("two")
    shallow = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "-q", "--depth", "1", f"file://{git.root}", shallow], check=True
    )

    assert extract(shallow, resolve(shallow, "origin/main"), to)
    with pytest.raises(RequestError) as raised:
        resolve(shallow, "HEAD~1")

    assert raised.value.notes == ("this clone is shallow: it has a part of the history",)
    assert "fetch-depth: 0" in raised.value.help[1]
