"""Screens are compared with files that a reviewer can read; GOLDEN=write writes them anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from featurectl.cli.paint import strip

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FOLDER = Path(__file__).parent


@pytest.fixture
def golden() -> Callable[[str, Sequence[str]], None]:
    """Asserts that lines, without their colors, are those of the file of that name."""

    def check(name: str, lines: Sequence[str]) -> None:
        text = "".join(f"{strip(line)}\n" for line in lines)
        file = FOLDER / name
        if os.environ.get("GOLDEN") == "write":
            file.write_text(text, "utf-8")
        assert text == file.read_text("utf-8")

    return check
