"""A lock is shown, asked about, and released; who had it can record nothing any more."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from terminal import Terminal

import featurectl
from featurectl.cli.paint import strip
from featurectl.client.feature_store import FeatureStore
from featurectl.flows.lease import held

if TYPE_CHECKING:
    from collections.abc import Iterator

    from command_line import Cli

ROOT = Path(featurectl.__file__).parents[1]
VIEW = "features/driver.yaml"
APPLY = ["apply", "--yes", "--allow", "destroy", "--lock-timeout", "120s"]


@dataclass
class Holder:
    """A process of ``apply`` that holds the lock of env dev, and waits for that of a view."""

    process: subprocess.Popen[str]
    lock: str
    store: FeatureStore

    def lets_go_on(self, lease: object) -> tuple[int, str]:
        """Give it the view's lock; how it ends."""
        self.store.environment.registry.release(lease)  # type: ignore[arg-type]
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors


@pytest.fixture
def holder(cli: Cli) -> Iterator[tuple[Holder, object]]:
    """It is at work: a load of the view that it is to destroy keeps it waiting."""
    path = cli.root / VIEW
    path.write_text(path.read_text().split("feature_views:")[0])
    with FeatureStore(cli.root) as store:
        found = store.environment
        with held(found.registry, "materialize:dev:driver_stats", 1, found.actor) as view:
            process = subprocess.Popen(
                [sys.executable, "-m", "featurectl", *APPLY],
                cwd=cli.root, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            )  # fmt: skip
            lock = wait_for_lock(store, "apply:dev")
            yield Holder(process, lock, store), view.lease
            process.kill()
            process.communicate()


def wait_for_lock(store: FeatureStore, name: str) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for lock in store.locks():
            if lock.lease.name == name:
                return lock.lease.id
        time.sleep(0.05)
    return pytest.fail(f"nobody has taken {name}")


def test_no_lock_is_held(cli: Cli) -> None:
    assert cli.ok("unlock").out == "No lock is held.\n"
    assert cli.ok("unlock", "--format", "json").document == {
        "format": "featurectl.locks/1",
        "locks": [],
    }
    answer = cli("unlock", "7f3a")
    assert (answer.code, "no lock is held now" in answer.err) == (1, True)


def test_who_is_kept_out_is_told_how_to_unlock_and_it_works_as_typed(
    cli: Cli, holder: tuple[Holder, object]
) -> None:
    process, view = holder
    answer = cli(*APPLY[:-2])
    assert (answer.code, "[FC502]" in answer.err) == (5, True)
    (typed,) = re.findall(
        rf"featurectl (unlock --repo {cli.root} \w{{4}})$", answer.err, re.MULTILINE
    )

    listed = cli.ok("unlock").out
    assert f"{process.lock}  apply to env dev" in listed
    assert f"pid {process.process.pid} (apply run #3)" in listed
    (one,) = [lock for lock in cli.ok("unlock", "--format", "json").document["locks"]
              if lock["id"] == process.lock]  # fmt: skip
    assert (one["pid"], one["kind"], one["died"]) == (process.process.pid, "apply", False)

    assert cli.ok(*typed.split(), "--yes").out.startswith(
        f"Released {process.lock}, apply to env dev. Run #3 can record nothing any more"
    )
    code, errors = process.lets_go_on(view)
    assert (code, "[FC503]" in errors) == (5, True)
    assert "nobody has it now" in errors
    assert cli.ok("history", "--format", "json").document["runs"][1]["status"] == "failed"
    assert process.store.snapshot().serial == 1
    assert cli.ok(*APPLY).code == 0
    assert process.store.snapshot().serial == 2


def test_where_nobody_can_be_asked_nothing_is_released(
    cli: Cli, holder: tuple[Holder, object]
) -> None:
    process, view = holder
    answer = cli("unlock", process.lock)
    assert answer.code == 4
    assert "warning: it gave a sign of life" in answer.err
    assert f"featurectl unlock {process.lock} --yes" in answer.err
    assert process.lets_go_on(view)[0] == 0
    assert process.store.snapshot().serial == 2


def test_an_unknown_id_is_told_with_those_that_are_held(
    cli: Cli, holder: tuple[Holder, object]
) -> None:
    process, _ = holder
    answer = cli("unlock", "zzzz", "--yes")
    assert (answer.code, "[FC328]" in answer.err) == (1, True)
    assert process.lock in answer.err


@pytest.mark.parametrize(("typed", "code"), [("y", 0), ("n", 4), ("", 4)])
def test_at_a_terminal_it_warns_of_a_holder_that_is_alive_and_asks(
    typed: str, code: int, cli: Cli, holder: tuple[Holder, object]
) -> None:
    process, _ = holder
    with Terminal(cli.root, "unlock", process.lock) as terminal:
        terminal.wait_for("[y/N]")
        terminal.type(typed)
        assert terminal.finish() == code
        shown = strip(terminal.shown)

    assert "so it is at work" in shown
    assert "Release the lock of a running apply? [y/N]" in shown
    held_now = [lock.lease.id for lock in process.store.locks()]
    assert (process.lock in held_now) == (code == 4)
