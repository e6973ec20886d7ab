"""The figures of a report, counted once more row by row: aliases, services, nulls, ages."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest
from joining import UTC_US, Joining
from oracle import join_label

HOUR = 3_600_000_000
START = 1_704_067_200_000_000
SEED = random.Random(5)
ROWS = [
    {
        "key": (SEED.randrange(6),),
        "event": START + SEED.randrange(48) * HOUR,
        "created": START + SEED.randrange(60) * HOUR,
        "temp": SEED.choice([None, 1.5, 2.5]),
        "wind": None,
    }
    for _ in range(120)
]
LABELS = [
    (SEED.randrange(8), SEED.randrange(8), START + SEED.randrange(72) * HOUR) for _ in range(300)
]


@pytest.fixture
def joining(tmp_path) -> Joining:
    joining = Joining(tmp_path)
    joining.entity("place", place="int64")
    table = pa.table(
        {
            "place": [row["key"][0] for row in ROWS],
            "ts": pa.array([row["event"] for row in ROWS], UTC_US),
            "w": pa.array([row["created"] for row in ROWS], UTC_US),
            "temp": [row["temp"] for row in ROWS],
            "wind": pa.nulls(len(ROWS), pa.float64()),
        }
    )
    joining.source("weather", table, created_timestamp="w")
    joining.view("weather", ["place"], {"temp": "float64", "wind": "float64"}, ttl="6h")
    uses = [
        {"view": "weather", "as": alias, "join_keys": {"place": alias}, "features": features}
        for alias, features in (("origin", ["temp", "wind"]), ("dest", ["wind"]))
    ]
    joining.service("both", *uses, full_names=True)
    return joining


@pytest.mark.parametrize("known_at", [False, True])
def test_each_use_of_a_view_has_figures_of_its_own(joining, known_at):
    origins, dests, times = zip(*LABELS, strict=True)
    rows = pa.table({"origin": origins, "dest": dests, "event_timestamp": pa.array(times, UTC_US)})
    training = joining.join(rows, service="both", known_at=known_at, proves=True)
    document = training.report.document()
    assert document["rows"] == len(LABELS)
    for place, told in enumerate(document["views"]):
        found = [
            join_label(
                ROWS, (label[place],), label[2], ttl=6 * HOUR, known_at=known_at, static=False,
                features=["temp", "wind"],
            )
            for label in LABELS
        ]  # fmt: skip
        ages = [item.age_us / 1e6 for item in found if item.age_us is not None]
        nulls = {
            name: sum(item.row is None or item.row[name] is None for item in found)
            for name in [["temp", "wind"], ["wind"]][place]
        }
        name = ("origin", "dest")[place]
        assert told == {
            "view": "weather",
            "as": name,
            "join_keys": {"place": name},
            "known_at": "on" if known_at else "off",
            "matched": sum(item.state == "matched" for item in found),
            "expired": sum(item.state == "expired" for item in found),
            "no_row": sum(item.state == "no_row" for item in found),
            "created_later": sum(item.created_later for item in found),
            "ties": sum(item.tied for item in found),
            "ignored": 0,
            "oldest_age_seconds": max(ages),
            "newest_age_seconds": min(ages),
            "features": {feature: {"nulls": count} for feature, count in nulls.items()},
        }
        assert document["proof"]["views"][place]["as"] == name
        assert document["proof"]["views"][place]["rows"] == told["matched"]
        assert document["proof"]["views"][place]["created_later"] == told["created_later"]
    assert document["views"][0]["created_later"] > 0 or known_at
    assert training.schema.names[-4:] == [
        "origin__event_timestamp", "origin__created_timestamp",
        "dest__event_timestamp", "dest__created_timestamp",
    ]  # fmt: skip
