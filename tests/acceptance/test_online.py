"""The acceptance cases of online reads and materialization, over both online stores.

Times are 2024-01-01 UTC. View ``fv`` (ttl 2h) and ``fv0`` (ttl none) have the same rows: driver 1
at 10:00 .1/10, 12:00 .2/20, 14:00 .3/30; driver 2 at 09:00 .9/90.
"""

from __future__ import annotations

import time

import pytest
from loading import Loading, source, view

from featurectl.client.online_client import OnlineClient
from featurectl.definitions.entity import Entity
from featurectl.errors import RequestError
from featurectl.online.protocol import Rows

DRIVER = Entity("driver", join_keys={"id": "int64"})
FEATURES = {"conv": "float64", "trips": "int64"}
DAY = [(1, "10:00", 0.1, 10), (1, "12:00", 0.2, 20), (1, "14:00", 0.3, 30), (2, "09:00", 0.9, 90)]
X = {"x": "float64"}


@pytest.fixture
def loading(tmp_path, online_url):
    loading = Loading(tmp_path, online_url)
    loading.write("trips.parquet", DAY, FEATURES)
    trips = source("trips")
    loading.apply(
        DRIVER,
        trips,
        view("fv", source="trips", ttl="2h", features=FEATURES),
        view("fv0", source="trips", features=FEATURES),
    )
    yield loading
    loading.close()


def read(loading, view_name, *ids):
    """Values and statuses of the view's features, one pair per id."""
    client = OnlineClient.over(loading.online, loading.project, loading.env)
    found = client.get_online_features(features=[view_name], keys=[{"id": key} for key in ids])
    return list(zip(found.to_dicts(), found.status, strict=True))


def conv(loading, driver):
    ((values, _),) = read(loading, "fv0", driver)
    return values["conv"]


def status_of(loading, view_name, driver):
    ((_, status),) = read(loading, view_name, driver)
    return set(status.values())


def test_16_nothing_materialized_is_not_found(loading):
    ((values, status),) = read(loading, "fv0", 1)
    assert (values["conv"], values["trips"]) == (None, None)
    assert set(status.values()) == {"NOT_FOUND"}


def test_17_materialize_then_continue_then_backfill(loading):
    loading.run("fv0", start="10:00", end="12:00")
    assert conv(loading, 1) == 0.2
    loading.run("fv0", end="14:00")
    assert conv(loading, 1) == 0.3
    loading.run("fv0", start="09:00", end="10:00")
    assert (conv(loading, 1), conv(loading, 2)) == (0.3, 0.9)


def test_18_null_not_found_and_expired(loading):
    loading.write("trips.parquet", [(1, "10:00", None, 10)], FEATURES)
    loading.run("fv0", end="12:00")
    loading.run("fv", end="12:00")
    ((values, status),) = read(loading, "fv0", 1)
    assert (values["conv"], status["conv"], status["trips"]) == (None, "NULL", "PRESENT")
    assert status_of(loading, "fv0", 99) == {"NOT_FOUND"}
    ((values, status),) = read(loading, "fv", 1)
    assert (values["trips"], set(status.values())) == (None, {"EXPIRED"})


def test_20_a_composite_key_in_either_order(loading):
    rows = [(1, "09:00", "a", 100.0), (1, "09:00", "b", 200.0)]
    loading.write("pair.parquet", rows, {"shop": "string", **X})
    shop = Entity("shop", join_keys={"shop": "string"})
    loading.apply(DRIVER, shop, source("pair"), view("pair", entities=["driver", "shop"]))
    loading.run(end="12:00")
    client = OnlineClient.over(loading.online, "demo", "dev")
    keys = [{"id": 1, "shop": "b"}, {"shop": "b", "id": 1}, {"id": 1, "shop": "zz"}]
    found = client.get_online_features(features=["pair:x"], keys=keys)
    assert [row["x"] for row in found.to_dicts()] == [200.0, 200.0, None]
    with pytest.raises(RequestError, match="shop") as error:
        client.get_online_features(features=["pair:x"], keys=[{"id": 1}])
    assert error.value.code == "FC305"


def test_21_a_late_row_is_loaded_where_it_is_the_newest(loading):
    rows = [(1, "10:00", "10:00", 1.0), (2, "12:00", "12:00", 2.0)]
    loading.write("late.parquet", rows, X, created=True)
    loading.apply(DRIVER, source("late", created_timestamp="known"), view("late"))
    loading.run(end="14:00", now="14:00")
    late = [(1, "11:00", "14:30", 1.1), (2, "11:00", "14:30", 1.9)]
    loading.write("late.parquet", [*rows, *late], X, created=True)
    loading.run(end="15:00", now="15:00")
    assert [values["x"] for values, _ in read(loading, "late", 1, 2)] == [1.1, 2.0]


def test_22_projects_of_similar_names_share_a_server(loading, tmp_path, online_url):
    other = Loading(tmp_path, online_url, project="mydemo")
    other.apply(DRIVER, source("trips"), view("fv0", source="trips", features=FEATURES))
    other.run(end="14:00")
    loading.run(end="14:00")
    before = {name: loading.generation(name) for name in ("fv", "fv0")}
    for generation in before.values():
        loading.online.sweep("demo", generation)
    assert conv(loading, 1) is None
    assert conv(other, 1) == 0.3
    assert other.online.count("mydemo", other.generation("fv0")) == 2
    assert other.online.stamp("mydemo", other.generation("fv0")).keys == 2
    other.close()


def test_23_a_key_that_would_soon_expire_has_its_full_expiry_back(loading):
    now_us = time.time_ns() // 1_000
    loading.write("live.parquet", [(1, now_us - 60_000_000, 1.0)], X)
    loading.apply(DRIVER, source("live"), view("live", ttl="2h", lookback="1h"))
    loading.run()
    generation = loading.generation("live")
    ((key, row),) = loading.online.sample("demo", generation, 1)
    loading.online.put(Rows([key], [row], time.time_ns() // 1_000_000 + 300))
    loading.run()
    time.sleep(0.4)
    assert [values["x"] for values, _ in read(loading, "live", 1)] == [1.0]
