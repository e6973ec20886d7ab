"""At a terminal: apply asks, a run shows that it is alive, and Ctrl-C keeps what is finished."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from terminal import Terminal

from featurectl.cli.paint import strip

if TYPE_CHECKING:
    from command_line import Cli

VIEW = "features/driver.yaml"


@pytest.mark.parametrize(("answer", "code", "runs"), [("y", 0, 1), ("n", 4, 0), ("", 4, 0)])
def test_apply_asks_and_takes_nothing_but_a_yes(
    answer: str, code: int, runs: int, fresh: Cli
) -> None:
    with Terminal(fresh.root, "apply") as terminal:
        terminal.wait_for("Apply? [y/N]")
        terminal.type(answer)
        assert terminal.finish() == code
        shown = strip(terminal.shown)

    assert "Plan: 4 to create" in shown
    assert ("Applied run #1" in shown) == bool(runs)
    assert ("not approved: nothing was applied" in shown) == (not runs)
    assert len(fresh.ok("history", "--format", "json").document["runs"]) == runs


def test_what_is_destroyed_must_be_named(fresh: Cli) -> None:
    fresh.ok("apply", "--yes")
    text = (fresh.root / VIEW).read_text()
    (fresh.root / VIEW).write_text(text.split("feature_services:")[0])

    with Terminal(fresh.root, "apply") as terminal:
        terminal.wait_for("Type its name to go on:")
        terminal.type("rank")
        assert terminal.finish() == 4
    with Terminal(fresh.root, "apply") as terminal:
        terminal.wait_for("Type its name to go on:")
        terminal.type("ranking_v1")
        terminal.wait_for("[y/N]")
        terminal.type("yes")
        assert terminal.finish() == 0
        shown = strip(terminal.shown)

    assert "This destroys service ranking_v1." in shown
    assert "0 created, 0 updated, 0 rebuilt, 1 destroyed" in shown


def test_a_severe_change_is_part_of_the_question(fresh: Cli) -> None:
    fresh.ok("apply", "--yes")
    fresh.edit(VIEW, "ttl: 24h", "ttl: 1h")

    with Terminal(fresh.root, "apply") as terminal:
        terminal.wait_for("[y/N]")
        terminal.type("y")
        assert terminal.finish() == 0
        shown = strip(terminal.shown)

    assert "Apply, with 1 narrowing? [y/N]" in shown
    assert "serial 1 -> 2" in shown


def test_what_is_protected_is_refused_before_anything_is_asked(fresh: Cli) -> None:
    fresh.edit(VIEW, "    ttl: 24h ", "    prevent_destroy: true\n    ttl: 24h ")
    fresh.ok("apply", "--yes")
    text = (fresh.root / VIEW).read_text()
    (fresh.root / VIEW).write_text(text.split("feature_views:")[0])

    with Terminal(fresh.root, "apply") as terminal:
        assert terminal.finish() == 4
        shown = terminal.shown

    assert "FC402" in shown
    assert "[y/N]" not in shown


def test_a_run_shows_a_live_line_that_is_gone_at_the_end(fresh: Cli) -> None:
    fresh.ok("apply", "--yes")

    with Terminal(fresh.root, "materialize") as terminal:
        assert terminal.finish() == 0
        shown = terminal.shown

    assert "━" in shown or "keys" in shown
    assert "\x1b[?25h" in shown  # the cursor is back
    assert "driver_stats" in shown
    assert "Done run=2 ok=1" in shown


def test_ctrl_c_ends_a_run_and_the_next_one_goes_on(fresh: Cli) -> None:
    fresh.ok("apply", "--yes")
    with Terminal(fresh.root, "materialize", "--lock-timeout", "1m") as terminal:
        terminal.wait_for("driver_stats")
        terminal.process.send_signal(signal.SIGINT)
        code = terminal.finish()

    assert code in (0, 130)
    fresh.ok("materialize")
    assert (
        "PRESENT"
        in fresh.ok("get-online", "--service", "ranking_v1", "driver_id=1001", "--meta").out
    )
