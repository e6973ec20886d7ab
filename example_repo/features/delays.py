"""Recent delays of a carrier and of an aircraft: the language of the YAML files, in Python."""

from featurectl import Feature, FeatureService, FeatureView, FileSource

# What left during a day in New York is known when the day ends, but the report on it is out at
# nine the next morning: that is the created time.
carrier_days = FileSource(
    "carrier_days",
    description="Departures from New York per carrier and day.",
    path="data/carrier_days.parquet",
    event_timestamp="day_ended_at",
    created_timestamp="reported_at",
)

carrier_delays = FeatureView(
    "carrier_delays",
    description="How a carrier did on the last day that its report covers.",
    entities=["carrier"],
    source=carrier_days,
    ttl="3d",
    schedule="1d",
    # A departure at 08:00 can't use last night's figures: nobody has them before nine.
    known_at=True,
    # An old report is better than none; its status says EXPIRED all the same.
    on_stale="serve",
    features={
        "departures": Feature("int32", description="flights that left the gate that day"),
        "mean_departure_delay": Feature("float64", description="minutes; early ones count below 0"),
        "late_share": Feature("float64", description="share that left more than 15 minutes late"),
    },
)

# An arrival is assumed to be in the books a quarter of an hour later.
aircraft_flights = FileSource(
    "aircraft_flights",
    description="Arrivals of flights from New York, wherever they went.",
    path="data/aircraft_flights.parquet",
    event_timestamp="arrived_at",
    created_timestamp="reported_at",
    columns={"dest": "flew_to"},
)

aircraft_last_flight = FeatureView(
    "aircraft_last_flight",
    description="The aircraft's last flight out of New York that has arrived.",
    entities=["aircraft"],
    source=aircraft_flights,
    ttl="none",  # a model that cares how long ago that was reads `arrived_at`
    features={
        "arrived_at": "timestamp",
        "flew_to": Feature("string", description="airport where it landed"),
        "departure_delay": Feature("int32", description="minutes"),
        "arrival_delay": Feature("int32", description="minutes; early ones count below 0"),
        "air_time": Feature("int32", description="minutes"),
    },
)

# A service is what one model reads. This small one needs no weather.
turnaround_v1 = FeatureService(
    "turnaround_v1",
    description="Does a late aircraft leave late again? Knows the aircraft and its carrier only.",
    owner="turnaround@example.com",
    features=[
        "aircraft_last_flight:arrival_delay",
        "aircraft_last_flight:arrived_at",
        "carrier_delays:late_share",
    ],
)
