"""Commands killed at each of their changes: readers are right, and the next run ends it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SUPPORT = Path(__file__).parents[1] / "support"
# What each command must have on its way, in this order, for its trials to mean something.
ON_THE_WAY = {
    "apply": ["backup", "commit", "publish", "finish"],
    "apply-then-load": ["commit", "publish"],
    "backfill": ["commit", "publish", "put", "mark", "advance", "publish", "finish"],
    "backfill-at-once": ["commit", "claim", "sweep", "swept", "put", "publish", "claim", "sweep"],
    "materialize": ["put", "mark", "advance", "publish", "put", "advance", "publish", "sweep"],
    "rollback": ["backup", "commit", "publish", "finish"],
}


@pytest.mark.parametrize(
    ("command", "first", "every"),
    [
        ("apply", 1, 1),
        ("apply-then-load", 5, 1),
        ("materialize", 1, 1),
        ("rollback", 1, 1),
        ("backfill", 1, 4),
        ("backfill-at-once", 3, 4),
    ],
)
def test_a_command_that_is_killed_at_any_change_is_ended_by_the_next_run(
    command, first, every, tmp_path
):
    check(command, first, every, "sqlite", tmp_path)


@pytest.mark.parametrize(
    ("command", "first", "every"), [("apply", 6, 4), ("materialize", 3, 12), ("rollback", 7, 9)]
)
def test_the_same_holds_with_a_server(command, first, every, tmp_path, redis_url):
    check(command, first, every, redis_url, tmp_path)


def check(command, first, every, url, folder):
    process = subprocess.run(
        [sys.executable, SUPPORT / "killed_commands.py", folder, url, command, str(first),
         str(every)],
        env={**os.environ, "PYTHONPATH": f"{SUPPORT}:{SUPPORT.parents[1]}"},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    told = json.loads(process.stdout)
    assert told["tried"] == [*range(first, len(told["changes"]) + 1, every)]
    changes = iter(told["changes"])
    assert all(change in changes for change in ON_THE_WAY[command]), told["changes"]
