"""A signal in the middle of a query ends it as a signal, not as an error of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from featurectl.offline.duckdb import DuckDBEngine
from featurectl.offline.protocol import Query

if TYPE_CHECKING:
    from pathlib import Path


class _Interrupted:
    """A cursor of DuckDB during whose query a signal arrives.

    A real one is no test: when a signal ends a query of several threads, DuckDB 2.0 sometimes
    computes it to the end.
    """

    def sql(self, _text: str) -> None:
        raise RuntimeError("Query interrupted")

    def close(self) -> None:
        """As a cursor has it."""


def test_ctrl_c_in_a_query_is_ctrl_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = DuckDBEngine(tmp_path)
    monkeypatch.setattr(engine, "_cursor", lambda _query: _Interrupted())

    with pytest.raises(KeyboardInterrupt):
        engine.fetch(Query("select 1"))
