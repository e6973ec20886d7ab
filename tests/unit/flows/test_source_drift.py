"""What has changed in the columns of sources since they were applied."""

from __future__ import annotations

import pytest
from applied import applied
from applying import DRIVER, view

from featurectl.definitions.source import FileSource
from featurectl.flows.source_drift import fits, source_drift, uses_of

SOURCE = FileSource(
    "file",
    path="a.parquet",
    event_timestamp="t",
    created_timestamp="made",
    columns={"drv": "driver_id"},
)
OTHER = FileSource("other", path="b.parquet", event_timestamp="t")
FEATURES = {"a": "int64", "b": "float64"}
SNAPSHOT = applied(
    DRIVER, SOURCE, OTHER, view(features=FEATURES), view("w", features={"a": "float64"})
)
BEFORE = {
    "t": "timestamp",
    "made": "timestamp",
    "drv": "int64",
    "a": "int32",
    "b": "float64",
    "extra": "string",
}


def told(views: list[str] | None = None, **changes: str | None) -> list[str]:
    """The lines when columns of ``file`` have other types, or are gone (None)."""
    now = {name: kind for name, kind in {**BEFORE, **changes}.items() if kind is not None}
    found = source_drift(SNAPSHOT, {"file": BEFORE}, {"file": now}, views=views)
    return [drift.line for drift in found]


def test_equal_columns_in_another_order_are_no_drift() -> None:
    assert source_drift(SNAPSHOT, {"file": BEFORE}, {"file": dict(reversed(BEFORE.items()))}) == ()


def test_a_type_that_still_fits_is_told_with_who_reads_it() -> None:
    (line,) = told(a="<null>")

    assert line == (
        "source file: column a is null, and was int32 when it was applied (feature a of view v, "
        "feature a of view w); it still fits: apply takes note of it"
    )


@pytest.mark.parametrize(
    ("column", "kind", "what"),
    [
        ("a", "string", "feature a of view v, feature a of view w"),
        ("a", "int64", "feature a of view v, feature a of view w"),
        ("drv", "float64", "join key driver_id of view v, join key driver_id of view w"),
        ("t", "int64", "event_timestamp"),
        ("made", "bool", "created_timestamp"),
    ],
)
def test_a_type_that_fits_no_more_is_for_plan_to_explain(column: str, kind: str, what: str) -> None:
    (line,) = told(**{column: kind})

    assert line == (
        f"source file: column {column} is {kind}, and was {BEFORE[column]} when it was applied "
        f"({what}); featurectl plan says where, and what to do"
    )


def test_a_column_that_is_read_and_gone_is_told() -> None:
    (line,) = told(b=None)

    assert line == (
        "source file: column b is gone, which was float64 when it was applied (feature b of view "
        "v); featurectl plan says where, and what to do"
    )


def test_columns_that_nothing_reads_are_one_short_and_harmless_remark() -> None:
    now = {**BEFORE, "x": "int64", "y": "int64"}
    del now["extra"]
    before = {**BEFORE, "kept": "int32"}
    (found,) = source_drift(SNAPSHOT, {"file": before}, {"file": {**now, "kept": "int64"}})

    assert found.line == (
        "source file: columns that nothing reads: x, y new, extra gone, kept of another type"
    )
    assert found.harmless


def test_a_source_is_judged_only_where_both_sides_are_known() -> None:
    now = {**BEFORE, "a": "string"}

    assert source_drift(SNAPSHOT, {}, {"file": now}) == ()
    assert source_drift(SNAPSHOT, {"file": BEFORE}, {}) == ()
    assert source_drift(SNAPSHOT, {"gone": BEFORE}, {"gone": now}) == ()


def test_a_source_that_no_view_reads_is_not_judged() -> None:
    assert source_drift(SNAPSHOT, {"other": BEFORE}, {"other": {}}) == ()


def test_only_the_views_that_are_asked_for_count() -> None:
    assert told(["w"], b=None) == ["source file: columns that nothing reads: b gone"]
    assert told([], a="string") == []


def test_columns_fit_where_all_that_is_read_is_there_and_can_be_read() -> None:
    uses = uses_of(SNAPSHOT)["file"]

    assert fits(uses, BEFORE)
    assert fits(uses, {**BEFORE, "b": "float32"})
    assert not fits(uses, {**BEFORE, "b": "string"})
    assert not fits(uses, {name: kind for name, kind in BEFORE.items() if name != "drv"})
