"""Comments on pull requests: what a reviewer sees, and that nothing in it breaks out."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import yaml

from featurectl.cli.screens.plan_markdown import failure_markdown, plan_markdown
from featurectl.errors import DefinitionError, Location, StoreError
from featurectl.plan.impact import Impact, StoreRoom
from featurectl.plan.plan import Change, FieldChange, Plan
from featurectl.repo.revision import Revision

Golden = Callable[[str, Sequence[str]], None]
GIT = "9c01d3e4a5b6c7d8"
TRIPS = Change(
    "view",
    "trip_stats",
    "rebuild",
    "breaking",
    (
        FieldChange("features.avg_fare.type", "float64", "decimal(10,2)", "breaking"),
        FieldChange("features.km", "int32", None, "narrowing"),
        FieldChange("features.minutes.name", "mins", "minutes", "rename"),
    ),
    consumers=("eta_v1", "pricing_v2"),
    impact=Impact(
        rows=38_402_113,
        keys=910_400,
        bytes=180_000_000,
        seconds=160,
        from_us=1_792_800_000_000_000,
        to_us=1_795_392_000_000_000,
        extra_bytes=180_000_000,
        loads=True,
        estimated=("rows", "bytes", "seconds", "extra_bytes"),
        serving="trip_stats.k3f9",
    ),
)
DRIVER = Change(
    "view",
    "driver_stats",
    "update",
    "additive",
    (
        FieldChange("ttl", "1d", "2d", "additive"),
        FieldChange("features.tips_avg", None, "float64", "additive"),
        FieldChange("description", "a", "one\ntwo", "metadata"),
    ),
    impact=Impact(
        rows=1_214_870,
        keys=48_210,
        bytes=2_000_000,
        seconds=6,
        from_us=1_795_219_200_000_000,
        to_us=1_795_392_000_000_000,
        extra_bytes=0,
        loads=True,
        estimated=("bytes", "seconds"),
    ),
)
RIDER = Change(
    "view",
    "rider",
    "rename",
    "rename",
    (FieldChange("name", "rider_profile", "rider", "rename"),),
    consumers=("eta_v1",),
    old_name="rider_profile",
)
LEGACY = Change(
    "view",
    "legacy_scores",
    "destroy",
    "destroy",
    reason="no longer in the files",
    impact=Impact(
        keys=2_104_883, bytes=410_000_000, estimated=("bytes",), serving="legacy_scores.a1b2"
    ),
)
UPDATE = Plan(
    "fraud",
    "prod",
    "l",
    41,
    "d",
    (DRIVER, LEGACY, RIDER, TRIPS),
    git=GIT,
    made_at_us=1_795_410_000_000_000,
    store=StoreRoom("Redis", 3_100_000_000),
)


def test_the_summary_stands_outside_of_the_fold(golden: Golden) -> None:
    golden("comment_update.md", [plan_markdown(UPDATE)])


def test_what_is_acknowledged_has_its_reason(golden: Golden) -> None:
    legacy = replace(LEGACY, acknowledged="replaced by scores_v2")
    trips = replace(TRIPS, acknowledged="fares are exact from now on; see *the decision*")
    notes = ("the online store has serial 40: it is published again by the next apply",)
    plan = replace(UPDATE, changes=(DRIVER, legacy, RIDER, trips), notes=notes)

    golden("comment_acknowledged.md", [plan_markdown(plan)])


def test_what_is_protected_is_no_matter_of_acknowledging() -> None:
    legacy = replace(LEGACY, is_protected=True)
    text = plan_markdown(replace(UPDATE, changes=(legacy,)))

    assert text.endswith(
        "To apply: merge (serial 41). Refused, by prevent\\_destroy: legacy_scores."
    )
    assert "How to acknowledge" not in text


def test_of_a_rename_that_is_more_than_one_the_severest_is_told() -> None:
    gone = FieldChange("features.km", "int32", None, "breaking")
    rider = replace(RIDER, change_class="breaking", fields=(*RIDER.fields, gone))

    text = plan_markdown(replace(UPDATE, changes=(rider,)))

    assert "| `>` | rider_profile → rider | breaking | gone: km int32 | eta_v1 |" in text


def test_a_comparison_names_what_it_compares_with(golden: Golden) -> None:
    plan = replace(UPDATE, serial=0, lineage="", changes=(replace(DRIVER, impact=Impact()),))
    base = Revision("origin/main", "3f2a91c000000000")

    golden("comment_compared.md", [plan_markdown(plan, base=base)])


def test_no_change_is_short_and_keeps_its_marker(golden: Golden) -> None:
    golden("comment_none.md", [plan_markdown(replace(UPDATE, changes=()))])


def test_less_than_a_second_is_no_tag() -> None:
    short = replace(DRIVER, impact=Impact(rows=1, seconds=0.4, loads=True))
    title = plan_markdown(replace(UPDATE, changes=(short,))).split("\n")[1]
    assert title.endswith(" · 1 row, &lt;1 s")


def test_a_selection_says_that_it_is_one() -> None:
    title = plan_markdown(replace(UPDATE, only=("driver_stats", "service:eta_*"))).split("\n")[1]
    assert " · only driver_stats, service:eta\\_\\* · " in title
    assert title.count("only") == 1


def test_notes_are_told_where_nothing_changes() -> None:
    text = plan_markdown(replace(UPDATE, changes=(), notes=("an odd | thing",)))
    assert text.endswith("No changes (serial 41).\n\nNotes:\n\n- an odd \\| thing")


def test_a_broken_repository_is_a_comment_too(golden: Golden) -> None:
    place = Location("features/a.yaml", 12, 3, 3, ((11, "  - name: a"), (12, "  tll: ```1h```")))
    errors = [
        DefinitionError("FC103", 'unknown key "tll"', location=place, caret='did you mean "ttl"?'),
        DefinitionError("FC110", "no <repo>", help=["make one"]),
    ]

    golden("comment_broken.md", [failure_markdown("prod", errors)])


def test_where_a_store_is_does_not_get_into_a_comment() -> None:
    text = failure_markdown("prod", [StoreError("FC611", "no answer from db.internal:5432")])

    assert "error[FC611] a store can't be used: see the job log" in text
    assert "db.internal" not in text


def test_errors_never_outgrow_a_comment() -> None:
    errors = [DefinitionError("FC103", "ä" * 3000) for _ in range(500)]

    text = failure_markdown("prod", errors)

    assert 60_000 < len(text.encode()) <= 65_000
    assert "more, see the job log" in text
    assert text.endswith("Nothing can be planned before this is right.")


def test_of_many_changes_the_severest_are_shown_and_the_fold_is_cut_first() -> None:
    many = tuple(replace(DRIVER, name=f"view_{n}") for n in range(900))
    plan = replace(UPDATE, changes=(*many, LEGACY))

    text = plan_markdown(plan)
    small = plan_markdown(plan, max_bytes=4_000)

    assert 60_000 < len(text.encode()) <= 65_000
    assert text.count("| `~` |") == 900
    assert "more, see the job log\n```\n\n</details>" in text
    assert len(small.encode()) <= 4_000
    assert "<details><summary>Full plan" not in small
    assert "| `-` | legacy_scores |" in small
    assert small.splitlines()[-1].startswith("To apply: merge")


def test_lines_to_acknowledge_stay_yaml_where_they_are_cut() -> None:
    many = tuple(replace(LEGACY, name=f"view_{n}") for n in range(2_000))

    text = plan_markdown(replace(UPDATE, changes=many))

    lines = yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])["acknowledge"]
    assert lines[0] == {"view": "view_0", "change": "destroy", "reason": "…"}
    assert f"  # … {2_000 - len(lines):,} more, see the job log" in text
    assert "**2,000 destroy**" in text


def test_odd_text_stays_one_row_of_the_table() -> None:
    odd = FieldChange("owner", "a|b", "@everyone <b>`x`\n``` #12 _y_ a_b \\")
    change = Change("view", "v", "update", "metadata", (odd,))

    row = plan_markdown(replace(UPDATE, changes=(change,))).split("\n")[5]

    assert row == (
        "| `~` | v | metadata | owner a\\|b → @\u200beveryone &lt;b>\\`x\\`\\\\n\\`\\`\\` "
        "#\u200b12 \\_y\\_ a_b \\\\ | none |"
    )


def test_a_fence_is_not_closed_by_what_is_in_it() -> None:
    change = Change("view", "v", "update", "metadata", (FieldChange("owner", "", "````"),))
    text = plan_markdown(replace(UPDATE, changes=(change,)))

    assert "+   owner '''`\n```\n" in text


def test_a_marker_can_not_be_closed_by_a_name() -> None:
    first = failure_markdown("x --> y", [DefinitionError("FC120", "no env")]).splitlines()[0]
    assert first == "<!-- featurectl:plan:x_____y -->"


def test_a_plan_of_a_selection_says_what_it_looked_at() -> None:
    text = plan_markdown(replace(UPDATE, only=("driver_stats", "service:eta|v1")))

    assert "only driver_stats, service:eta\\|v1" in text.split("\n")[1]
