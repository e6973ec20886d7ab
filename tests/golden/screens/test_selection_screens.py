"""A plan of a selection says that it is one."""

from featurectl.cli.paint import strip
from featurectl.cli.screens.plan import no_changes, plan_header
from featurectl.plan.plan import Plan

PLAN = Plan("fraud", "prod", "l", 41, "d", only=("driver_stats", "service:eta_v1"))


def test_the_header_names_what_is_selected() -> None:
    header = strip(plan_header(PLAN, registry="r", online="o"))

    assert header == "env prod · registry serial 41 · only driver_stats, service:eta_v1"


def test_no_change_of_a_selection_says_nothing_of_the_rest() -> None:
    assert no_changes(PLAN, 12) == (
        "No changes in driver_stats, service:eta_v1; the rest was not looked at "
        "(env prod, serial 41)."
    )
