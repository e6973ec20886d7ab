"""An apply that fails or is killed anywhere leaves all of it or none; the next one ends it."""

from __future__ import annotations

import multiprocessing
import os
import signal
from typing import TYPE_CHECKING, NoReturn

import pytest
from applying import FIRST, Place, files, view

from featurectl.errors import StoreError
from featurectl.online.sqlite import SqliteOnline
from featurectl.registry.protocol import ViewRun

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from featurectl.definitions.binding import Binding
    from featurectl.definitions.manifest import Manifest

SECOND = files(view(ttl="2d"))


class Failing(SqliteOnline):
    """A store of which one method fails as if the server were gone."""

    def __init__(self, path: Path, method: str) -> None:
        super().__init__(path)
        self.calls = 0
        setattr(self, method, self._fail)

    def _fail(self, *_: object) -> NoReturn:
        self.calls += 1
        raise StoreError("FC601", "redis://db:6379 does not answer", help=["start it"])


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    found = Place(tmp_path)
    yield found
    found.close()


def broken(place: Place, method: str) -> Place:
    """The same place with a store of which ``method`` fails."""
    folder = place.path.parent
    return Place(folder, Failing(folder / "online.db", method))


def test_a_store_that_does_not_answer_leaves_everything_as_it_was(
    place: Place, tmp_path: Path
) -> None:
    away = broken(place, "ping")

    with pytest.raises(StoreError) as caught:
        away.apply(FIRST)
    away.close()

    assert (caught.value.code, caught.value.exit_code) == ("FC601", 1)
    assert list(tmp_path.iterdir()) == []


def test_a_manifest_that_was_not_taken_is_told_and_published_by_the_next_apply(
    place: Place,
) -> None:
    place.apply(FIRST)
    away = broken(place, "publish")

    with pytest.raises(StoreError, match="the registry is at serial 2 now, but") as caught:
        away.apply(SECOND)
    away.close()

    assert caught.value.code == "FC601"
    assert caught.value.help == (
        "run apply again: it publishes what is applied",
        "start it",
    )
    assert place.registry.snapshot("dev").serial == 2
    assert place.registry.runs()[0].status == "failed"
    held = place.online.read("demo", "dev")
    assert held is not None
    assert held.serial == 1
    again = place.apply(SECOND)
    assert (again.changed, again.published) == (False, True)
    held = place.online.read("demo", "dev")
    assert held is not None
    assert held.serial == 2


def test_rows_that_could_not_be_removed_are_told_and_removed_by_the_next_apply(
    place: Place,
) -> None:
    place.apply(files(view(), view("w")))
    gone = place.fill("w")
    away = broken(place, "sweep")

    done = away.apply(FIRST, "destroy")
    away.close()

    assert (done.serial, done.published, done.swept) == (2, True, {})
    assert done.notes[0].startswith("rows that nothing reads could not be removed yet: ")
    assert place.online.count("demo", gone) == 1
    again = place.apply(FIRST)
    assert (again.changed, again.swept, place.online.count("demo", gone)) == (False, {gone: 1}, 0)
    assert place.apply(FIRST).swept == {}


def test_an_interrupt_closes_the_run_and_gives_the_lease_back(place: Place) -> None:
    class Interrupting(SqliteOnline):
        def publish(self, _manifest: Manifest) -> bool:
            raise KeyboardInterrupt

    other = Place(place.path.parent, Interrupting(place.path.with_name("online.db")))
    with pytest.raises(KeyboardInterrupt):
        other.apply(FIRST)
    other.close()

    assert place.registry.holders() == []
    assert place.registry.runs()[0].status == "failed"
    assert place.apply(FIRST).published


def _killed(folder: Path, method: str) -> None:
    """Apply in this process, which is killed where the store's ``method`` is called."""

    def die(*_: object) -> NoReturn:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    place = Place(folder)
    setattr(place.online, method, die)
    place.apply(files(view("w")), "destroy")


@pytest.mark.parametrize(
    ("method", "serial", "status"),
    [("stamp", 1, "died"), ("publish", 2, "died"), ("sweep", 2, "ok")],
)
def test_an_apply_killed_at_any_point_is_finished_by_the_next_one(
    place: Place, tmp_path: Path, method: str, serial: int, status: str
) -> None:
    place.apply(FIRST)
    gone = place.fill("v")
    process = multiprocessing.get_context("spawn").Process(target=_killed, args=(tmp_path, method))
    process.start()
    process.join(60)

    assert process.exitcode == -signal.SIGKILL
    assert place.registry.runs()[0].status == status
    assert place.registry.snapshot("dev").serial == serial
    result = place.apply(files(view("w")), "destroy")
    assert (result.serial, result.swept) == (2, {gone: 1})
    assert place.online.count("demo", gone) == 0
    held = place.online.read("demo", "dev")
    assert held is not None
    assert list(held.views) == ["w"]
    assert place.apply(files(view("v"), view("w"))).changed  # the dead one's leases are taken over


def test_a_view_that_a_run_flips_meanwhile_keeps_what_the_run_did(place: Place) -> None:
    """The bindings are computed anew: the change must not undo the flip."""
    place.apply(FIRST)
    place.apply(files(view(features={"a": "string"})), "breaking")
    filled = place.registry.snapshot("dev").bindings["v"].target.id

    class Flipping(SqliteOnline):
        def stamp(self, project: str, generation: str):
            _flip(place)
            return super().stamp(project, generation)

    other = Place(place.path.parent, Flipping(place.path.with_name("online.db")))
    more = files(view(features={"a": "string", "b": "bool"}), view("w"))
    result = other.apply(more)
    other.close()

    binding = place.registry.snapshot("dev").bindings["v"]
    assert result.changed
    assert (binding.read.id, binding.fill) == (filled, None)
    assert [layout.id for layout in binding.read.layouts] == [1, 2]


def _flip(place: Place) -> None:
    """Send the readers of the view to the generation that was filled, as a run does at its end."""
    snapshot = place.registry.snapshot("dev")
    binding: Binding = snapshot.bindings["v"]
    if binding.fill is None:
        return
    run = place.registry.begin("materialize", "dev", snapshot.serial, place.actor)
    part = ViewRun("v", binding.fill.id, 1, "", None, 0, None, 0, 1, "ok")
    flipped = type(binding)("v", binding.fill)
    place.registry.advance("dev", run, part, lease=None, binding=flipped)
    place.registry.finish(run, "ok")
