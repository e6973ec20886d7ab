"""What a plan says that its changes cost is what the runs then do, in each kind of store."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from loading import source, view
from weighing import COLUMNS, Weighing

from featurectl.definitions.source import FileSource
from featurectl.errors import StoreError
from featurectl.flows import impact_sizes, load_size
from featurectl.plan.impact import Impact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from featurectl.flows.run_summary import RunSummary

HOUR_US = 3_600_000_000
XN = {"x": "float64", "n": "int32"}


@pytest.fixture
def place(tmp_path: Path, online_url: str) -> Iterator[Weighing]:
    """Two hours of 40 drivers: one row each hour, the last an hour ago."""
    found = Weighing(tmp_path, online_url)
    write(found, 40)
    yield found
    found.close()


def write(place: Weighing, drivers: int, name: str = "stats.parquet") -> None:
    now_us = time.time_ns() // 1_000
    rows = [
        (driver, now_us - hours * HOUR_US + driver, float(driver), driver, "text")
        for hours in (3, 2, 1)
        for driver in range(drivers)
    ]
    place.write(name, rows, COLUMNS)


def done(summary: RunSummary) -> tuple[int, int]:
    (part,) = summary.views
    return part.rows, part.keys


def test_a_new_view_costs_what_its_first_run_reads(place: Weighing) -> None:
    objects = (source(), view(features=XN, ttl="150m"))

    said = place.impact(*objects)
    place.change(*objects)

    assert (said.rows, said.keys) == (80, 40) == done(place.run())
    assert said.to_us is not None
    assert said.from_us == said.to_us - 150 * 60_000_000
    assert (said.loads, said.extra_bytes, said.serving) == (True, 0, "")
    assert said.estimated == ("bytes",)


def test_a_static_source_is_loaded_whole(place: Weighing) -> None:
    objects = (source(event_timestamp=None), view(features=XN))

    said = place.impact(*objects)
    place.change(*objects)

    assert (said.rows, said.keys) == (120, 40) == done(place.run())
    assert (said.from_us, said.to_us) == (None, None)


def test_a_feature_more_costs_the_whole_window_again(place: Weighing) -> None:
    place.change(source(), view(features={"x": "float64"}, ttl="150m"))
    place.run()
    objects = (source(), view(features=XN, ttl="150m"))

    said = place.impact(*objects)
    place.change(*objects)

    assert (said.rows, said.keys, said.extra_bytes) == (80, 40, 0)
    assert said.seconds is not None
    assert done(place.run()) == (80, 40)


def test_a_longer_ttl_costs_the_longer_window(place: Weighing) -> None:
    place.change(source(), view(features=XN, ttl="90m"))
    place.run()

    assert place.impact(source(), view(features=XN, ttl="none")).rows == 120


def test_a_rebuilt_view_is_there_twice_meanwhile(place: Weighing) -> None:
    place.change(source(), view(features=XN))
    place.run()
    objects = (source(columns={"n": "x"}), view(features={"x": "int32"}))

    said = place.impact(*objects)

    assert (said.rows, said.keys, said.serving) == (120, 40, place.generation("stats"))
    assert said.extra_bytes == said.bytes
    assert said.estimated == ("bytes", "seconds", "extra_bytes")


def test_a_rebuilt_view_that_was_never_loaded_is_there_once(place: Weighing) -> None:
    place.change(source(), view(features=XN))

    said = place.impact(source(columns={"n": "x"}), view(features={"x": "int32"}))

    assert (said.loads, said.extra_bytes, said.serving) == (True, 0, "")


@pytest.mark.parametrize(
    "fields",
    [
        {"description": "x"},
        {"ttl": "1h"},
        {"features": {"x": "float64"}},
        {"on_stale": "fail"},
        {"features": {**XN, "x": {"type": "float64", "default": 1.0}}},
    ],
)
def test_what_asks_for_no_rows_costs_nothing(place: Weighing, fields: dict[str, Any]) -> None:
    place.change(source(), view(features=XN, ttl="150m", on_stale="hide"))
    place.run()

    said = place.impact(source(), view(**{"features": XN, "ttl": "150m", **fields}))

    assert said == Impact()


def test_a_renamed_view_costs_nothing(place: Weighing) -> None:
    place.change(source(), view(features=XN))
    place.run()

    renamed = view("scores", source="stats", features=XN, renamed_from="stats")

    assert place.impact(source(), renamed, view="scores") == Impact()


def test_rows_that_are_there_already_cost_nothing(place: Weighing) -> None:
    first = (source(), view(features=XN))
    place.change(*first)
    place.run()
    was = place.generation("stats")
    place.change(source(columns={"n": "x"}), view(features={"x": "int32"}))
    place.run(grace_us=24 * HOUR_US)

    said = place.impact(*first)
    place.change(*first)

    assert said == Impact(0, 0, 0, 0.0, extra_bytes=0, reuses=was)
    assert place.snapshot.bindings["stats"].target.id == was


def test_what_another_environment_has_loaded_costs_the_promoted_one_nothing(
    place: Weighing,
) -> None:
    objects = (source(), view(features=XN))
    place.change(*objects)
    place.run()
    loaded = place.generation("stats")
    place.env = "prod"
    alone = place.impact(*objects)
    place.promote_from = "dev"

    said = place.impact(*objects)

    assert (alone.loads, alone.rows, alone.reuses) == (True, 120, "")
    assert said == Impact(0, 0, 0, 0.0, extra_bytes=0, reuses=loaded)


def test_what_is_destroyed_says_what_is_online(place: Weighing) -> None:
    place.change(source(), view(features=XN))
    place.run()
    loaded = place.impact(source(), view(features={**XN, "s": "string"}))
    was = place.generation("stats")

    said = place.impact(source())
    offline = place.impact(source(), view(features=XN, online=False))

    assert said == offline
    assert (said.keys, said.loads, said.serving) == (40, False, was)
    assert said.estimated == ("bytes",)  # nothing expires: the keys are exact
    assert said.bytes is not None
    assert loaded.bytes is not None
    assert 0 < said.bytes <= loaded.bytes


def test_keys_that_may_have_expired_are_near(place: Weighing) -> None:
    place.change(source(), view(features=XN, ttl="150m"))
    place.run()

    assert place.impact(source()).estimated == ("keys", "bytes")


def test_what_was_never_loaded_has_no_keys(place: Weighing) -> None:
    place.change(source(), view(features=XN))

    said = place.impact(source())

    assert (said.keys, said.bytes, said.estimated) == (0, 0, ())


def test_without_sources_nothing_is_read(place: Weighing) -> None:
    created = place.impact(source(), view(features=XN, ttl="1d"), sources=False)
    place.change(source(), view(features={"x": "float64"}))
    place.run()
    added = place.impact(source(), view(features=XN), sources=False)

    assert (created.rows, created.keys, created.bytes, created.seconds) == (None,) * 4
    assert (created.loads, created.estimated) == (True, ())
    assert created.from_us is not None
    assert (added.rows, added.keys, added.estimated) == (None, 40, ("keys", "seconds"))


class Away:
    """A store that does not answer."""

    def __init__(self) -> None:
        self.calls = 0

    def __getattr__(self, _name: str) -> Any:
        def fail(*_arguments: Any) -> None:
            self.calls += 1
            raise StoreError("FC601", "can't reach the online store redis://h")

        return fail


def test_a_store_that_is_away_is_asked_once_and_leaves_its_figures_open(place: Weighing) -> None:
    place.change(source(), view(features=XN), view("other", source="stats", features=XN))
    place.run("stats")
    away = Away()
    changed = view("other", source="stats", features={**XN, "s": "string"})

    plan = place.plan(source(), changed, online=away)  # type: ignore[arg-type]

    found = {c.name: c.impact for c in plan.changes if c.kind == "view"}
    assert away.calls == 1
    assert plan.notes == (
        "what the online store holds is not known: can't reach the online store redis://h",
    )
    assert (found["stats"].keys, found["stats"].bytes, found["stats"].estimated) == (None, None, ())
    assert (found["other"].rows, found["other"].keys) == (120, 40)
    assert plan.store is not None
    assert plan.store.free_bytes is None


def test_a_store_that_has_just_not_answered_is_not_asked(place: Weighing) -> None:
    away = Away()

    plan = place.plan(source(), view(features=XN), online=away, drift=True)  # type: ignore[arg-type]

    assert (away.calls, len(plan.notes)) == (1, 1)
    assert plan.store is not None
    assert plan.store.free_bytes is None


def test_bytes_are_near_what_a_run_takes(place: Weighing) -> None:
    """For the file of SQLite; that Redis takes what its scale says is tested there."""
    write(place, 4_000)
    objects = (source(), view(features=COLUMNS))
    said = place.impact(*objects)
    place.change(*objects)
    place.run()

    assert said.bytes is not None
    assert said.keys == 4_000
    packed = place.online.sample("demo", place.generation("stats"), 1)
    row = sum(len(part) for part in packed[0])
    assert row < said.bytes / 4_000 < 3 * row
    file = place.folder / "online.db"
    if file.exists():
        place.online.close()
        assert said.bytes == pytest.approx(file.stat().st_size, rel=0.2)


def test_a_large_source_is_told_by_its_footers(
    place: Weighing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_size, "_COUNTED", 100)
    write(place, 2_000)

    all_ = place.impact(source(), view(features=XN))
    some = place.impact(source(), view(features=XN, ttl="150m"))

    assert (all_.rows, all_.estimated) == (6_000, ("keys", "bytes"))
    assert all_.keys == pytest.approx(2_000, rel=0.1)
    assert some.estimated == ("rows", "keys", "bytes")
    assert some.rows == pytest.approx(4_500, rel=0.1)  # if its times were spread evenly
    assert some.bytes is not None


def test_keys_that_serve_now_spare_the_counting_of_a_large_source(
    place: Weighing, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.change(source(), view(features={"x": "float64"}))
    place.run()
    monkeypatch.setattr(load_size, "_COUNTED", 10)
    monkeypatch.setattr(load_size, "_READ", 10)

    same = place.impact(source(), view(features=XN))
    others = place.impact(source(columns={"n": "id", "id": "n"}), view(features={"x": "float64"}))

    assert (same.rows, same.keys) == (120, 40)
    assert (others.rows, others.keys, others.bytes) == (120, None, None)


def test_a_large_csv_says_nothing_of_its_rows(
    place: Weighing, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place.folder / "t.csv").write_text("id,at,x\n1,2024-01-01T00:00:00Z,0.5\n2,2024-01-02,1.5\n")
    objects = (FileSource("t", path="t.csv", event_timestamp="at"), view(source="t"))

    small = place.impact(*objects)
    monkeypatch.setattr(load_size, "_TEXT_BYTES", 10)
    large = place.impact(*objects)

    assert (small.rows, small.keys) == (2, 2)
    assert (large.rows, large.keys, large.bytes, large.loads) == (None, None, None, True)


def test_rows_that_a_run_could_not_read_are_noted(place: Weighing) -> None:
    (place.folder / "t.csv").write_text("id,at,x\n1,2024-01-01T00:00:00Z,much\n")

    plan = place.plan(FileSource("t", path="t.csv", event_timestamp="at"), view(source="t"))

    (note,) = plan.notes
    assert note.startswith("what view stats costs is not known: ")
    assert "much" in note
    assert next(c for c in plan.changes if c.kind == "view").impact.rows is None


def test_of_too_many_views_the_largest_are_read_and_of_the_others_the_footers(
    place: Weighing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impact_sizes, "_MOST", 2)
    write(place, 50, "large.parquet")
    names = ["stats", "stats", "large", "large"]
    views = [view(f"v{n}", source=name, features=XN) for n, name in enumerate(names)]

    plan = place.plan(source(), source("large"), *views)

    found = [c.impact for c in plan.changes if c.kind == "view"]
    assert [(each.rows, each.keys) for each in found] == [(120, None)] * 2 + [(150, 50)] * 2
    assert plan.notes == ("keys and bytes of 2 views are not known: the others have more rows",)


def test_a_plan_that_changes_no_view_asks_nothing(
    place: Weighing, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.change(source(), view(features=XN))
    place.run()
    monkeypatch.setattr(place, "online", Away())
    monkeypatch.setattr(place.registry, "runs", Away().anything)
    monkeypatch.setattr(place.registry, "progress", Away().anything)

    nothing = place.plan(source(), view(features=XN))
    described = place.plan(source(description="x"), view(features=XN))

    assert (nothing.changes, nothing.store, nothing.notes) == ((), None, ())
    assert (len(described.changes), described.store, described.notes) == (1, None, ())
