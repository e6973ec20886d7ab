"""The program on a terminal of its own: what it shows, and answers typed into it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import featurectl

if TYPE_CHECKING:
    from typing_extensions import Self

ROOT = Path(featurectl.__file__).parents[1]
PATIENCE_S = 60.0


class Terminal:
    """``featurectl ARGUMENTS`` with stdin, stdout and stderr on one terminal; a context manager."""

    def __init__(self, folder: Path, *arguments: str, **variables: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", **variables}
        environment.pop("COLUMNS", None)
        self._main, side = pty.openpty()
        self._shown = b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "featurectl", *arguments],
            cwd=folder, env=environment,
            stdin=side, stdout=side, stderr=side, start_new_session=True,
        )  # fmt: skip
        os.close(side)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._main)

    @property
    def shown(self) -> str:
        """Everything that was shown so far."""
        return self._shown.decode(errors="replace").replace("\r\n", "\n")

    def wait_for(self, text: str) -> None:
        """Read until the text has been shown."""
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown
            if not self._read(0.1):
                raise AssertionError(f"{text!r} was never shown:\n{self.shown}")

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self._main, f"{line}\n".encode())

    def finish(self) -> int:
        """Read until the program ends; its exit code."""
        deadline = time.monotonic() + PATIENCE_S
        while self._read(0.1):
            assert time.monotonic() < deadline, self.shown
        return self.process.wait(PATIENCE_S)

    def _read(self, seconds: float) -> bool:
        """Read what there is; False at the end."""
        if not select.select([self._main], [], [], seconds)[0]:
            return True
        try:
            piece = os.read(self._main, 65_536)
        except OSError:  # Linux's way to say that the other side is closed
            return False
        self._shown += piece
        return bool(piece)
