"""A file appears whole, or what was there stays as it was."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from featurectl.errors import SourceError
from featurectl.system.whole_file import whole_file

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_appears_when_the_block_has_ended_well(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with whole_file(path) as file:
        file.write(b"{}")
        assert not path.exists()
    assert path.read_bytes() == b"{}"
    assert path.stat().st_mode & 0o777 == 0o666 & ~_mask()


def test_what_was_there_stays_where_the_block_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("before")
    with pytest.raises(KeyboardInterrupt):
        _write_half(path)
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]
    assert path.read_text() == "before"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    with whole_file(tmp_path / "link") as file:
        file.write(b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"x"


def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()))
    reader.start()
    with whole_file(pipe) as file:
        file.write(b"x")
    reader.join()
    assert found == [b"x"]


def test_writers_of_one_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with whole_file(path) as slow:
        slow.write(b"slow")
        with whole_file(path) as quick:
            quick.write(b"quick")
        assert path.read_bytes() == b"quick"
    assert path.read_bytes() == b"slow"


def test_a_folder_that_is_not_there_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"none/a\.json can't be written: No such file") as error:
        _write_half(tmp_path / "none" / "a.json")
    assert error.value.code == "FC209"


def _write_half(path: Path) -> None:
    with whole_file(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
