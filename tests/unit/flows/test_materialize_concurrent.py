"""Processes that write one view at the same time: the newest rows are what is left."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

from loading import Loading, source, view

from featurectl.definitions.entity import Entity

DRIVER = Entity("driver", join_keys={"id": "int64"})
X = {"x": "float64"}
SUPPORT = Path(__file__).parents[2] / "support"
END = 1_000


def test_writers_of_any_kind_at_once_leave_the_newest_row_of_each_entity(tmp_path, online_url):
    chance = random.Random(1)
    entities = 2_000
    rows = [
        (chance.randrange(entities), chance.randrange(END), chance.randrange(END), float(i))
        for i in range(10_000)
    ]
    loading = Loading(tmp_path, online_url)
    loading.write("stats.parquet", rows, X, created=True)
    loading.apply(DRIVER, source(created_timestamp="known"), view())
    at_work = [
        start(tmp_path, online_url, kind, seed)
        for seed, kind in enumerate(["forward", "backfill", "stray", "stray"])
    ]
    for process in at_work:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors

    loading.run(end=END)
    newest = {}
    for key, event, created, value in rows:
        newest[key] = max(newest.get(key, (-1, -1, -1.0)), (event, created, value))
    expected = {key: (event, (value,)) for key, (event, _, value) in newest.items()}
    assert loading.rows("stats", *expected) == expected
    assert [run.status for run in loading.registry.runs()] == ["ok"] * 18
    assert loading.registry.holders() == []
    loading.close()


def start(folder, url, kind, seed):
    return subprocess.Popen(
        [sys.executable, SUPPORT / "concurrent_writer.py", folder, url, kind, str(seed)],
        env={**os.environ, "PYTHONPATH": f"{SUPPORT}:{SUPPORT.parents[1]}"},
        stderr=subprocess.PIPE,
        text=True,
    )
