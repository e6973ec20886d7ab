from collections.abc import Callable, Sequence

from featurectl.cli.screens.join_plan import join_plan_screen
from featurectl.flows.join_plan import JoinPlan, Share, Statement
from featurectl.queries.relation import EventRange
from featurectl.queries.strategy import Strategy

Golden = Callable[[str, Sequence[str]], None]

NEWEST = Statement("which row wins; the table labels has i int64, t int64, x0 int64", "SELECT\n  1")
HELD = Statement("what it holds; the table labels then has i BIGINT, t BIGINT", "SELECT\n  2")
WEATHER = JoinPlan(
    "dest_weather",
    Strategy("asof", "12,000,000 pairs of 100,000 labels and 200,000 rows: many for each"),
    EventRange(1_704_067_200_000_000, 1_704_672_000_500_000),
    Share(8, 365),
    Share(9, 1_365),
    357,
    ("airport", "observed_at"),
    ("visibility", "wind speed"),
    (NEWEST, HELD),
)
AIRPORTS = JoinPlan(
    "airports",
    Strategy("static", "rows that hold at all times"),
    EventRange(),
    Share(1, 1),
    None,
    0,
    ("code",),
    ("name",),
    (NEWEST,),
)


def test_each_view_says_how_it_would_be_joined_and_what_is_read(golden: Golden) -> None:
    golden("join_plan.txt", join_plan_screen([WEATHER, AIRPORTS]))


def test_times_before_all_years_are_the_beginning() -> None:
    early = JoinPlan(**{**vars(WEATHER), "events": EventRange(-(1 << 70), 0)})

    assert any(
        "the beginning to 1970-01-01T00:00:00Z" in line for line in join_plan_screen([early])
    )
