"""A view is checked against its source: every misfit is named, with its place."""

from __future__ import annotations

import pytest
from applied import repository

from featurectl.definitions.entity import Entity
from featurectl.definitions.repository import Repository
from featurectl.definitions.source import FileSource
from featurectl.definitions.types import TEXT, UNTYPED, spoken
from featurectl.definitions.view import FeatureView
from featurectl.errors import Location
from featurectl.plan.fit import check_sources

DRIVER = Entity("driver", join_keys={"driver_id": "int64"})
COLUMNS = {"driver_id": "int64", "t": "timestamp", "rating": "float64", "trips": "int32"}


def found(features: dict, columns: dict | None = None, **source: object) -> list:
    fields = {"path": "data/trips.parquet", "event_timestamp": "t", **source}
    view = FeatureView(
        "stats", entities=["driver"], source="trips_file", ttl="1d", features=features
    )
    files = repository(DRIVER, FileSource("trips_file", **fields), view)
    return check_sources(files, {"trips_file": columns or COLUMNS})


def test_columns_that_fit_are_no_error() -> None:
    assert found({"rating": "float64", "trips": "int64"}) == []


def test_a_missing_column_names_view_and_nearest_column() -> None:
    (error,) = found({"ratng": "float64"})

    assert error.code == "FC205"
    assert (
        error.message == 'feature "ratng" of view "stats" is no column of its source "trips_file"'
    )
    assert error.caret == 'did you mean "rating"?'
    assert error.notes == (
        "data/trips.parquet has: driver_id int64, t timestamp, rating float64, trips int32",
    )
    assert "columns: {rating: ratng}" in error.help[0]


@pytest.mark.parametrize(
    ("declared", "column", "loss"),
    [
        ("int64", "float64", "values would be cut"),
        ("int32", "int64", "large values would not fit"),
        ("float64", "int64", "large values would not fit"),
        ("float32", "float64", "values would be rounded"),
        ("string", "int64", "not every value converts without loss"),
        ("string", "list<int64>", "not every value converts without loss"),
        ("string", "<STRUCT(a INTEGER)>", "not every value converts without loss"),
    ],
)
def test_a_type_that_does_not_fit_says_what_would_be_lost(declared, column, loss) -> None:
    (error,) = found({"rating": declared}, {**COLUMNS, "rating": column})

    assert error.code == "FC204"
    assert error.message == (
        f'feature "rating" of view "stats" is declared {declared}, '
        f"but the source column is {spoken(column)}: {loss}"
    )


@pytest.mark.parametrize(
    ("column", "declared"),
    [
        ("int32", "int64"),
        ("int32", "float64"),
        ("float32", "float64"),
        ("date", "timestamp"),
        ("decimal(8,2)", "decimal(10,2)"),
        ("list<int32>", "list<int64>"),
        (TEXT, "decimal(10,2)"),
        (UNTYPED, "string"),
    ],
)
def test_a_type_that_converts_without_loss_fits(column: str, declared: str) -> None:
    assert found({"rating": declared}, {**COLUMNS, "rating": column}) == []


@pytest.mark.parametrize("kind", ["timestamp", "date", "string", TEXT])
def test_timestamps_dates_and_text_are_event_times(kind: str) -> None:
    assert found({"rating": "float64"}, {**COLUMNS, "t": kind}) == []


@pytest.mark.parametrize("kind", ["int64", "float64", "bool", "<TIME>"])
@pytest.mark.parametrize("field", ["event_timestamp", "created_timestamp"])
def test_a_time_column_that_holds_no_times_is_refused(kind: str, field: str) -> None:
    (error,) = found({"rating": "float64"}, {**COLUMNS, "w": kind}, **{field: "w"})

    assert error.code == "FC208"
    assert f'column "w" of source "trips_file" is its {field}' in error.message


