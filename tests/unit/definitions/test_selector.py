import pytest

from featurectl.definitions.selector import select_features, select_views
from featurectl.definitions.snapshot import Applied, Snapshot
from featurectl.errors import RequestError


def _view(name: str, features: list[str], **tags: str) -> Applied:
    document = {"name": name, "tags": tags, "features": [{"name": f} for f in features]}
    return Applied("view", name, document, "", 1)


def _service(name: str, *refs: tuple[str, list[str]]) -> Applied:
    document = {"name": name, "features": [{"view": v, "features": f} for v, f in refs]}
    return Applied("service", name, document, "", 1)


SNAPSHOT = Snapshot(
    "p",
    "dev",
    "x",
    1,
    objects={
        (a.kind, a.name): a
        for a in (
            _view("trip_stats", ["km", "fare"], team="eta"),
            _view("driver_stats", ["conv_rate", "trips"], team="eta", tier="gold"),
            _view("rider", ["age"], team="growth"),
            _service("ranking", ("driver_stats", ["trips"]), ("rider", ["age"])),
        )
    },
)


@pytest.mark.parametrize(
    ("selectors", "views"),
    [
        ([], ["driver_stats", "rider", "trip_stats"]),
        (["rider"], ["rider"]),
        (["driver_stats:conv_rate"], ["driver_stats"]),
        (["service:ranking"], ["driver_stats", "rider"]),
        (["service:rank*"], ["driver_stats", "rider"]),
        (["tag:team=eta"], ["driver_stats", "trip_stats"]),
        (["tag:tier"], ["driver_stats"]),
        (["tag:team=g*"], ["rider"]),
        (["*_stats"], ["driver_stats", "trip_stats"]),
        (["*:age"], ["rider"]),
        (["trip_stats", "*_stats", "rider"], ["driver_stats", "rider", "trip_stats"]),
    ],
)
def test_a_selector_names_views(selectors: list[str], views: list[str]) -> None:
    assert select_views(selectors, SNAPSHOT) == views


@pytest.mark.parametrize(
    ("selector", "hint"),
    [
        ("driver_stat", 'did you mean "driver_stats"?'),
        ("driver_stats:conv_rat", 'did you mean "driver_stats:conv_rate"?'),
        ("service:rankin", 'did you mean "ranking"?'),
        ("tag:team=etta", 'did you mean "team=eta"?'),
        ("zzz*", ""),
        ("*:zzz", ""),
        ("", ""),
    ],
)
def test_a_selector_that_matches_nothing_is_an_error_with_the_nearest_name(
    selector: str, hint: str
) -> None:
    with pytest.raises(RequestError) as caught:
        select_views([selector], SNAPSHOT)

    assert caught.value.code == "FC313"
    assert caught.value.caret == hint


def test_the_error_lists_what_there_is() -> None:
    with pytest.raises(RequestError) as caught:
        select_views(["nothing"], SNAPSHOT)

    assert caught.value.notes == ("views: driver_stats, rider, trip_stats",)


def test_features_are_asked_for_in_the_order_given() -> None:
    refs = select_features(["rider", "*_stats:*a*", "service:ranking", "no_such:x"], SNAPSHOT)

    assert refs == [
        "rider",
        "driver_stats:conv_rate",
        "trip_stats:fare",
        "driver_stats:trips",
        "rider:age",
        "no_such:x",
    ]
