"""Online read: what each value and each status means, over both kinds of store."""

from __future__ import annotations

import pytest
from served_project import HOUR, NOON, Project, view

from featurectl.definitions.manifest import ServedService
from featurectl.definitions.service import ViewRef
from featurectl.errors import RequestError
from featurectl.online.codec import tombstone
from featurectl.online.keys import row_key
from featurectl.online.protocol import Rows
from featurectl.wiring.stores import open_online

TTL = 2 * HOUR


@pytest.fixture
def project(online_url):
    store = open_online(online_url)
    yield Project(store)
    store.close()


@pytest.fixture
def drivers(project):
    """View fv (ttl 2h): driver 1 and 2 now, driver 3 with a null, driver 4 stale."""
    project.publish(view("fv", {"conv": "float64", "trips": "int64"}, ttl_us=TTL))
    project.load(
        "fv",
        ([1], [0.1, 10], NOON),
        ([2], [0.2, 20], NOON - HOUR),
        ([3], [0.3, None], NOON),
        ([4], [0.4, 40], NOON - TTL - 1),
    )
    return project


def driver(*ids):
    return [{"driver": number} for number in ids]


def test_values_come_in_the_order_of_the_request_duplicates_included(drivers):
    found = drivers.read("fv:conv", keys=driver(2, 1, 9, 2))

    assert found.to_dicts() == [{"conv": 0.2}, {"conv": 0.1}, {"conv": None}, {"conv": 0.2}]


def test_features_come_in_the_order_of_the_request(drivers):
    assert drivers.read("fv:trips", "fv:conv", keys=driver(1)).names == ["trips", "conv"]
    assert drivers.read("fv", keys=driver(1)).to_dicts() == [{"conv": 0.1, "trips": 10}]


def test_nothing_materialized_is_not_found(project):
    project.publish(view("fv", {"conv": "float64"}))

    found = project.read("fv:conv", keys=driver(1))

    assert found.to_dicts() == [{"conv": None}]
    assert found.status == [{"conv": "NOT_FOUND"}]


def test_each_value_has_a_status(drivers):
    found = drivers.read("fv", keys=driver(1, 3, 9, 4))

    assert found.status == [
        {"conv": "PRESENT", "trips": "PRESENT"},
        {"conv": "PRESENT", "trips": "NULL"},
        {"conv": "NOT_FOUND", "trips": "NOT_FOUND"},
        {"conv": "EXPIRED", "trips": "EXPIRED"},
    ]


def test_an_expired_value_is_returned_as_null(drivers):
    assert drivers.read("fv", keys=driver(4)).to_dicts() == [{"conv": None, "trips": None}]


def test_the_edge_of_the_ttl_is_inclusive(drivers):
    edge = NOON + TTL

    assert drivers.read("fv:conv", keys=driver(1), now_us=edge).status == [{"conv": "PRESENT"}]
    assert drivers.read("fv:conv", keys=driver(1), now_us=edge + 1).status == [{"conv": "EXPIRED"}]


def test_without_a_ttl_values_never_expire(project):
    project.publish(view("fv", {"conv": "float64"}))
    project.load("fv", ([1], [0.5], -(10**15)))

    assert project.read("fv:conv", keys=driver(1)).status == [{"conv": "PRESENT"}]


def test_event_times_and_ages_can_be_asked_for(drivers):
    found = drivers.read("fv:conv", keys=driver(2, 4, 9))

    times = [row["conv"] for row in found.event_timestamps]
    assert [None if time is None else time.isoformat() for time in times] == [
        "2024-01-01T11:00:00+00:00",
        "2024-01-01T09:59:59.999999+00:00",
        None,
    ]
    assert [row["conv"] for row in found.ages] == [3600.0, 7200.000001, None]


@pytest.mark.parametrize(
    ("on_stale", "values"),
    [
        ("hide", {"conv": None, "trips": None}),
        ("serve", {"conv": 0.4, "trips": None}),
        ("default", {"conv": 9.5, "trips": None}),
    ],
)
def test_a_stale_value_is_read_as_the_view_says(project, on_stale, values):
    features = {"conv": "float64", "trips": "int64"}
    project.publish(view("fv", features, ttl_us=TTL, on_stale=on_stale, defaults={"conv": 9.5}))
    project.load("fv", ([4], [0.4, None], NOON - TTL - 1))

    found = project.read("fv", keys=driver(4))

    assert found.to_dicts() == [values]
    assert found.status == [{"conv": "EXPIRED", "trips": "EXPIRED"}]