def test_a_source_without_its_event_time_is_refused_once() -> None:
    (error,) = found({"rating": "float64"}, event_timestamp="tt")

    assert error.code == "FC205"
    assert error.message == (
        'source "trips_file" has no column "tt", which it names as event_timestamp'
    )


def test_a_static_source_needs_no_time() -> None:
    assert found({"rating": "float64"}, event_timestamp="none") == []


def test_a_renamed_column_is_looked_for_under_the_sources_name() -> None:
    assert found({"stars": "float64"}, columns={"raw": "float64", **COLUMNS}) != []
    fields = {"path": "p", "event_timestamp": "t", "columns": {"raw": "stars", "drv": "driver_id"}}
    view = FeatureView(
        "stats", entities=["driver"], source="s", ttl="1d", features={"stars": "float64"}
    )
    files = repository(DRIVER, FileSource("s", **fields), view)

    assert check_sources(files, {"s": {"raw": "float64", "drv": "int64", "t": "date"}}) == []
    (missing,) = check_sources(files, {"s": {"drv": "int64", "t": "date"}})
    assert missing.message == 'source "s" has no column "raw", which it names under columns'


def test_a_join_key_must_be_there_and_fit() -> None:
    (missing,) = found({"rating": "float64"}, {"t": "date", "rating": "float64"})
    (wrong,) = found({"rating": "float64"}, {**COLUMNS, "driver_id": "float64"})

    assert (missing.code, wrong.code) == ("FC205", "FC204")
    assert missing.message.startswith('join key "driver_id" of view "stats"')
    assert wrong.message.startswith('join key "driver_id" of view "stats" is declared int64')
    assert wrong.help == ("cast the column where the data are written",)


def test_every_error_has_its_place_in_the_files() -> None:
    view = FeatureView(
        "stats",
        entities=["driver"],
        source="s",
        ttl="1d",
        features={"ratng": "float64", "trips": "string"},
    )
    files = repository(DRIVER, FileSource("s", path="p", event_timestamp="no"), view)
    places = {
        ("source", "s", "event_timestamp"): Location("f.yaml", 3, 22),
        ("view", "stats", "features", "ratng"): Location("f.yaml", 9, 7),
        ("view", "stats", "features", "trips", "type"): Location("f.yaml", 10, 14),
    }
    located = Repository("demo", files.entities, files.sources, files.views, {}, places)

    errors = check_sources(located, {"s": COLUMNS})

    assert [(error.code, str(error.location)) for error in errors] == [
        ("FC205", "f.yaml:3:22"),
        ("FC205", "f.yaml:9:7"),
        ("FC204", "f.yaml:10:14"),
    ]


def test_sources_that_were_not_read_are_not_judged() -> None:
    view = FeatureView("v", entities=["driver"], source="s", ttl="1d", features={"x": "bool"})
    files = repository(DRIVER, FileSource("s", path="p", event_timestamp="t"), view)

    assert check_sources(files, {}) == []


def test_an_error_tells_what_the_column_was_when_it_was_applied() -> None:
    source = FileSource("s", path="a.parquet", event_timestamp="t", columns={"raw": "rating"})
    view = FeatureView(
        "v", entities=["driver"], source="s", ttl="1d", features={"rating": "int64", "n": "int64"}
    )
    files = repository(DRIVER, source, view)
    before = {"raw": "int32", "driver_id": "int64", "t": "timestamp", "n": "int64"}
    now = {"raw": "float64", "driver_id": "string", "t": "bool"}

    errors = check_sources(files, {"s": now}, {"s": before})

    assert {
        error.code: error.notes[-1] for error in errors if "driver_id" not in error.message
    } == {
        "FC204": "it was int32 when it was applied",
        "FC205": "it was int64 when it was applied",
        "FC208": "it was timestamp when it was applied",
    }
    (unchanged, *_) = check_sources(files, {"s": now}, {"s": now})
    assert "when it was applied" not in "".join(unchanged.notes)
