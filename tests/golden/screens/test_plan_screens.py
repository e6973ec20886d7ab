from collections.abc import Callable, Sequence

from planned import FEATURES, FIRST, GIT, RIDER, UPDATE

from featurectl.cli.screens.plan import no_changes, plan_header, plan_screen, unchanged_features
from featurectl.plan.plan import Plan

Golden = Callable[[str, Sequence[str]], None]


def test_the_first_plan_lists_what_comes(golden: Golden) -> None:
    header = plan_header(FIRST, registry=".featurectl/registry.db", online="redis://h:6379/0")

    golden("plan_first.txt", [header, "", *plan_screen(FIRST, {})])


def test_an_update_shows_old_and_new_of_each_field(golden: Golden) -> None:
    header = plan_header(UPDATE, registry="r", online="o")
    unchanged = unchanged_features(UPDATE, FEATURES)

    golden("plan_update.txt", [header, "", *plan_screen(UPDATE, unchanged)])


def test_full_shows_what_is_unchanged_too(golden: Golden) -> None:
    unchanged = unchanged_features(UPDATE, FEATURES)

    golden("plan_full.txt", plan_screen(UPDATE, unchanged, full=True))
    golden("plan_first_full.txt", plan_screen(FIRST, {}, full=True))


def test_the_legend_has_only_symbols_that_are_used() -> None:
    plan = Plan("p", "dev", "l", 1, "d", (RIDER,))

    assert plan_screen(plan, {})[0].count("rename") == 1
    assert "destroy" not in plan_screen(plan, {})[0]


def test_no_change_is_one_line() -> None:
    assert (
        no_changes(Plan("fraud", "prod", "l", 41, "d", git=GIT), 12)
        == "No changes. env prod matches the repo (serial 41, 12 views, git 9c01d3e)."
    )


def test_the_document_is_what_machines_read(golden: Golden) -> None:
    golden("plan_update.json", UPDATE.to_json().rstrip("\n").split("\n"))
