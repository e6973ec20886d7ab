"""The command line in this process: what it prints, and its exit code."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from featurectl.cli.run import run

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Answer:
    """What a command printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON on stdout."""
        return json.loads(self.out)


class _Stream(io.TextIOWrapper):
    """A text stream whose bytes can be read back."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), "utf-8", write_through=True)

    def text(self) -> str:
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode()


@dataclass(frozen=True)
class Cli:
    """A feature repository, and commands typed in it."""

    root: Path

    def __call__(self, *arguments: str) -> Answer:
        """Run ``featurectl --repo ROOT ARGUMENTS``."""
        out, err = _Stream(), _Stream()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(["--repo", str(self.root), *arguments])
        return Answer(code, out.text(), err.text())

    def ok(self, *arguments: str) -> Answer:
        """Run it, and expect that it succeeds."""
        answer = self(*arguments)
        assert answer.code == 0, answer.err
        return answer

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a text that stands once in a file of the repository."""
        path = self.root / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, text
        path.write_text(text.replace(old, new), "utf-8")
