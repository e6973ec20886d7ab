"""The demonstration: shows the whole job with its real output, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import redis

import featurectl
from featurectl.cli.demo import STEPS

ROOT = Path(featurectl.__file__).parents[1]


def demo(tmp_path: Path, *arguments: str) -> str:
    """What ``featurectl demo`` prints."""
    (tmp_path / "scratch").mkdir()
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(tmp_path / "scratch"),
        "FEATURECTL_REGISTRY": str(tmp_path / "the/users/own.db"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "featurectl", "demo", *arguments],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("store", ["embedded", "redis"])
def test_the_demo_does_the_whole_job_and_leaves_nothing(
    store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    arguments = []
    if store == "redis":
        url = request.getfixturevalue("redis_url")
        client = redis.Redis.from_url(url)
        client.set("flights_of_another_project", "stays")
        arguments = ["--online", url]

    text = demo(tmp_path, *arguments)

    for step in STEPS:
        assert f"$ {step.command}\n" in text
    for told in (
        "ok: 3 entities, 5 sources, 5 views, 2 services",
        "Plan: 15 to create, 0 to update, 0 to rebuild, 0 to destroy.",
        "serial 0 -> 1. 15 created",
        "wrote  train.parquet            328,521 rows",
        "ok=5 empty=0 failed=0 rows=331050 keys=8833",
        "origin=JFK dest=LAX carrier=UA tailnum=N14228\n",
        "2 stale, 3 ok.",
    ):
        assert told in text
    assert re.search(r"origin_weather__temperature +- +EXPIRED", text)
    assert re.search(r"dest_airport__time_zone +America/Los_Angeles +PRESENT", text)
    assert list((tmp_path / "scratch").iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["scratch"]
    if store == "redis":
        assert client.keys() == [b"flights_of_another_project"]
        client.close()


def test_a_store_that_has_such_a_project_is_left_alone(tmp_path: Path, redis_url: str) -> None:
    from featurectl.definitions.manifest import Manifest  # noqa: PLC0415 - only here
    from featurectl.wiring.stores import open_online  # noqa: PLC0415 - same

    store = open_online(redis_url)
    store.publish(Manifest("flights", "dev", "somebody", 1, 1))
    store.close()

    done = subprocess.run(
        [sys.executable, "-m", "featurectl", "demo", "--online", redis_url],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert 'has a project "flights" (env dev) already' in done.stderr
    assert done.stdout == ""
