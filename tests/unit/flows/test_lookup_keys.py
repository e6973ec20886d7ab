"""Online read: what identifies an entity in a request, over both kinds of store."""

from __future__ import annotations

from datetime import date

import pytest
from served_project import NOON, Project, view

from featurectl.errors import RequestError
from featurectl.wiring.stores import open_online


@pytest.fixture
def project(online_url):
    store = open_online(online_url)
    yield Project(store)
    store.close()


@pytest.fixture
def drivers(project):
    project.publish(view("fv", {"conv": "float64"}))
    project.load("fv", ([1], [0.1], NOON))
    return project


@pytest.mark.parametrize(
    ("given", "reads"), [(1, 0.1), ("1", 0.1), ("-0", None), ("9", None), (2**63 - 1, None)]
)
def test_numeric_strings_are_accepted_for_integer_keys(drivers, given, reads):
    assert drivers.read("fv:conv", keys=[{"driver": given}]).to_dicts() == [{"conv": reads}]


@pytest.mark.parametrize("given", [1.5, 1.0, True, "01", "1.0", " 1", "", "x", b"1", 2**63, [1]])
def test_a_value_that_is_not_of_the_keys_type_is_an_error(drivers, given):
    with pytest.raises(RequestError, match=r'join key "driver": .* is not an int64.*FC311'):
        drivers.read("fv:conv", keys=[{"driver": given}])


def test_a_null_key_is_not_found(drivers):
    found = drivers.read("fv:conv", keys=[{"driver": None}, {"driver": 1}])

    assert found.status == [{"conv": "NOT_FOUND"}, {"conv": "PRESENT"}]


def test_a_missing_join_key_is_an_error_that_names_it(drivers):
    with pytest.raises(RequestError, match=r"FC305") as caught:
        drivers.read("fv:conv", keys=[{"driver": 1}, {"drivr": 2}])

    assert caught.value.message == 'row 2 has no join key "driver", which view "fv" needs'


@pytest.mark.parametrize("row", [5, "driver=1", ["driver"], None])
def test_a_row_that_is_no_mapping_is_an_error(drivers, row):
    with pytest.raises(RequestError, match=r"FC305"):
        drivers.read("fv:conv", keys=[row])


def test_half_of_a_surrogate_pair_is_a_bad_key(project):
    project.publish(view("users", {"spend": "float64"}, keys={"user": "string"}))

    with pytest.raises(RequestError, match=r"no valid text.*FC311"):
        project.read("users", keys=[{"user": "\ud800"}])


def test_composite_keys_are_given_in_any_order(project):
    project.publish(view("fv2", {"v": "int64"}, keys={"driver": "int64", "city": "string"}))
    project.load("fv2", ([1, "a"], [100], NOON), ([1, "b"], [200], NOON))

    found = project.read(
        "fv2:v",
        keys=[{"city": "b", "driver": 1}, {"driver": 1, "city": "a"}, {"driver": 1, "city": "zz"}],
    )

    assert found.to_dicts() == [{"v": 200}, {"v": 100}, {"v": None}]
    with pytest.raises(RequestError, match=r'no join key "city", which view "fv2" needs'):
        project.read("fv2:v", keys=[{"driver": 1}])


@pytest.mark.parametrize(
    ("type_name", "stored", "given"),
    [
        ("string", "", ""),
        ("string", "-", "-"),
        ("string", "a:b,{c}%\0", "a:b,{c}%\0"),
        ("int32", -5, "-5"),
        ("bytes", b"\0\xff", b"\0\xff"),
        ("bytes", b"\0\xff", "AP8="),
        ("bool", True, "true"),
        ("date", date(2024, 2, 29), "2024-02-29"),
    ],
)
def test_keys_of_every_type_find_their_row(project, type_name, stored, given):
    project.publish(view("fv", {"v": "int64"}, keys={"id": type_name}))
    project.load("fv", ([stored], [7], NOON))

    assert project.read("fv:v", keys=[{"id": given}]).to_dicts() == [{"v": 7}]


def test_a_view_without_entity_is_one_row_for_all(project):
    project.publish(view("g", {"rate": "float64"}, keys={}))
    project.load("g", ([], [8.0], NOON))

    assert project.read("g:rate", keys=[{}, {"any": 1}]).to_dicts() == [{"rate": 8.0}] * 2


def test_other_columns_of_the_request_travel_along(drivers):
    rows = [{"driver": "1", "distance_km": 3983.0, "label": None}]

    found = drivers.read("fv:conv", keys=rows)

    assert found.keys == [{"driver": 1, "distance_km": 3983.0, "label": None}]
