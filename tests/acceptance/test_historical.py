"""The acceptance cases of historical retrieval; all times are of 1 January 2024 UTC.

View ``fv`` has a TTL of two hours, ``fv0`` the same rows and none. Driver 1: 10:00 .1/10, 12:00
.2/20, 14:00 .3/30; driver 2: 09:00 .9/90.
"""

from __future__ import annotations

import pyarrow as pa
import pytest
from joining import Joining, frame, times, us

from featurectl.definitions.service import ViewRef
from featurectl.errors import FeaturectlError

NY = pa.timestamp("us", "America/New_York")
FORMS_OF_NOON = {
    "naive": times("12:00", kind=pa.timestamp("us")),
    "another zone": times("12:00", kind=NY),
    "text": pa.array(["2024-01-01T12:00:00Z"]),
    "text of another zone": pa.array(["2024-01-01 07:00-05:00"]),
    "seconds": times("12:00", kind=pa.timestamp("s", "UTC")),
    "milliseconds": times("12:00", kind=pa.timestamp("ms")),
    "nanoseconds": times("12:00", kind=pa.timestamp("ns", "UTC")),
}


@pytest.fixture
def drivers(tmp_path) -> Joining:
    joining = Joining(tmp_path)
    joining.entity("driver", driver="int64")
    columns = {
        "driver": [1, 1, 1, 2],
        "ts": times("10:00", "12:00", "14:00", "09:00"),
        "conv": [0.1, 0.2, 0.3, 0.9],
        "trips": [10, 20, 30, 90],
    }
    joining.source("rows", columns)
    features = {"conv": "float64", "trips": "int64"}
    joining.view("fv", ["driver"], features, source="rows", ttl="2h")
    joining.view("fv0", ["driver"], features, source="rows", ttl="none")
    return joining


