"""Work at once: all results in order, or one error and nothing left running."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from featurectl.flows.at_once import at_once
from featurectl.offline.duckdb import DuckDBEngine
from featurectl.offline.protocol import Query

ENDLESS = "SELECT sum(a.range * b.range) AS n FROM range(10000000) a, range(10000000) b"


@pytest.fixture
def engine(tmp_path):
    engine = DuckDBEngine(tmp_path)
    yield engine
    engine.close()


def test_results_come_in_the_order_of_the_works(engine):
    def slow() -> int:
        time.sleep(0.05)
        return 1

    assert at_once([slow, lambda: 2, lambda: 3], engine, most=2) == [1, 2, 3]


def test_one_work_is_done_in_this_thread(engine):
    assert at_once([threading.get_ident], engine, most=2) == [threading.get_ident()]


def test_no_work_has_no_results(engine):
    assert at_once([], engine, most=2) == []


def test_failure_ends_the_queries_of_the_others(engine):
    def fails() -> None:
        time.sleep(0.3)
        raise ValueError("no")

    works = [fails, *[lambda: engine.fetch(Query(ENDLESS)).read_all()] * 3]
    with pytest.raises(ValueError, match="no"):
        at_once(works, engine, most=2)
    assert engine.fetch(Query("SELECT 1 AS n")).read_all()["n"].to_pylist() == [1]


def test_signal_ends_all_queries(engine):
    query = Query(ENDLESS)
    main = threading.main_thread().ident
    threading.Timer(0.5, lambda: signal.pthread_kill(main, signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        at_once([lambda: engine.fetch(query).read_all()] * 2, engine, most=2)
    assert engine.fetch(Query("SELECT 1 AS n")).read_all()["n"].to_pylist() == [1]
