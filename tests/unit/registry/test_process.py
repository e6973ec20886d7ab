"""When a process counts as gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from featurectl.registry import process
from featurectl.registry.process import SILENCE_US, is_dead, process_mark, this_host

LONG = 100 * SILENCE_US
needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


def is_gone(pid: int, mark: str = "", *, host: str = "", silence_us: int = 0) -> bool:
    return is_dead(host or this_host(), pid, mark, seen_us=0, now_us=silence_us)


def ended_pid() -> int:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_this_process_is_alive_however_silent() -> None:
    assert not is_gone(os.getpid(), process_mark(os.getpid()), silence_us=LONG)
    assert not is_gone(os.getpid(), silence_us=LONG)


def test_a_process_that_ended_is_gone_at_once() -> None:
    pid = ended_pid()

    assert is_gone(pid)
    assert process_mark(pid) == ""


@pytest.mark.parametrize("pid", [0, -1, 2**31, 2**70])
def test_a_number_that_no_process_has_is_gone(pid: int) -> None:
    assert is_gone(pid)


@needs_proc
def test_a_process_that_got_the_number_later_is_another() -> None:
    machine, _, start = process_mark(os.getpid()).rpartition(" ")

    assert is_gone(os.getpid(), f"{machine} {int(start) - 1}")


@needs_proc
def test_a_killed_process_whose_parent_has_not_looked_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    mark = process_mark(child.pid)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert is_gone(child.pid, mark)
    child.communicate()


@needs_proc
def test_of_another_container_or_boot_with_this_name_silence_tells() -> None:
    mark = "another-boot 4026531836 1"

    assert not is_gone(ended_pid(), mark, silence_us=SILENCE_US - 1)
    assert is_gone(os.getpid(), mark, silence_us=SILENCE_US)


def test_of_another_host_silence_tells() -> None:
    assert not is_gone(ended_pid(), host="runner-7", silence_us=SILENCE_US - 1)
    assert is_gone(os.getpid(), host="runner-7", silence_us=SILENCE_US)


def test_without_proc_the_number_alone_tells(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(process, "_PROC", tmp_path)
    process._machine.cache_clear()
    try:
        assert process_mark(os.getpid()) == ""
        assert not is_gone(os.getpid(), silence_us=LONG)
        assert is_gone(ended_pid())
    finally:
        process._machine.cache_clear()
