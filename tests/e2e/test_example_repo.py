from __future__ import annotations

from dataclasses import replace
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from featurectl.definitions.view import FeatureView
from featurectl.flows.historical import HistoricalRequest, get_historical
from featurectl.flows.request import requested_columns
from featurectl.flows.templates import example_folder
from featurectl.offline.duckdb import DuckDBEngine
from featurectl.offline.read_frame import read_frame
from featurectl.plan.fit import check_sources
from featurectl.repo.config import load_config
from featurectl.repo.load import load_repository

DATA = example_folder() / "data"
DEPARTURES = 328_521
FIGURES = {  # what becomes of the departures in each view: matched, expired, no row
    "origin_weather": (327_756, 765, 0),
    "origin_airport": (328_521, 0, 0),
    "dest_airport": (320_960, 0, 7_561),
    "carrier_delays": (327_392, 9, 1_120),
    "aircraft_last_flight": (324_470, 0, 4_051),
    "aircraft_facts": (279_971, 0, 48_550),
}


@pytest.fixture(scope="module")
def repository():
    return load_repository(load_config(example_folder()))


@pytest.fixture(scope="module")
def engine():
    return DuckDBEngine(example_folder(), None, None)


@pytest.fixture(scope="module")
def join(repository, engine):
    """Join departures with a service or features; the result is the training set."""

    def joined(
        repository=repository, *, service=None, features=None, entities="departures.parquet"
    ):
        columns = requested_columns(repository, features, service, full_names=False)
        frame = read_frame(DATA / entities)
        return get_historical(HistoricalRequest(columns), repository, engine, frame)

    return joined


@pytest.fixture(scope="module")
def delays(join):
    """All departures with all features."""
    return join(service="delay_model_v1")


@pytest.fixture(scope="module")
def views(delays):
    return {view.label: view for view in delays.report.views}


@cache
def readme() -> str:
    return (example_folder() / "README.md").read_text("utf-8")


def with_view(repository, name: str, **changes: object):
    changed = FeatureView(**{**repository.views[name].model_dump(), **changes})
    return replace(repository, views={**repository.views, name: changed})


def test_every_definition_says_what_it_is_and_whose(repository):
    assert [item.name for item in repository.objects() if not item.description] == []
    assert [item.name for item in repository.objects() if not item.owner] == []


def test_every_source_fits_its_views(repository, engine):
    columns = {name: engine.schema(source).columns for name, source in repository.sources.items()}
    assert check_sources(repository, columns) == []


def test_data_take_less_than_twelve_megabytes():
    assert sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file()) < 12_000_000


def test_all_times_are_utc_in_microseconds_and_no_index_was_written():
    for path in DATA.rglob("*.parquet"):
        schema = pq.read_schema(path)
        times = [field.type for field in schema if pa.types.is_timestamp(field.type)]
        assert set(times) <= {pa.timestamp("us", tz="UTC")}, path
        assert b"pandas" not in (schema.metadata or {}), path


def test_an_airport_has_one_row_of_weather_per_hour():
    weather = ds.dataset(DATA / "weather").to_table()
    assert weather.num_rows == 26_115
    assert weather.group_by(["origin", "observed_at"]).aggregate([]).num_rows == 26_115


def test_weather_has_null_where_nothing_was_measured():
    weather = ds.dataset(DATA / "weather").to_table()
    assert weather["wind_gust"].null_count == 20_778
    assert pc.max(weather["wind_speed"]).as_py() < 100
    assert not pc.any(pc.is_nan(weather["pressure"])).as_py()


def test_decision_is_an_hour_before_the_scheduled_departure():
    departures = pq.read_table(DATA / "departures.parquet")
    ahead = pc.subtract(departures["scheduled_departure"], departures["event_timestamp"])
    assert pc.unique(pc.cast(ahead, pa.int64())).to_pylist() == [3_600_000_000]


def test_every_departure_comes_out_once_in_order_with_its_label(delays):
    departures = pq.read_table(DATA / "departures.parquet")
    rows = delays.to_arrow()
    assert rows.num_rows == DEPARTURES
    assert rows.select(departures.column_names).equals(departures)
    assert pc.sum(rows["late"]).as_py() == 70_774


@pytest.mark.parametrize("label", FIGURES)
def test_departures_match_as_the_readme_says(views, label):
    view = views[label]
    assert (view.matched, view.expired, view.no_row) == FIGURES[label]
    assert f"{view.matched:,}" in readme() or view.matched == DEPARTURES


def test_weather_of_the_last_day_is_expired(delays):
    rows = delays.to_arrow()
    missing = rows.filter(pc.is_null(rows["origin_weather__visibility"]))
    assert str(pc.min(missing["event_timestamp"]).as_py()) > "2013-12-31"


def test_tighter_ttl_of_the_weather_leaves_gaps_without_it(repository, join):
    hourly = with_view(repository, "airport_weather", ttl="1h")
    [view] = join(hourly, service="delay_model_v1").report.views[:1]
    assert FIGURES["origin_weather"][0] - view.matched == 397
    assert "397" in readme()


def test_carrier_figures_are_used_only_once_they_are_reported(views, repository, join):
    assert views["carrier_delays"].known_at == "on"
    assert views["carrier_delays"].created_later == 0
    careless = with_view(repository, "carrier_delays", known_at=False)
    [view] = join(careless, features=["carrier_delays:late_share"]).report.views
    assert view.created_later == 96_559
    assert "96,559" in readme()


def test_no_aircraft_has_landed_after_the_decision(delays, views):
    rows = delays.to_arrow()
    later = pc.greater(rows["aircraft_last_flight__arrived_at"], rows["event_timestamp"])
    assert not pc.any(later).as_py()
    assert views["aircraft_last_flight"].created_later == 376


def test_one_aircraft_that_landed_twice_at_once_is_reported(views):
    assert views["aircraft_last_flight"].ties == 1


def test_sample_gives_the_values_of_the_whole(delays, join):
    sample = join(service="delay_model_v1", entities="departures_sample.csv").to_arrow()
    whole = delays.to_arrow()
    names = whole.column_names[9:]
    last = DEPARTURES - 1
    rows = whole.take([last * step // 19 for step in range(20)])
    assert sample.select(names).to_pylist() == rows.select(names).to_pylist()


def test_delays_say_something_about_the_next_departure(delays):
    rows = delays.to_arrow()
    known = pc.less(
        pc.subtract(rows["event_timestamp"], rows["aircraft_last_flight__arrived_at"]),
        pa.scalar(6 * 3_600_000_000, pa.duration("us")),
    )
    delayed = pc.greater(rows["aircraft_last_flight__arrival_delay"], 60)
    after_delay = rows.filter(pc.and_(known, delayed))
    assert pc.mean(after_delay["late"]).as_py() > 0.7
    assert pc.mean(rows["late"]).as_py() == pytest.approx(0.215, abs=0.001)
