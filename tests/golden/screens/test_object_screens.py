from collections.abc import Callable, Sequence

from featurectl.cli.screens.objects import list_document, list_screen, show_screen
from featurectl.definitions.binding import Binding, Generation, Layout
from featurectl.definitions.definition import Definition
from featurectl.definitions.entity import Entity
from featurectl.definitions.service import FeatureService, ViewRef
from featurectl.definitions.snapshot import Applied, Snapshot
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import Feature, FeatureView

Golden = Callable[[str, Sequence[str]], None]

OBJECTS: list[Definition] = [
    Entity("airport", join_keys={"airport": "string"}, description="IATA code"),
    FileSource(
        "weather_hourly",
        path="data/weather/*.parquet",
        event_timestamp="observed_at",
        created_timestamp="written_at",
        columns={"wspd": "wind_speed"},
        owner="met@example.com",
    ),
    FileSource("airports_file", path="data/airports.csv", event_timestamp="none"),
    FeatureView(
        "airport_weather",
        entities=["airport"],
        source="weather_hourly",
        ttl="3h",
        schedule="1h",
        features={
            "visibility": "float64",
            "wind_speed": Feature("float64", description="knots\tof 1.852 km/h"),
        },
        owner="met@example.com",
        tags={"domain": "weather", "tier": "gold"},
        prevent_destroy=True,
    ),
    FeatureView(
        "global_mood", source="airports_file", ttl="none", features={"mood": "string"}, online=False
    ),
    FeatureService(
        "delay_model_v1",
        features=[
            ViewRef("airport_weather", features=["visibility", "wind_speed"]),
            ViewRef(
                "airport_weather",
                alias="dest_weather",
                join_keys={"airport": "dest"},
                features=["visibility"],
            ),
        ],
        full_names=True,
    ),
]
GENERATION = Generation("airport_weather.k3f9", (("airport", "string"),), (Layout(1, ()),))
SNAPSHOT = Snapshot(
    "flights",
    "dev",
    "l",
    3,
    objects={
        (item.kind, item.name): Applied(item.kind, item.name, item.document(), "f", 1 + at % 3)
        for at, item in enumerate(OBJECTS)
    },
    bindings={"airport_weather": Binding("airport_weather", GENERATION)},
)
APPLIED = list(SNAPSHOT.objects.values())


def test_ls_has_a_line_per_object(golden: Golden) -> None:
    golden("ls.txt", list_screen(APPLIED))


def test_show_has_everything_about_one_object(golden: Golden) -> None:
    lines = [line for item in APPLIED for line in [*show_screen(item, SNAPSHOT), ""]]

    golden("show.txt", lines)


def test_the_document_has_the_canonical_definitions() -> None:
    document = list_document(APPLIED[:1], SNAPSHOT)

    assert document == {
        "format": "featurectl.objects/1",
        "env": "dev",
        "serial": 3,
        "objects": [
            {
                "kind": "entity",
                "name": "airport",
                "serial": 1,
                "fingerprint": "f",
                "definition": OBJECTS[0].document(),
            }
        ],
    }
