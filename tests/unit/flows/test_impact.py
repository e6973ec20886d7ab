"""What a plan says that its changes cost is what the runs then do, in each kind of store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from loading import source, view
from weighing import COLUMNS, HOUR_US, Weighing

from featurectl.plan.impact import Impact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from featurectl.flows.run_summary import RunSummary

XN = {"x": "float64", "n": "int32"}


@pytest.fixture
def place(tmp_path: Path, online_url: str) -> Iterator[Weighing]:
    """Three hours of 40 drivers: one row in each, the last an hour ago."""
    found = Weighing(tmp_path, online_url)
    found.hours(40)
    yield found
    found.close()


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


def test_bytes_are_near_what_a_run_takes(place: Weighing) -> None:
    """For the file of SQLite; that Redis takes what its scale says is tested there."""
    place.hours(4_000)
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