CASES = {
    "1 newest at or before": ("fv", [
        (1, "13:00", 0.2), (1, "12:00", 0.2), (1, "11:59:59.999999", 0.1), (2, "10:00", 0.9),
    ]),
    "2 edge of the ttl": ("fv", [(1, "16:00:00", 0.3), (1, "16:00:00.000001", None)]),
    "3 expired rows stay": ("fv", [
        (1, "13:00", 0.2), (1, "2024-01-02T00:00Z", None), (2, "2024-01-03T00:00Z", None),
    ]),
    "4 without ttl": ("fv0", [
        (1, "2030-01-01T00:00Z", 0.3), (1, "2023-01-01T00:00Z", None), (99, "12:00", None),
    ]),
    "12 input order": ("fv0", [(2, "10:00", 0.9), (1, "14:00", 0.3), (1, "11:00", 0.1)]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_value_is_the_newest_within_its_ttl(drivers, case):
    view, rows = CASES[case]
    found = drivers.join(frame("driver", *[row[:2] for row in rows]), f"{view}:conv").to_arrow()
    assert found["conv"].to_pylist() == [row[2] for row in rows]


def created(tmp_path, *rows: tuple[str, str | None, int | None]) -> Joining:
    joining = Joining(tmp_path)
    joining.entity("driver", driver="int64")
    event, written, n = zip(*rows, strict=True)
    columns = {"driver": [1] * len(rows), "ts": times(*event), "w": times(*written), "n": list(n)}
    joining.source("v", columns, created_timestamp="w")
    joining.view("v", ["driver"], {"n": "int64"})
    return joining


def test_case_5_backfilled_value_is_used_and_reported_unless_cut_off(tmp_path):
    joining = created(tmp_path, ("10:00", "10:05", 1), ("10:00", "11:00", 2))
    rows = frame("driver", (1, "12:00"), (1, "11:00"), (1, "10:30"))
    plain = joining.join(rows, "v:n")
    assert plain.to_arrow()["n"].to_pylist() == [2, 2, 2]
    assert plain.report.views[0].created_later == 1
    known = joining.join(rows, "v:n", known_at=True)
    assert known.to_arrow()["n"].to_pylist() == [2, 2, 1]
    assert known.report.views[0].created_later == 0


def test_case_6_event_time_decides_before_created_time(tmp_path):
    joining = created(tmp_path, ("10:00", "20:00", 1), ("11:00", "11:00", 2))
    assert joining.join(frame("driver", (1, "12:00")), "v:n").to_arrow()["n"].to_pylist() == [2]


def test_case_7_null_of_the_winner_stays_null(tmp_path):
    joining = created(tmp_path, ("10:00", None, 5), ("11:00", None, None))
    assert joining.join(frame("driver", (1, "12:00")), "v:n").to_arrow()["n"].to_pylist() == [None]


def test_case_8_view_without_entity_has_one_value_for_all(tmp_path):
    joining = Joining(tmp_path)
    joining.source("g", {"ts": times("08:00", "11:00"), "x": [7, 8]})
    joining.view("g", [], {"x": "int64"})
    found = joining.join(frame("driver", (1, "12:00"), (2, "09:00")), "g:x").to_arrow()
    assert found["x"].to_pylist() == [8, 7]


@pytest.fixture
def pairs(tmp_path) -> Joining:
    joining = Joining(tmp_path)
    joining.entity("user", user="int64")
    joining.entity("item", item="string")
    columns = {"user": [1, 1], "item": ["a", "b"], "ts": times("09:00", "09:00"), "x": [100, 200]}
    joining.source("p", columns)
    joining.view("p", ["user", "item"], {"x": "int64"})
    return joining


def test_case_9_all_join_keys_must_be_equal(pairs):
    rows = frame("user", (1, "10:00"), (1, "10:00"), (1, "10:00"), item=["a", "b", "zz"])
    assert pairs.join(rows, "p:x").to_arrow()["x"].to_pylist() == [100, 200, None]


def test_case_9_missing_join_key_is_named(pairs):
    with pytest.raises(FeaturectlError, match='no column "item", a join key of view p') as error:
        pairs.join(frame("user", (1, "10:00")), "p:x")
    assert error.value.code == "FC305"


@pytest.fixture
def cities(tmp_path) -> Joining:
    joining = Joining(tmp_path)
    joining.entity("city", city="int64")
    joining.source("w", {"city": [1, 2], "ts": times("09:00", "09:00"), "temp": [11, 22]})
    joining.view("w", ["city"], {"temp": "int64"})
    refs = [
        ViewRef("w", alias="origin", join_keys={"city": "origin_id"}),
        ViewRef("w", alias="dest", join_keys={"city": "dest_id"}),
    ]
    joining.service("full", *refs, full_names=True)
    joining.service("short", *refs)
    return joining


def test_case_10_view_is_joined_twice_under_aliases(cities):
    rows = frame("origin_id", (1, "10:00"), dest_id=[2])
    found = cities.join(rows, service="full").to_arrow()
    assert found.column_names == [
        "origin_id", "event_timestamp", "dest_id", "origin__temp", "dest__temp"
    ]  # fmt: skip
    assert (found["origin__temp"].to_pylist(), found["dest__temp"].to_pylist()) == ([11], [22])


def test_case_10_aliases_without_full_names_are_refused(cities):
    with pytest.raises(FeaturectlError, match="origin:temp and dest:temp both give"):
        cities.join(frame("origin_id", (1, "10:00"), dest_id=[2]), service="short")


def test_case_11_two_columns_of_one_name_need_full_names(drivers):
    rows = frame("driver", (1, "12:00"))
    with pytest.raises(FeaturectlError, match="fv:conv and fv0:conv both give") as error:
        drivers.join(rows, "fv:conv", "fv0:conv")
    assert error.value.code == "FC303"
    found = drivers.join(rows, "fv:conv", "fv0:conv", full_names=True).to_arrow()
    assert found.column_names[2:] == ["fv__conv", "fv0__conv"]
    assert found.to_pylist()[0]["fv__conv"] == found.to_pylist()[0]["fv0__conv"] == 0.2


def test_case_12_identical_rows_keep_their_labels(drivers):
    rows = frame("driver", (1, "12:00"), (1, "12:00"), label=[0, 1])
    found = drivers.join(rows, "fv:conv").to_arrow()
    assert (found["label"].to_pylist(), found["conv"].to_pylist()) == ([0, 1], [0.2, 0.2])


@pytest.mark.parametrize("form", FORMS_OF_NOON)
def test_case_13_noon_is_noon_in_every_form(drivers, form):
    column = FORMS_OF_NOON[form]
    found = drivers.join(pa.table({"driver": [1], "event_timestamp": column}), "fv:conv").to_arrow()
    assert found["conv"].to_pylist() == [0.2]
    assert found.schema.field("event_timestamp").type == column.type


def test_case_14_odd_sources_work(tmp_path):
    joining = Joining(tmp_path)
    joining.entity("driver", driver_id="int64")
    columns = {
        "drv": [1, 1, None],
        "when": times("10:00", "11:00", "12:00"),
        "raw": pa.array([[1.0, 2.0], [], [9.0]]),
    }
    renamed = {"drv": "driver_id", "raw": "nice"}
    joining.source("v", columns, event_timestamp="when", columns=renamed)
    joining.view("v", ["driver"], {"nice": "list<float64>"})
    training = joining.join(frame("driver_id", (1, "10:30"), (1, "12:30")), "v:nice")
    assert training.to_arrow()["nice"].to_pylist() == [[1.0, 2.0], []]
    assert training.report.views[0].ignored == 1


@pytest.mark.parametrize(
    ("asked", "code", "near"),
    [
        ({"features": ["fv:covn"]}, "FC302", "conv"),
        ({"features": ["fvv:conv"]}, "FC301", "fv"),
        ({"service": "rankin"}, "FC309", "ranking"),
    ],
)
def test_case_15_unknown_name_is_named_with_the_nearest(drivers, asked, code, near):
    drivers.service("ranking", "fv")
    with pytest.raises(FeaturectlError) as error:
        drivers.join(
            frame("driver", (1, "12:00")), *asked.get("features", ()), service=asked.get("service")
        )
    assert error.value.code == code
    assert near in error.value.caret


def test_times_of_the_cases_are_of_one_day():
    assert us("12:00") == us("2024-01-01T07:00-05:00")


def test_columns_come_in_the_order_asked_for_also_across_views(drivers):
    names = ("fv:trips", "fv0:conv", "fv:conv")
    found = drivers.join(frame("driver", (1, "12:00")), *names, full_names=True)
    asked = ["fv__trips", "fv0__conv", "fv__conv"]
    assert found.to_arrow().column_names[-3:] == asked
    assert found.to_arrow().select(asked).to_pylist() == [
        {"fv__trips": 20, "fv0__conv": 0.2, "fv__conv": 0.2}
    ]