def test_a_stale_value_of_a_view_that_must_fail_is_an_error_that_names_it(project):
    project.publish(view("fv", {"conv": "float64"}, ttl_us=TTL, on_stale="fail"))
    project.load("fv", ([1], [0.1], NOON), ([4], [0.4], NOON - TTL - 1))

    assert project.read("fv", keys=driver(1, 9)).to_dicts() == [{"conv": 0.1}, {"conv": None}]
    with pytest.raises(RequestError, match=r'view "fv" has a stale value for 4.*FC317'):
        project.read("fv", keys=driver(1, 4))


def test_static_rows_never_expire_and_have_no_event_time(project):
    project.publish(view("airports", {"lat": "float64"}, keys={"id": "string"}, is_static=True))
    project.load("airports", (["JFK"], [40.6], 0))

    found = project.read("airports:lat", keys=[{"id": "JFK"}])

    assert found.status == [{"lat": "PRESENT"}]
    assert found.event_timestamps == [{"lat": None}]
    assert found.ages == [{"lat": None}]


def test_a_tombstone_is_not_found(drivers):
    served = drivers.manifest.views["fv"].generation
    key = row_key("demo", served.id, served.join_keys, (1,))
    drivers.store.put(Rows([key], [tombstone(served.layout, NOON + 1)]))

    found = drivers.read("fv", keys=driver(1))

    assert found.status == [{"conv": "NOT_FOUND", "trips": "NOT_FOUND"}]
    assert found.event_timestamps == [{"conv": None, "trips": None}]


def test_a_request_for_no_entities_answers_no_rows(drivers):
    assert drivers.read("fv:conv", keys=[]).to_dicts() == []


def test_one_view_is_read_twice_under_aliases_with_other_keys(project):
    project.publish(view("fv", {"temp": "int64"}))
    project.load("fv", ([1], [11], NOON), ([2], [22], NOON))
    origin, dest = (
        ViewRef("fv", alias=name, join_keys={"driver": f"{name}_id"}) for name in ("origin", "dest")
    )

    found = project.read(origin, dest, keys=[{"origin_id": 1, "dest_id": 2}], full_names=True)

    assert found.to_dicts() == [{"origin__temp": 11, "dest__temp": 22}]
    with pytest.raises(RequestError, match=r"origin:temp and dest:temp.*FC303"):
        project.read(origin, dest, keys=[{"origin_id": 1, "dest_id": 2}])
    with pytest.raises(RequestError, match=r'no join key "dest_id", which view "dest" needs'):
        project.read(origin, dest, keys=[{"origin_id": 1}], full_names=True)


def test_several_views_are_read_together_in_the_order_asked_for(drivers):
    drivers.publish(view("g", {"rate": "float64"}, keys={}), view("fv0", {"other": "string"}))
    drivers.load("g", ([], [8.0], NOON))
    drivers.load("fv0", ([1], ["x"], NOON - HOUR))

    found = drivers.read("fv:trips", "fv0:other", "g:rate", "fv:conv", keys=driver(1, 2))

    assert [list(row.items()) for row in found.to_dicts()] == [
        [("trips", 10), ("other", "x"), ("rate", 8.0), ("conv", 0.1)],
        [("trips", 20), ("other", None), ("rate", 8.0), ("conv", 0.2)],
    ]
    assert found.status[1]["other"] == "NOT_FOUND"
    assert found.ages[0] == {"trips": 0.0, "other": 3600.0, "rate": 0.0, "conv": 0.0}


def test_a_service_gives_its_columns(drivers):
    features = (
        {"view": "fv", "as": None, "join_keys": {}, "features": ["trips"]},
        {"view": "fv", "as": "other", "join_keys": {"driver": "other_id"}, "features": ["trips"]},
    )
    drivers.publish(services=[ServedService("ranking", features, full_names=True)])

    found = drivers.read(service="ranking", keys=[{"driver": 1, "other_id": "2"}])

    assert found.to_dicts() == [{"fv__trips": 10, "other__trips": 20}]


@pytest.mark.parametrize(
    ("features", "service", "code", "text"),
    [
        (["fvv:conv"], None, "FC301", 'did you mean "fv"?'),
        (["fv:comv"], None, "FC302", 'did you mean "conv"?'),
        (["fv:conv:x"], None, "FC302", "write view:feature"),
        ([], "rankin", "FC309", 'did you mean "ranking"?'),
        ([], None, "FC316", "no features were asked for"),
        (["fv"], "ranking", "FC316", "features and a service"),
    ],
)
def test_what_does_not_exist_is_named_with_the_nearest_name(drivers, features, service, code, text):
    drivers.publish(services=[ServedService("ranking", (), full_names=False)])

    with pytest.raises(RequestError) as caught:
        drivers.read(*features, service=service, keys=driver(1))

    assert caught.value.code == code
    assert text in caught.value.render()
