"""What changes cost together, and the form in which a saved plan keeps it."""

from __future__ import annotations

from featurectl.plan.impact import Impact, read_impact, total_impact
from featurectl.plan.plan import Change


def change(impact: Impact) -> Change:
    return Change("view", "v", "update", "additive", impact=impact)


ONE = Impact(
    10, 5, 500, 1.5, 0, 1_000_000, extra_bytes=0, loads=True, estimated=("keys", "bytes", "seconds")
)
TWO = Impact(7, 3, 300, 0.5, None, 1_000_000, extra_bytes=300, loads=True, estimated=("bytes",))


def test_an_impact_is_read_back_as_it_was_saved() -> None:
    for impact in (Impact(), ONE, TWO):
        assert read_impact(impact.document()) == impact


def test_loads_add_up_and_a_sum_with_an_estimate_is_one() -> None:
    destroyed = change(Impact(keys=100, bytes=1_000))

    assert total_impact([change(ONE), destroyed, change(TWO)]) == Impact(
        17, 8, 800, 2.0, extra_bytes=300, loads=True, estimated=("keys", "bytes", "seconds")
    )


def test_a_sum_with_an_unknown_part_is_not_known() -> None:
    unknown = Impact(rows=3, extra_bytes=0, loads=True, estimated=("rows",))

    assert total_impact([change(ONE), change(unknown)]) == Impact(
        13, extra_bytes=0, loads=True, estimated=("rows",)
    )


def test_changes_without_a_load_cost_nothing() -> None:
    assert not total_impact([change(Impact(rows=1_807))]).loads
