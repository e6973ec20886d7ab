"""What a person sees of reviewed lines, and of what is refused without one."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from applied import applied, repository

from featurectl.cli.paint import strip
from featurectl.cli.screens.apply import question
from featurectl.cli.screens.plan import note_lines, plan_screen, unchanged_features
from featurectl.definitions.acknowledgement import acknowledge
from featurectl.definitions.entity import Entity
from featurectl.definitions.repository import Repository
from featurectl.definitions.service import FeatureService
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import FeatureView
from featurectl.errors import FeaturectlError, Location
from featurectl.plan.approval import check_approved, needed
from featurectl.plan.diff import diff

Golden = Callable[[str, Sequence[str]], None]

RIDER = Entity("rider", join_keys={"rider_id": "int64"})
TRIPS = FileSource("trips", path="data/trips.parquet", event_timestamp="at")
TOLLS = FileSource("tolls", path="data/tolls.parquet", event_timestamp="at")
FARES = {"avg_fare": "float64", "trips": "int64"}


def _view(name: str, features: dict[str, str], source: str = "trips") -> FeatureView:
    return FeatureView(name, entities=["rider"], source=source, ttl="1d", features=features)


BEFORE = (
    RIDER,
    TRIPS,
    TOLLS,
    _view("trip_stats", FARES),
    _view("legacy_scores", {"score": "float64"}),
    _view("toll_stats", {"toll": "float64"}, "tolls"),
    FeatureService("pricing_v2", owner="pricing@example.com", features=["trip_stats"]),
    FeatureService("eta_v1", features=["trip_stats:avg_fare", "toll_stats"]),
)
AFTER = (
    RIDER,
    TRIPS,
    TOLLS.model_copy(update={"path": "lake/tolls.parquet"}),
    _view("trip_stats", {"trips": "int64"}),
    _view("toll_stats", {"toll": "float64"}, "tolls"),
    FeatureService("pricing_v2", owner="pricing@example.com", features=["trip_stats"]),
    FeatureService("eta_v1", features=["toll_stats"]),
)
LINES = (
    acknowledge(view="trip_stats", change="breaking", reason="fares moved to fare_stats"),
    acknowledge(source="tolls", change="breaking", reason="the lake has the same tolls"),
    acknowledge(view="legacy_score", change="destroy", reason="replaced by scores_v2"),
    acknowledge(view="old_scores", change="destroy", reason="replaced by scores_v2"),
)


def _files() -> Repository:
    files = repository(*AFTER)
    places = {
        (found.kind, found.name): Location(f"features/{found.kind}s.yaml", line, 5)
        for line, found in enumerate(files.objects(), 10)
    }
    places |= {
        ("acknowledge", str(each)): Location("features/reviewed.yaml", line, 5)
        for line, each in enumerate(LINES, 2)
    }
    return replace(files, locations=places)


def test_a_plan_says_what_is_acknowledged_where_and_which_lines_have_no_effect(
    golden: Golden,
) -> None:
    plan = diff(applied(*BEFORE), replace(_files(), acknowledgements=LINES))
    types = {view.name: {name: f.type for name, f in view.features.items()} for view in AFTER[3:5]}

    golden("plan_acknowledged.txt", plan_screen(plan, unchanged_features(plan, types)))


def test_notes_stand_before_no_changes_too() -> None:
    files = replace(_files(), acknowledgements=LINES[:1])
    plan = diff(applied(*AFTER), files)

    (note, blank) = note_lines(plan)
    assert strip(note).startswith(
        "note: features/reviewed.yaml:2: acknowledge of breaking of view trip"
    )
    assert blank == ""
    assert note_lines(replace(plan, notes=())) == []


def test_what_is_refused_names_services_owners_places_and_all_ways_out(golden: Golden) -> None:
    plan = diff(applied(*BEFORE), _files())

    with pytest.raises(FeaturectlError) as caught:
        check_approved(plan, (), repository=_files())

    golden("refused.txt", caught.value.render().split("\n"))


def test_the_question_counts_what_is_acknowledged() -> None:
    plan = diff(applied(*BEFORE), replace(_files(), acknowledgements=LINES[:1]))

    assert strip(question(needed(plan))) == "Apply, with 2 breaking, 3 acknowledged? [y/N]"
