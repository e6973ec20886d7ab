"""A request is written down and read back as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from featurectl.definitions.service import ViewRef
from featurectl.flows.asked import Asked, asked_entities, asked_features, read_asked

FULL = Asked(
    entities="labels.csv",
    features=("driver:trips", "driver:rate"),
    full_names=True,
    known_at=True,
    as_served=True,
    start_us=-1,
    end_us=0,
    at_us=1_704_067_200_000_001,
    event_timestamp="at",
    from_files=True,
    sample=100,
    split="train=0.8,test=0.2",
    split_by="time",
    seed=0,
)


@pytest.mark.parametrize(
    "asked", [FULL, Asked(), Asked(sql="select 1"), Asked(at_us=1 << 62), Asked(service="rank")]
)
def test_a_request_comes_back_from_its_json(asked: Asked) -> None:
    assert read_asked(json.loads(json.dumps(asked.document()))) == asked


def test_what_was_not_asked_is_not_written_but_a_seed_of_zero_is() -> None:
    assert Asked(service="rank", seed=0).document() == {
        "service": "rank",
        "event_timestamp": "event_timestamp",
        "seed": 0,
    }


def test_times_are_written_as_iso_8601() -> None:
    assert Asked(at_us=0).document()["at"] == "1970-01-01T00:00:00Z"


def test_what_a_later_version_wrote_beside_it_is_left_out() -> None:
    assert read_asked({"service": "rank", "colour": "red"}) == Asked(service="rank")


def test_a_time_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match="is not a time"):
        read_asked({"at": "yesterday, perhaps"})


def test_a_frame_in_memory_is_called_so_and_a_path_is_text() -> None:
    assert asked_entities(object()) == "memory"
    assert asked_entities(Path("a") / "b.csv") == "a/b.csv"
    assert asked_entities(None) is None


def test_a_reference_under_an_alias_is_written_with_its_keys() -> None:
    reference = ViewRef("weather", alias="dest", join_keys={"airport": "to"}, features=["wind"])
    given = asked_features(["driver", reference])
    assert given == (
        "driver",
        {"view": "weather", "as": "dest", "join_keys": {"airport": "to"}, "features": ["wind"]},
    )
    assert ViewRef(**given[1]) == reference
