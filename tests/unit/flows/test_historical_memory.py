"""A join in less memory than it would take: it finishes, and its rows are the same."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from joining import Joining

from featurectl.offline.duckdb import DuckDBEngine

ROWS, LABELS, ENTITIES, FEATURES = 800_000, 500_000, 100_000, 8
START_US = 1_704_067_200_000_000
SPAN_US = 30 * 86_400_000_000
US = pa.timestamp("us", "UTC")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A history and labels in files, which processes share."""
    folder, random = tmp_path_factory.mktemp("memory"), np.random.default_rng(7)
    pq.write_table(
        pa.table(
            {
                "user": random.integers(0, ENTITIES, ROWS),
                "ts": pa.array(START_US + np.sort(random.integers(0, SPAN_US, ROWS)), US),
                **{f"f{i}": random.random(ROWS) for i in range(FEATURES)},
            }
        ),
        folder / "v.parquet",
    )
    times = pa.array(START_US + random.integers(0, SPAN_US, LABELS), US)
    frame = {"user": random.integers(0, ENTITIES, LABELS), "event_timestamp": times}
    pq.write_table(pa.table(frame), folder / "labels.parquet")
    return folder


def joined(folder, **settings):
    """The training set, by an engine of its own."""
    engine = DuckDBEngine(folder, **settings)
    joining = Joining(folder, engine)
    joining.entity("user", user="int64")
    joining.source("v", None)
    joining.view("v", ["user"], {f"f{i}": "float64" for i in range(FEATURES)}, ttl="10d")
    found = joining.join(folder / "labels.parquet", *(f"v:f{i}" for i in range(FEATURES)))
    table = found.to_arrow()
    engine.close()
    return table


@pytest.fixture(scope="module")
def unlimited(folder):
    """The rows where all memory may be taken."""
    return joined(folder)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_limit_of_memory_changes_no_row(folder, unlimited, threads):
    assert joined(folder, memory_limit="120MB", threads=threads).equals(unlimited)
    assert unlimited.num_rows == LABELS
