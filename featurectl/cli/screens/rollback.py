"""The screen of ``rollback``: what is undone, and the plan that undoes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.figures import moment
from featurectl.cli.paint import paint, readable
from featurectl.cli.screens.history import short_sha
from featurectl.cli.screens.plan import plan_screen
from featurectl.cli.table import table

if TYPE_CHECKING:
    from featurectl.flows.rollback import Rollback
    from featurectl.registry.protocol import CommitRecord

_SHOWN = 10  # undone commits, newest first


def rollback_screen(rollback: Rollback) -> list[str]:
    """What would be undone, and the changes that do it."""
    plan = rollback.plan
    if not rollback.undone:
        return [f"Nothing to undo. env {plan.env} is at serial {plan.serial} already."]
    shown = rollback.undone[:_SHOWN]
    more = len(rollback.undone) - len(shown)
    return [
        f"env {paint(plan.env, 'bold')} · serial {plan.serial} back to {rollback.serial}; undoes",
        *table([_row(commit) for commit in shown]),
        *([f"  … and {more} more"] if more else []),
        "",
        *(plan_screen(plan, {}) if plan.has_changes else ["The definitions are the same."]),
    ]


def _row(commit: CommitRecord) -> list[str]:
    summary = commit.plan.get("summary", {})
    counts = ", ".join(f"{number} {action}" for action, number in summary.items() if number)
    return [
        f"#{commit.run}",
        moment(commit.at_us - commit.at_us % 1_000_000),
        readable(commit.actor.who),
        short_sha(commit.actor.git) or "-",
        counts,
    ]
