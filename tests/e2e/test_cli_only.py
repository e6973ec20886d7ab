"""``plan --only`` and ``apply --only``: some of the changes, and all else as it is applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from command_line import Cli

VIEW = "features/driver.yaml"
MORE = """
feature_views:
  - name: driver_trips
    entities: [driver]
    source: driver_stats_file
    ttl: 24h
    features: {trips_today: int64}
"""


def edit(cli: Cli) -> None:
    """Two changes: of a view that is applied, and a new one."""
    cli.edit(VIEW, "ttl: 24h", "ttl: 48h")
    (cli.root / "features" / "more.yaml").write_text(MORE)


def test_only_what_is_selected_is_planned_and_applied(cli: Cli) -> None:
    edit(cli)

    planned = cli.ok("plan", "--only", "driver_trips")
    cli.ok("apply", "--yes", "--only", "driver_trips")
    left = cli.ok("plan", "--format", "json").document

    assert "only driver_trips" in planned.out
    assert "Plan: 1 to create, 0 to update" in planned.out
    assert "apply --only driver_trips" in planned.out
    assert [change["name"] for change in left["changes"]] == ["driver_stats"]
    assert "No changes in driver_trips" in cli.ok("plan", "--only", "driver_trips").out
    assert cli("plan", "--only", "driver_trips", "--exit-code").code == 0
    assert cli("plan", "--exit-code").code == 3


def test_a_saved_plan_of_a_selection_is_applied_as_it_is(cli: Cli) -> None:
    edit(cli)
    file = str(cli.root / "plan.json")
    cli.ok("plan", "--only", "service:ranking_v1", "--out", file)
    (cli.root / "features" / "more.yaml").unlink()  # which it does not depend on

    applied = cli.ok("apply", file)

    assert "0 created, 1 updated" in applied.out
    assert cli("apply", file, "--only", "driver_stats").code == 2


def test_a_saved_plan_of_a_selection_is_stale_when_what_it_selects_has_changed(cli: Cli) -> None:
    edit(cli)
    file = str(cli.root / "plan.json")
    cli.ok("plan", "--only", "driver_stats", "--out", file)
    cli.edit(VIEW, "ttl: 48h", "ttl: 72h")

    stale = cli("apply", file)

    assert (stale.code, "FC501" in stale.err) == (5, True)


def test_a_selection_that_can_not_stand_alone_is_refused(cli: Cli) -> None:
    edit(cli)
    cli.ok("apply", "--yes")
    cli.edit(VIEW, "event_timestamp: event_timestamp", "event_timestamp: none")
    cli.edit(VIEW, "ttl: 48h", "ttl: none")
    cli.edit("features/more.yaml", "ttl: 24h", "ttl: none")

    refused = cli("plan", "--only", "driver_trips")
    nothing = cli("plan", "--only", "driver_trip")

    assert (refused.code, "FC330" in refused.err) == (1, True)
    assert "select it too: --only driver_stats" in refused.err
    assert (nothing.code, 'did you mean "driver_trips"?' in nothing.err) == (1, True)
    assert cli("plan", "--base", "HEAD", "--only", "driver_trips").code == 2


def test_ways_out_of_a_refusal_are_of_the_same_selection(cli: Cli) -> None:
    edit(cli)
    cli.edit(VIEW, "ttl: 48h", "ttl: 12h")

    asked = cli("apply", "--only", "driver_trips", "--allow", "breaking")
    refused = cli("apply", "--yes", "--only", "driver_*")

    root = f"--repo {cli.root}"
    assert "needs approval: 1 change and no terminal" in asked.err
    assert f"plan --only driver_trips --out plan.json {root}" in asked.err
    assert f"apply --only driver_trips --yes --allow breaking {root}" in asked.err
    assert f"plan {root} --out plan.json --only 'driver_*' --env dev" in refused.err
    assert f"apply {root} --yes --allow narrowing --only 'driver_*' --env dev" in refused.err
