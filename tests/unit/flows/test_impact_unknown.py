"""What is not known of a plan's cost is left open, and what is near says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from loading import source, view
from weighing import Weighing

from featurectl.definitions.source import FileSource
from featurectl.errors import StoreError
from featurectl.flows import impact_sizes, load_size

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

XN = {"x": "float64", "n": "int32"}


@pytest.fixture
def place(tmp_path: Path, online_url: str) -> Iterator[Weighing]:
    """Three hours of 40 drivers."""
    found = Weighing(tmp_path, online_url)
    found.hours(40)
    yield found
    found.close()


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


def test_a_large_source_is_told_by_its_footers(
    place: Weighing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_size, "_COUNTED", 100)
    place.hours(2_000)

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
    place.hours(50, "large.parquet")
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
