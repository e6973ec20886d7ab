"""A signal in the middle of a query ends it as a signal, not as an error of the engine."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from featurectl.offline.duckdb import DuckDBEngine
from featurectl.offline.protocol import Query

if TYPE_CHECKING:
    from pathlib import Path

MINUTES_OF_WORK = (
    "SELECT count(DISTINCT (a.range * 7919 + b.range) % 1000003) AS n "
    "FROM range(1000000) AS a, range(100000) AS b"
)


def test_ctrl_c_in_a_query_is_ctrl_c_and_the_engine_answers_the_next(tmp_path: Path) -> None:
    engine = DuckDBEngine(tmp_path, threads=2)
    engine.fetch(Query("SELECT 1 AS a")).read_all()
    signals = threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT])
    signals.start()

    with pytest.raises(KeyboardInterrupt):
        engine.fetch(Query(MINUTES_OF_WORK)).read_all()
    signals.join()

    assert engine.fetch(Query("SELECT 2 AS a")).read_all().to_pydict() == {"a": [2]}
    engine.close()
