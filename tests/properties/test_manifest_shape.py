"""A manifest that somebody has changed and sealed again is refused, or shown: never a crash."""

from __future__ import annotations

import contextlib
import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_dataset import Made, new_repository

from featurectl.cli.screens.dataset_show import show_screen
from featurectl.errors import RequestError
from featurectl.flows.dataset_file import read_dataset
from featurectl.flows.dataset_manifest import sealed
from featurectl.flows.manifest_diff import manifest_differences

if TYPE_CHECKING:
    from collections.abc import Iterator

GONE = object()
VALUES = st.sampled_from([None, 0, -1, "", "x", [], [1], {}, {"a": 1}, True, 1e300, GONE])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    root = tmp_path_factory.mktemp("shape") / "repo"
    return new_repository(root).make(out="train.csv")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_manifest_of_another_shape_is_refused_or_read(data: st.DataObject, made: Made) -> None:
    manifest = json.loads(made.lock.read_text())
    changed = copy.deepcopy(manifest)
    path = data.draw(st.sampled_from(list(places(manifest))))
    part = changed
    for key in path[:-1]:
        part = part[key]
    value = data.draw(VALUES)
    if value is GONE:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    lock = made.out.with_name("other.csv.lock.json")
    lock.write_text(json.dumps(sealed(changed)))

    with contextlib.suppress(RequestError):  # any other error fails the test
        found = read_dataset(lock)
        assert show_screen(found)
        assert found.own_columns == [each["name"] for each in changed["entities"]["columns"]]
        list(manifest_differences(manifest, found.manifest))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '"x"', "\x00", "[" * 100_000])
def test_what_is_no_manifest_is_told(made: Made, text: str) -> None:
    lock = made.out.with_name("broken.csv.lock.json")
    lock.write_text(text)

    with pytest.raises(RequestError, match="is no manifest"):
        read_dataset(lock)


def test_a_folder_or_a_link_to_nothing_in_its_place_is_told(made: Made) -> None:
    folder = made.out.with_name("folder.csv.lock.json")
    folder.mkdir()
    link = made.out.with_name("link.csv.lock.json")
    link.symlink_to("nowhere")

    for lock in (folder, link):
        with pytest.raises(RequestError, match="can't be read") as told:
            read_dataset(lock)
        assert told.value.code == "FC334"
