from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from decimal import Decimal

from featurectl.cli.paint import strip
from featurectl.cli.screens.online import online_footer, online_screen
from featurectl.definitions.instant import parse_instant
from featurectl.flows.vectors import Found, OnlineFeatures, OutputColumn

Golden = Callable[[str, Sequence[str]], None]
NOW = parse_instant("2026-11-23T05:06:00Z")
AT = parse_instant("2026-11-23T05:00:00Z")

ONE_VIEW = OnlineFeatures(
    (OutputColumn("conv_rate", "float64", 0, 0), OutputColumn("trips_today", "int64", 0, 1)),
    {"driver_id": "int64"},
    [{"driver_id": "1001"}, {"driver_id": 1002}, {"driver_id": "9999"}, {"driver_id": "7"}],
    [
        [
            Found("PRESENT", (0.412, 17), AT),
            Found("PRESENT", (0.1 + 0.2, None), AT),
            Found("NOT_FOUND", (None, None), None),
            Found("EXPIRED", (None, None), AT - 200_000_000_000),
        ]
    ],
    NOW,
)
TYPES = {
    "flag": ("bool", True),
    "small": ("float32", 0.10000000149011612),
    "price": ("decimal(10,2)", Decimal("12.50")),
    "seen_at": ("timestamp", datetime(2024, 1, 1, tzinfo=timezone.utc)),
    "blob": ("bytes", b"\x00\xff"),
    "names": ("list<string>", ["a", "b"]),
    "nothing": ("list<int64>", []),
    "nan": ("float64", float("nan")),
    "text": ("string", ""),
    "wide": ("string", "東京 \x1b[31m"),
}
TWO_VIEWS = OnlineFeatures(
    (
        *(OutputColumn(name, kind, 0, at) for at, (name, (kind, _)) in enumerate(TYPES.items())),
        OutputColumn("dest_weather__visibility", "float64", 1, 0),
    ),
    {"airport": "string"},
    [{"airport": "JFK", "dest": "LAX"}, {"airport": "", "dest": " a\u202e"}],
    [
        [
            Found("PRESENT", tuple(value for _, value in TYPES.values()), AT),
            Found("NOT_FOUND", (None,) * len(TYPES), None),
        ],
        [Found("EXPIRED", (None,), AT - 10_000_000_000), Found("PRESENT", (None,), None)],
    ],
    NOW,
)


def test_rows_of_one_view_have_one_status_each(golden: Golden) -> None:
    lines = online_screen(ONE_VIEW, meta=True, columns=None)

    golden("online_meta.txt", [*lines, online_footer(ONE_VIEW, 0.0006)])


def test_rows_of_several_views_show_a_status_per_value(golden: Golden) -> None:
    lines = online_screen(TWO_VIEWS, meta=True, columns=None)

    golden("online_blocks.txt", [*lines, online_footer(TWO_VIEWS, 0.0123)])


def test_what_does_not_fit_the_terminal_is_shown_below_each_other() -> None:
    wide = online_screen(TWO_VIEWS, meta=False, columns=None)
    narrow = online_screen(TWO_VIEWS, meta=False, columns=100)

    assert len(wide) == 3
    assert strip(narrow[0]) == "airport=JFK dest=LAX"
    assert max(len(strip(line)) for line in narrow) <= 100


def test_a_view_without_keys_has_a_row_too() -> None:
    vectors = OnlineFeatures(
        (OutputColumn("mood", "string", 0, 0),), {}, [{}], [[Found("PRESENT", ("up",), None)]], NOW
    )

    assert [strip(line) for line in online_screen(vectors, meta=True, columns=10)] == [
        "(no key)",
        "  feature  value  status   age",
        "  mood     up     PRESENT  -",
    ]
