"""Made-up statistics of five drivers, one row per driver and hour of the last fifteen days."""

from __future__ import annotations

import csv
import random
from datetime import timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

DRIVERS = range(1001, 1006)
HOURS = 15 * 24
HOUR = timedelta(hours=1)

SCHEMA = pa.schema(
    {
        "driver_id": pa.int64(),
        "event_timestamp": pa.timestamp("us", tz="UTC"),
        "conv_rate": pa.float64(),
        "acc_rate": pa.float64(),
        "trips_today": pa.int64(),
        "rating": pa.float64(),
    }
)


def write(folder: Path, now: datetime, seed: int = 7) -> list[str]:
    """Write the data whose newest rows are of the last full hour before ``now``."""
    newest = now.replace(minute=0, second=0, microsecond=0)
    rows = [
        row
        for driver in DRIVERS
        for row in driver_rows(random.Random(f"{seed} {driver}"), driver, newest)
    ]
    rows.sort(key=lambda row: (row["event_timestamp"], row["driver_id"]))
    (folder / "data").mkdir(parents=True, exist_ok=True)
    pq.write_table(
        pa.Table.from_pylist(rows, SCHEMA), folder / "data/driver_stats.parquet", compression="zstd"
    )
    write_entities(folder / "entities.csv", now)
    return [
        f"data/driver_stats.parquet  {len(rows):,} rows of sample data",
        f"entities.csv  {len(DRIVERS)} rows to join",
    ]


def driver_rows(rng: random.Random, driver: int, newest: datetime) -> list[dict[str, object]]:
    """One driver's rows, oldest first; a busy driver converts more and has more trips."""
    skill, trips, rows = 0.3 + 0.4 * rng.random(), 0, []
    for back in reversed(range(HOURS)):
        at = newest - back * HOUR
        trips = 0 if at.hour == 0 else trips + int(rng.random() * 4 * skill)
        rows.append(
            {
                "driver_id": driver,
                "event_timestamp": at,
                "conv_rate": round(skill + 0.2 * (rng.random() - 0.5), 3),
                "acc_rate": round(min(1.0, skill + 0.3 * rng.random()), 3),
                "trips_today": trips,
                "rating": round(4 + skill + 0.2 * rng.random(), 2),
            }
        )
    return rows


def write_entities(path: Path, now: datetime) -> None:
    """An offer to each driver during the last hours, and whether it became a trip."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["driver_id", "event_timestamp", "became_trip"])
        for number, driver in enumerate(DRIVERS):
            at = (now - number * 100 * timedelta(minutes=1)).replace(microsecond=0)
            out.writerow([driver, at.isoformat().replace("+00:00", "Z"), number % 2])
