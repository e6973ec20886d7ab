"""Files that appear together: all of them, or none."""

from __future__ import annotations

import pytest

from featurectl.errors import SourceError
from featurectl.system.whole_files import whole_files


def write_both(folder):
    with whole_files(folder) as scratch:
        (scratch / "a").write_text("new")
        (scratch / "b").write_text("new")
        assert not (folder / "a").exists() or (folder / "a").read_text() == "old"


def content(folder):
    return {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}


def test_files_appear_together_and_replace_those_that_were_there(tmp_path):
    (tmp_path / "a").write_text("old")
    write_both(tmp_path)
    assert content(tmp_path) == {"a": "new", "b": "new"}
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("old", [True, False])
def test_nothing_changes_where_one_of_them_can_not_take_its_place(tmp_path, old):
    if old:
        (tmp_path / "a").write_text("old")
    (tmp_path / "b").mkdir()
    with pytest.raises(SourceError, match="can't be written to") as error:
        write_both(tmp_path)
    assert error.value.code == "FC209"
    assert content(tmp_path) == ({"a": "old"} if old else {})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"][0 if old else 1 :]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_nothing_is_left_of_a_block_that_ends_badly(tmp_path, error):
    def fail():
        with whole_files(tmp_path) as scratch:
            (scratch / "a").write_text("new")
            raise error

    with pytest.raises(error):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a").write_text("old")
    (tmp_path / "a").symlink_to(tmp_path / "elsewhere" / "a")
    write_both(tmp_path)
    assert (tmp_path / "a").is_symlink()
    assert content(tmp_path / "elsewhere") == {"a": "new"}


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(SourceError, match="No such file"):
        write_both(tmp_path / "none")
