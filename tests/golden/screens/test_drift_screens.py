"""What plan and apply say of drift, and of what is promoted from another environment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from applied import EMPTY, applied
from applying import DRIVER, FILE, view

from featurectl.cli.screens.plan import no_changes, note_lines, plan_header, plan_screen
from featurectl.cli.screens.plan_markdown import plan_markdown
from featurectl.flows.drift import manifest_drift
from featurectl.flows.publish import manifest_of
from featurectl.flows.reuse import Found, Sought
from featurectl.flows.reuse_notes import kept_notes, promotion_notes
from featurectl.flows.source_drift import source_drift
from featurectl.plan.bindings import Reuse
from featurectl.plan.diff import diff
from featurectl.plan.impact import Impact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from featurectl.plan.plan import Plan

    Golden = Callable[[str, Sequence[str]], None]

SNAPSHOT = replace(applied(DRIVER, FILE, view()), env="prod", serial=41, revision=57)
BEFORE = {"t": "timestamp", "driver_id": "int64", "a": "int64", "b": "string"}
NOW = {"t": "timestamp", "driver_id": "int64", "a": "int32", "c": "string"}


def _drifted() -> Plan:
    held = replace(manifest_of(SNAPSHOT), serial=40, revision=56)
    manifest = manifest_drift(SNAPSHOT, held)
    assert manifest is not None
    drifts = (manifest, *source_drift(SNAPSHOT, {"file": BEFORE}, {"file": NOW}))
    plan = diff(SNAPSHOT, SNAPSHOT.repository)
    return replace(plan, git="9c01d3e4a5b6", notes=tuple(drift.line for drift in drifts))


def test_a_plan_without_changes_does_not_look_clean_where_something_has_drifted(
    golden: Golden,
) -> None:
    plan = _drifted()

    golden("plan_drift.txt", [*note_lines(plan), no_changes(plan, 1)])
    golden("comment_drift.md", plan_markdown(plan).splitlines())


def test_a_promotion_says_what_is_moved_and_what_is_loaded_and_why(golden: Golden) -> None:
    files = applied(DRIVER, FILE, view(), view("w"), view("x")).repository
    plan = replace(diff(replace(EMPTY, env="prod"), files), made_at_us=0)
    generation = SNAPSHOT.bindings["v"].read
    found = Found(
        {"v": Reuse(generation)},
        frozenset({generation.id}),
        {"w": "dev has not loaded it yet", "x": "it is defined otherwise in dev"},
    )
    nothing = Impact(0, 0, 0, 0.0, extra_bytes=0, reuses=generation.id)
    changes = tuple(
        replace(change, impact=nothing) if change.name == "v" else change for change in plan.changes
    )
    notes = (
        *promotion_notes(found, Sought("dev")),
        *kept_notes({"old": [generation.id]}, replace(SNAPSHOT, shared=frozenset({generation.id}))),
    )
    plan = replace(plan, changes=changes, notes=notes)
    header = plan_header(plan, registry="registry.db", online="redis://cache/0")

    golden("plan_promoted.txt", [header, "", *plan_screen(plan, {})])
