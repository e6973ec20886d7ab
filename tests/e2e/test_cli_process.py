"""The program as a process: signals, closed pipes, terminals, defects."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from terminal import Terminal

import featurectl
from featurectl.cli.run import run

ROOT = Path(featurectl.__file__).parents[1]
PROGRAM = [sys.executable, "-m", "featurectl"]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / "featurectl.yaml").write_text("project: demo\n")
    return tmp_path


def start(*arguments: str, folder: Path, **streams: int) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    return subprocess.Popen(
        [*PROGRAM, *arguments], cwd=folder, env=environment, text=True, **streams
    )


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGTERM, 143, "Terminated"), (signal.SIGINT, 130, "Interrupted")],
)
def test_a_signal_ends_it_with_its_own_code(
    number: signal.Signals, code: int, word: str, repo: Path
) -> None:
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    process = start("get-online", "--features", "a:b", "--keys", "-", folder=repo, **pipes)
    assert process.stdin
    assert process.stderr
    # It reads its input once its handlers are set.
    for _ in range(200):
        wchan = Path(f"/proc/{process.pid}/wchan")
        if wchan.exists() and "pipe" in wchan.read_text():
            break
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.05)

    process.send_signal(number)
    _, errors = process.communicate(timeout=20)

    assert process.returncode == code
    assert word in errors
    assert "Traceback" not in errors


def test_a_reader_that_leaves_is_no_error(repo: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        process = start("--help", folder=repo, stdout=write, stderr=subprocess.PIPE)
    finally:
        os.close(write)
    _, errors = process.communicate(timeout=20)

    assert (process.returncode, errors) == (141, "")


def redirected(shell: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The program run by a shell with these redirections of its streams."""
    line = ["sh", "-c", f'exec "$@" {shell}', "sh", *PROGRAM, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        line, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_behind_stdout_is_no_bug(repo: Path) -> None:
    done = redirected(">/dev/full", "check", "--explain", "FC103", folder=repo)

    assert done.returncode == 1
    assert done.stderr == "error[FC209] stdout can't be written: No space left on device\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_behind_stderr_stops_nothing(repo: Path) -> None:
    done = redirected("2>/dev/full", "status", folder=repo)

    assert (done.returncode, done.stdout) == (0, "No view of env dev is served online.\n")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("command", ["status", "--version"])
def test_streams_that_are_closed_stop_nothing(closed: str, command: str, repo: Path) -> None:
    done = redirected(closed, command, folder=repo)

    assert (done.returncode, done.stderr) == (0, "")


def _on_a_terminal(*arguments: str, folder: Path, **variables: str) -> str:
    """What the program prints where stdin, stdout and stderr are a terminal."""
    with Terminal(folder, *arguments, **variables) as terminal:
        assert terminal.finish() == 0
        return terminal.shown


def test_colors_are_for_terminals_that_want_them(repo: Path) -> None:
    explain = ("check", "--explain", "FC103")

    assert "\x1b[1m" in _on_a_terminal(*explain, folder=repo)
    assert "\x1b" not in _on_a_terminal("--no-color", *explain, folder=repo)
    assert "\x1b" not in _on_a_terminal(*explain, "--no-color", folder=repo)
    assert "\x1b" not in _on_a_terminal(*explain, folder=repo, NO_COLOR="1")
    assert "\x1b" not in _on_a_terminal(*explain, folder=repo, TERM="dumb")


def test_global_options_are_taken_before_and_after_the_command(
    repo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = ["--repo", str(repo), "--env", "nowhere", "ls"]
    after = ["ls", "--repo", str(repo), "--env", "nowhere"]

    codes = []
    texts = []
    for arguments in (before, after):
        codes.append(run(arguments))
        texts.append(capsys.readouterr().err)

    assert codes == [1, 1]
    assert texts[0] == texts[1]
    assert "FC120" in texts[0]


def test_a_defect_says_so(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("featurectl.client.feature_store.FeatureStore.snapshot", broken)

    assert run(["--repo", str(repo), "ls"]) == 1

    text = capsys.readouterr().err
    assert text.startswith("error: this is a bug in featurectl ")
    assert "ZeroDivisionError: oops" in text
    [file] = tmp_path.glob("featurectl-*.txt")
    assert "in broken" in file.read_text()


def completed(words: str, folder: Path) -> list[str]:
    """What bash is offered after these words."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "_FEATURECTL_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    done = subprocess.run(
        PROGRAM, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_names_are_completed_from_what_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    assert run(["init", str(folder), "--template", "minimal"]) == 0
    assert run(["--repo", str(folder), "apply", "--yes"]) == 0

    assert completed("featurectl mat", folder) == ["materialize"]
    assert completed("featurectl materialize dri", folder) == ["driver_stats"]
    assert completed("featurectl status serv", folder) == ["service:ranking_v1"]
    assert completed("featurectl get-historical --service r", folder) == ["ranking_v1"]
    assert completed("featurectl get-online --features driver_stats:c", folder) == [
        "driver_stats:conv_rate"
    ]
    assert completed(f"featurectl --repo {folder} show driver_", tmp_path) == [
        "driver_stats_file",
        "driver_stats",
    ]
    assert completed("featurectl init --template m", tmp_path) == ["minimal"]


def test_nothing_goes_wrong_while_typing_outside_of_a_repository(tmp_path: Path) -> None:
    assert completed("featurectl materialize dri", tmp_path) == []
    assert completed("featurectl no-such-command x", tmp_path) == []
