"""However many labels and rows an entity has, nothing in between grows with their product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from joining import Joining
from profiled import ProfiledEngine

from featurectl.queries.strategy import FEW_LABELS

MINUTE_US = 60_000_000
START_US = 1_704_067_200_000_000
US = pa.timestamp("us", "UTC")


@dataclass(frozen=True)
class Shape:
    """Entities of so many rows and labels each; ``moments`` are how many times there are.

    ``hot`` is how often the first entity has as many rows and labels as another.
    """

    entities: int
    rows: int
    labels: int
    moments: int = 1_000_000
    hot: int = 1

    def drivers(self, each: int) -> np.ndarray[Any, Any]:
        """An entity for each of its rows or labels."""
        first = np.zeros(each * (self.hot - 1), np.int64)
        return np.concatenate([first, np.repeat(np.arange(self.entities), each)])


SHAPES = {
    "dense": Shape(entities=20, rows=500, labels=200),
    "one entity": Shape(entities=1, rows=10_000, labels=3_000),
    "deep": Shape(entities=5, rows=4_000, labels=20),
    "shallow": Shape(entities=5_000, rows=2, labels=1),
    "many labels of few rows": Shape(entities=10, rows=2, labels=1_000),
    "all at a few times": Shape(entities=5, rows=1_000, labels=400, moments=3),
    "one of many is hot": Shape(entities=3_000, rows=1, labels=1, hot=3_000),
    "all at one time": Shape(entities=1, rows=3_000, labels=2_000, moments=1),
}


def history(shape: Shape, random: np.random.Generator) -> dict[str, Any]:
    """Rows of the entities: about half of those with equal times differ in their created time."""
    drivers = shape.drivers(shape.rows)
    count = len(drivers)
    at = START_US + random.integers(0, shape.moments, count) * MINUTE_US
    return {
        "driver": drivers,
        "ts": pa.array(at, US),
        "w": pa.array(at + random.integers(0, 2, count) * MINUTE_US, US),
        "n": np.arange(count),
    }


def labels(shape: Shape, random: np.random.Generator) -> pa.Table:
    """Labels of the entities, at times among those of the rows and a little later."""
    drivers = shape.drivers(shape.labels)
    at = START_US + random.integers(0, shape.moments + 2, len(drivers)) * MINUTE_US
    return pa.table({"driver": drivers, "event_timestamp": pa.array(at, US)})


@pytest.mark.parametrize("known_at", [False, True], ids=["event time", "known at"])
@pytest.mark.parametrize("ttl", ["none", "365d"])
@pytest.mark.parametrize("name", SHAPES)
def test_no_part_of_a_query_gives_many_more_rows_than_were_read(tmp_path, name, ttl, known_at):
    shape, random = SHAPES[name], np.random.default_rng(7)
    engine = ProfiledEngine(tmp_path)
    joining = Joining(tmp_path, engine)
    joining.entity("driver", driver="int64")
    joining.source("v", history(shape, random), created_timestamp="w")
    joining.view("v", ["driver"], {"n": "int64"}, ttl=ttl)
    frame = labels(shape, random)
    joined = joining.join(frame, "v:n", known_at=known_at).to_arrow()
    engine.close()
    assert joined.num_rows == frame.num_rows
    assert joined["n"].null_count < joined.num_rows / 2
    read = len(shape.drivers(shape.rows)) + frame.num_rows
    assert max(profile.rows for profile in engine.profiles) <= FEW_LABELS * read
