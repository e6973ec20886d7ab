"""Plans with each kind of change, as screens and comments are shown them."""

from __future__ import annotations

from featurectl.plan.impact import Impact
from featurectl.plan.plan import Change, FieldChange, Plan

GIT = "9c01d3e4a5b6c7d8"


def _created(kind: str, name: str, rows: int | None = None, **fields: object) -> Change:
    changes = tuple(
        FieldChange(path.replace("__", "."), None, value) for path, value in fields.items()
    )
    return Change(kind, name, "create", "additive", changes, impact=Impact(rows=rows))


FIRST = Plan(
    "fraud",
    "dev",
    "l",
    0,
    "d",
    git=GIT,
    changes=(
        _created("entity", "driver", join_keys=["driver_id: int64"]),
        _created(
            "source",
            "driver_stats_file",
            rows=1807,
            event_timestamp="event_timestamp",
            path="data/driver_stats.parquet",
        ),
        _created("source", "airports", event_timestamp="none", path="data/airports.csv"),
        _created(
            "view",
            "driver_stats",
            owner="eta@example.com",
            source="driver_stats_file",
            ttl="1d",
            online=True,
            features__conv_rate="float64",
            features__acc_rate="float64",
            features__conv_rate__description="not shown on its own",
            features__trips_today="int64",
        ),
        Change(
            "service",
            "ranking_v1",
            "create",
            "additive",
            tuple(
                FieldChange(f"features.driver_stats:{name}", None, f"driver_stats:{name}")
                for name in ("conv_rate", "trips_today")
            ),
        ),
        Change(
            "service",
            "ranking_v2",
            "create",
            "additive",
            tuple(FieldChange(f"features.driver_stats:f{n}", None, "x") for n in range(12)),
        ),
    ),
)

DRIVER = Change(
    "view",
    "driver_stats",
    "update",
    "additive",
    (
        FieldChange("ttl", "1d", "2d", "additive"),
        FieldChange(
            "features.tips_avg", None, "float64", "additive", "", "features/driver.yaml", 31
        ),
        FieldChange("description", "a", "one\ntwo", "metadata"),
        FieldChange("tags.team", None, "eta", "metadata"),
    ),
)
TRIPS = Change(
    "view",
    "trip_stats",
    "rebuild",
    "breaking",
    (
        FieldChange(
            "features.avg_fare.type",
            "float64",
            "decimal(10,2)",
            "breaking",
            "forces rebuild",
            "features/trips.yaml",
            14,
        ),
        FieldChange("features.km", "int32", None, "narrowing"),
        FieldChange("features.minutes.name", "mins", "minutes", "rename"),
    ),
    consumers=("pricing_v2", "eta_v1"),
)
RIDER = Change(
    "view",
    "rider",
    "rename",
    "rename",
    (FieldChange("name", "rider_profile", "rider", "rename"),),
    consumers=("eta_v1",),
    old_name="rider_profile",
)
LEGACY = Change(
    "view",
    "legacy_scores",
    "destroy",
    "destroy",
    (FieldChange("features.score", "float64", None),),
    reason="removed from features/legacy.yaml",
    is_protected=True,
)
MODEL = Change(
    "service",
    "eta_v1",
    "update",
    "additive",
    (
        FieldChange(
            "features.rider:tips", None, "rider:tips", "additive", "", "features/eta.py", 3
        ),
        FieldChange("features.rider:age", "rider_profile:age", "rider:age", "rename"),
        FieldChange("features.rider:city", "rider_profile:city", "rider:city", "rename"),
        FieldChange("description", "", "Estimated time of arrival", "metadata"),
    ),
)
UPDATE = Plan(
    "fraud", "prod", "l", 41, "d", (DRIVER, TRIPS, RIDER, MODEL, LEGACY), git=f"{GIT}+dirty"
)
FEATURES = {
    "driver_stats": {"conv_rate": "float64", "trips": "int64", "acc": "float64", "tips_avg": "x"},
    "trip_stats": {"avg_fare": "x", "minutes": "x"},
}
