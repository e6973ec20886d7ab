from dataclasses import replace

import pytest

from featurectl.definitions.columns import ViewShape, in_order, resolve
from featurectl.definitions.service import ViewRef
from featurectl.errors import RequestError

VIEWS = {
    "weather": ViewShape("weather", {"airport": "string"}, {"temp": "float64", "wind": "float64"}),
    "delays": ViewShape("delays", {"carrier": "string"}, {"Temp": "float64"}),
}


def outputs(*refs: ViewRef, full_names: bool = False) -> list[str]:
    return [column.output for _, column in in_order(resolve(refs, VIEWS, full_names=full_names))]


def test_a_view_alone_means_all_its_features_in_order() -> None:
    assert outputs(ViewRef("weather")) == ["temp", "wind"]


def test_a_feature_asked_for_twice_comes_once() -> None:
    assert outputs(ViewRef("weather", features=("temp",)), ViewRef("weather")) == ["temp", "wind"]


def test_columns_come_in_the_order_asked_for_also_across_views() -> None:
    refs = [ViewRef("weather", features=("wind",)), ViewRef("delays", alias="d")]
    assert outputs(*refs, ViewRef("weather"), full_names=True) == [
        "weather__wind",
        "d__Temp",
        "weather__temp",
    ]


def test_full_names_begin_with_the_alias_and_keys_follow_it() -> None:
    origin = ViewRef("weather", alias="origin", join_keys={"airport": "origin_id"})
    dest = ViewRef("weather", alias="dest", join_keys={"airport": "dest_id"}, features=("temp",))

    found = resolve([origin, dest], VIEWS, full_names=True)

    assert [c.output for use in found for c in use.features] == [
        "origin__temp",
        "origin__wind",
        "dest__temp",
    ]
    assert [use.keys[0].column for use in found] == ["origin_id", "dest_id"]


def test_two_columns_of_one_name_are_an_error_that_names_both() -> None:
    with pytest.raises(RequestError, match="a:temp and b:temp both give") as error:
        outputs(ViewRef("weather", alias="a"), ViewRef("weather", alias="b"))
    assert error.value.code == "FC303"


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (
            ViewRef("weather", alias="a", join_keys={"airport": "x"}),
            "weather:temp as a{airport: x}",
        ),
        (ViewRef("calm", alias="a"), "calm:temp as a{airport: airport}"),
    ],
)
def test_two_uses_under_one_alias_are_told_apart(second: ViewRef, told: str) -> None:
    views = {**VIEWS, "calm": replace(VIEWS["weather"], name="calm")}
    with pytest.raises(RequestError) as error:
        resolve([ViewRef("weather", alias="a"), second], views, full_names=True)
    assert error.value.code == "FC303"
    assert f"weather:temp as a{{airport: airport}} and {told}" in error.value.message
    assert error.value.help == ("give one of them another alias",)


def test_names_that_differ_only_in_case_are_one_name() -> None:
    with pytest.raises(RequestError, match="weather:temp and delays:Temp"):
        outputs(ViewRef("weather"), ViewRef("delays"))


@pytest.mark.parametrize(
    ("ref", "code", "near"),
    [
        (ViewRef("wether"), "FC301", "weather"),
        (ViewRef("weather", features=("tmp",)), "FC302", "temp"),
        (ViewRef("weather", join_keys={"aiport": "x"}), "FC304", "airport"),
    ],
)
def test_what_is_unknown_is_named_with_the_nearest_name(ref: ViewRef, code: str, near: str) -> None:
    with pytest.raises(RequestError) as error:
        outputs(ref)
    assert error.value.code == code
    assert f'did you mean "{near}"?' in error.value.caret
