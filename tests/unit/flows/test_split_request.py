"""What may be written for a split."""

from __future__ import annotations

import pytest

from featurectl.errors import RequestError
from featurectl.flows.split_request import split_request


@pytest.mark.parametrize(
    ("words", "shares"),
    [
        ("train=0.8,test=0.2", {"train": 0.8, "test": 0.2}),
        (" train = 0.8 , test = 0.2 ", {"train": 0.8, "test": 0.2}),
        ("train=0.8,test", {"train": 0.8, "test": 0.2}),
        ("train,test=20%", {"train": 0.8, "test": 0.2}),
        ("a=.5,b=25%,c", {"a": 0.5, "b": 0.25, "c": 0.25}),
        ("a=0.333,b=0.333,c=0.333", {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}),
        ({"train": 0.7, "test": 0.3}, {"train": 0.7, "test": 0.3}),
    ],
)
def test_shares_are_decimals_percentages_or_the_rest(words, shares):
    found = split_request(words)
    assert {part.name: float(part.share) for part in found.parts} == pytest.approx(shares)
    assert found.bounds == pytest.approx(
        [sum([*shares.values()][: n + 1]) for n in range(len(shares) - 1)]
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("train=0.8,test=0.3", "the shares of the split add up to 1.1, not 1"),
        ("train=0.8,test=0.1", "the shares of the split add up to 0.9, not 1"),
        ("train=80,test=20", 'the share of "train" is 80, not a number between 0 and 1'),
        ("train=0.8,test=", 'the share of "test" is nothing, not a number between 0 and 1'),
        ("train=nan,test", 'the share of "train" is nan, not a number between 0 and 1'),
        ("train=1e999999999,test", 'the share of "train" is 1e999999999, not a number'),
        ("train=-0.5,test", 'the share of "train" is -0.5, not a number between 0 and 1'),
        ("a=0.5,b=0.5,c", 'nothing is left for "c": the shares are 1 already'),
        ("a,b", "2 parts have no share: a, b"),
        ("train", "a split has 2 to 256 parts, not 1"),
        ("train=0.5", "a split has 2 to 256 parts, not 1"),
        ("", "a part of the split has no name"),
        ("train=0.8,test=0.2,", "a part of the split has no name"),
        ("train=0.8;test=0.2", "a split has 2 to 256 parts, not 1"),
        ("../up=0.8,test", '"../up" is no name of a part'),
        ("a b=0.8,test", '"a b" is no name of a part'),
        ("-a=0.8,test", '"-a" is no name of a part'),
        ("a=0.5,a=0.5", 'two parts of the split have one name, "a"'),
        ("a=0.5,A=0.5", 'two parts of the split have one name, "a" in another case'),
    ],
)
def test_what_is_no_split_is_refused_with_what_to_write(words, message):
    with pytest.raises(RequestError) as error:
        split_request(words)
    assert error.value.code == "FC333"
    assert error.value.message.startswith(message)


def test_a_seed_without_chance_is_refused():
    with pytest.raises(RequestError, match="no chance in it"):
        split_request("a=0.5,b", "time", 1)
    assert split_request("a=0.5,b", "entity", 1).seed == 1
    assert split_request("a=0.5,b", "random").seed == 0


@pytest.mark.parametrize("seed", ["1", 1.5, True])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(RequestError, match="whole number"):
        split_request("a=0.5,b", "random", seed)


def test_a_request_is_recorded_with_its_seed_where_it_matters():
    assert split_request("a=0.5,b").document() == {"parts": {"a": 0.5, "b": 0.5}, "by": "time"}
    assert split_request("a=0.5,b", "entity", 3).document()["seed"] == 3
