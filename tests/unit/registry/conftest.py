"""Where the registry of a test is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file in a folder of its own; neither is there yet."""
    return tmp_path / ".featurectl" / "registry.db"
