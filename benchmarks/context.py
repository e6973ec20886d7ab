"""What the benchmarks share: generated repositories, a Redis server, a Feast to compare with."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generate import EVER
from measure import child

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))
from redis_server import find_server  # the server that the tests would take

HERE = Path(__file__).resolve().parent


@dataclass
class Context:
    """A folder for what is generated, and the Python of an environment with Feast, if any."""

    folder: Path
    size: str = "M"
    feast_python: str | None = None
    _server: Any = None

    def repository(self, size: str | None = None, ttl: str = EVER) -> Path:
        """The folder of a generated repository, made once; ``ttl`` is that of its views."""
        size = size or self.size
        folder = self.folder / f"{size}_{ttl}"
        if not (folder / "featurectl.yaml").exists():
            child(str(HERE / "generate.py"), str(folder), size, ttl)
        return folder

    def redis_url(self) -> str:
        """The URL of an empty database."""
        if self._server is None:
            self._server = find_server(self.folder)
        self._server.flush()
        return str(self._server.url)

    def close(self) -> None:
        """Stop the server."""
        if self._server is not None:
            self._server.stop()

    def feast(self, *args: str) -> dict[str, Any] | None:
        """The same work done by Feast in a process of its own; None without a Feast."""
        if self.feast_python is None:
            return None
        return child(str(HERE / "feast_side.py"), *args, python=self.feast_python)
