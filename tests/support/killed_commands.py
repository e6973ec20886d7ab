"""Runs a command again and again, killed before its first change, its second one, and so on.

``python killed_commands.py FOLDER URL COMMAND FIRST EVERY``; URL is ``sqlite`` or that of a Redis.
After each kill readers are asked, the next command is run to its end, and what is left is compared
with a run that nobody disturbed. To be killed after a change is to be killed before the next one.
Only every EVERY-th change is tried, from the FIRST on. Prints the changes, and those tried.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import crash_project
from crash_project import CLASSES, answers, mistaken, standing
from dying import Countdown, Dying

# What a command loads when it needs it is loaded here, once for all children.
import featurectl.flows.apply
import featurectl.flows.compare
import featurectl.flows.lookup
import featurectl.flows.materialize
import featurectl.flows.rollback
import featurectl.flows.status
import featurectl.offline.duckdb
import featurectl.online.key_batch
import featurectl.online.redis
import featurectl.online.row_batch
import featurectl.online.sqlite
import featurectl.registry.sqlite
import featurectl.repo.load  # noqa: F401
from featurectl.client.feature_store import FeatureStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DIED = -9


def main() -> None:
    folder, url, command = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    first, every = map(int, sys.argv[4:])
    trial = Trial(folder, url, command)
    calls, legitimate, expected = trial.undisturbed()
    tried = [*range(first, len(calls) + 1, every)]
    for number in tried:
        trial.killed(number, calls[number - 1], legitimate, expected)
    sys.stdout.write(json.dumps({"changes": calls, "tried": tried}))


class Trial:
    """One command, in copies of the place that it starts from."""

    def __init__(self, folder: Path, url: str, command: str) -> None:
        self._folder, self._url, self._act = folder, url, COMMANDS[command]
        self._copies = 0
        self._first: Path | None = None

    def undisturbed(self) -> tuple[list[str], list[dict[str, Any]], Any]:
        """The changes that the command makes, what readers may see, and what is left."""
        place = self._place()
        calls, seen, left = told(place, lambda: self._watched(place))
        for step, found in enumerate(seen):
            assert not mistaken(found), f"step {step}: {mistaken(found)} of {found}"
        return calls, seen, left

    def killed(
        self, number: int, change: str, legitimate: list[dict[str, Any]], expected: Any
    ) -> None:
        """Kill it there, and see to it that nobody is ever told anything wrong."""
        place, at = self._place(), f"killed before change {number} ({change})"
        status = in_child(lambda: self._act(place, Countdown(number)))
        assert status == _DIED, f"{at}: it ended with {status}"
        between, left = told(place, lambda: self._recovered(place))
        assert not mistaken(between), f"{at}: {mistaken(between)} of {between}"
        for reading, answer in between.items():
            allowed = [seen[reading] for seen in legitimate]
            assert answer in allowed, f"{at}: {reading} reads {answer}, not one of {allowed}"
        for what, value in left.items():
            if what.endswith("later") or not self._act.loads_after:
                assert value == expected[what], f"{at}: {what}: {differing(value, expected[what])}"
        shutil.rmtree(place)

    def _watched(self, place: Path) -> Any:
        """Run it to its end; readers are asked before, after each change, and after it."""
        countdown, seen = Countdown(), [answers(place)]
        tick = countdown.tick

        def watched(name: str) -> None:
            seen.append(answers(place))
            tick(name)

        countdown.tick = watched  # type: ignore[method-assign]
        self._act(place, countdown)
        seen.append(answers(place))
        different = [each for at, each in enumerate(seen) if each not in seen[:at]]
        return countdown.calls, different, self._left(place)

    def _recovered(self, place: Path) -> Any:
        """What readers get now, and what is left once somebody has run the command again."""
        between, mistakes = answers(place), []
        countdown = Countdown()
        countdown.tick = lambda _: mistakes.extend(mistaken(answers(place)))  # type: ignore[method-assign]
        with opened(place, countdown) as store:
            self._act.again(store)
        assert not mistakes, mistakes
        return between, self._left(place)

    def _left(self, place: Path) -> dict[str, Any]:
        """What there is, and what there is when the grace time is over."""
        found = {"standing": standing(place), "answers": answers(place)}
        # A run that was killed may have left what a later one removes.
        for word in ("left rows", "left stamp"):
            found["standing"]["stored"].pop(word, None)
        crash_project.write_config(place, self._at(place), project=place.name, grace="0s")
        with FeatureStore(place) as store:
            assert not store.materialize().failed
        return {**found, "later": standing(place), "answers later": answers(place)}

    def _place(self) -> Path:
        """A new place from which the command starts."""
        self._copies += 1
        number = 0 if self._url == "sqlite" else self._copies  # projects share a server
        name = f"{PREFIX}{os.getpid()}x{number}"
        place = self._folder / str(self._copies) / name
        if self._first and self._url == "sqlite":
            shutil.copytree(self._first, place)
            return place
        assert in_child(lambda: self._prepare(place)) == 0
        if self._url == "sqlite":
            self._first = self._folder / "first"
            shutil.copytree(place, self._first)
        return place

    def _prepare(self, place: Path) -> None:
        crash_project.build(place, self._at(place), place.name)
        self._act.prepare(place)

    def _at(self, _place: Path) -> str:
        return "online.db" if self._url == "sqlite" else self._url


PREFIX = "crash"


class Command:
    """A command; ``prepare`` brings version 1, which is loaded, to where it starts.

    ``loads_after``: what is run next does more, so that only what is left at last is the same.
    """

    loads_after = False

    def prepare(self, place: Path) -> None:
        crash_project.write_version(place, 2)

    def __call__(self, place: Path, countdown: Countdown) -> None:
        with opened(place, countdown) as store:
            self.act(store)

    def act(self, store: FeatureStore) -> None:
        raise NotImplementedError

    def again(self, store: FeatureStore) -> None:
        """What a person runs next."""
        self.act(store)


class Apply(Command):
    def act(self, store: FeatureStore) -> None:
        store.apply(allow=CLASSES)


class ApplyThenLoad(Command):
    """What runs after the kill is the materialize of a schedule, not another apply."""

    loads_after = True

    def act(self, store: FeatureStore) -> None:
        if store.snapshot().serial == 1:
            store.apply(allow=CLASSES)

    def again(self, store: FeatureStore) -> None:
        assert not store.materialize().failed
        self.act(store)


class Backfill(Command):
    def act(self, store: FeatureStore) -> None:
        result = store.apply(allow=CLASSES)
        if result.incomplete:
            summary = store.materialize(result.incomplete)
            assert not summary.failed, summary.errors


class BackfillAtOnce(Backfill):
    """With no grace time: what is replaced is swept in the same command."""

    def prepare(self, place: Path) -> None:
        super().prepare(place)
        with FeatureStore(place) as store:
            url, project = store.config.online, store.config.project
        crash_project.write_config(place, url, project=project, grace="0s")


class Materialize(Command):
    """A view is filled anew, another gets its added feature, and a static file has changed."""

    def prepare(self, place: Path) -> None:
        super().prepare(place)
        with FeatureStore(place) as store:
            store.apply(allow=CLASSES)
        crash_project.write_flat(place, 2)

    def act(self, store: FeatureStore) -> None:
        summary = store.materialize(["grown", "stats", "table"])
        assert not summary.failed, summary.errors


class Rollback(Command):
    def prepare(self, place: Path) -> None:
        super().prepare(place)
        with FeatureStore(place) as store:
            store.apply(allow=CLASSES)
            assert not store.materialize().failed

    def act(self, store: FeatureStore) -> None:
        store.rollback(allow=CLASSES)

    def again(self, store: FeatureStore) -> None:
        """Roll back, unless that is done: then any run completes it."""
        if store.snapshot().serial == 2:
            store.rollback(allow=CLASSES)
        else:
            assert not store.materialize().failed


COMMANDS: dict[str, Command] = {
    "apply": Apply(),
    "apply-then-load": ApplyThenLoad(),
    "backfill": Backfill(),
    "backfill-at-once": BackfillAtOnce(),
    "materialize": Materialize(),
    "rollback": Rollback(),
}


@contextmanager
def opened(place: Path, countdown: Countdown) -> Iterator[FeatureStore]:
    """The store of a place, with its changes counted down."""
    with FeatureStore(place) as store:
        for name in ("registry", "online"):
            inner = getattr(store.environment, name)
            store.environment.__dict__[name] = Dying(inner, countdown)
        yield store


def told(place: Path, act: Callable[[], Any]) -> Any:
    """What ``act`` returns, run in a child that must come to its end."""
    file = place / "told.json"
    status = in_child(lambda: file.write_text(json.dumps(act(), default=str)))
    assert status == 0, f"it ended with {status}"
    return json.loads(file.read_text())


def differing(value: dict[str, Any], expected: dict[str, Any]) -> str:
    """What is not as it was to be."""
    wrong = [name for name in expected if value[name] != expected[name]]
    return "; ".join(f"{name} is {value[name]}, not {expected[name]}" for name in wrong)


def in_child(act: Callable[[], Any]) -> int:
    """Run it in a child of this process, in which nothing is open; its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        act()
    except BaseException:  # noqa: BLE001 - told to the test
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
