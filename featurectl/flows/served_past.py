"""How readers of a view were answered at each time, by what the registry has recorded."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Protocol

from featurectl.plan.retrace import with_names_since
from featurectl.registry.protocol import Registry
from featurectl.registry.serving_history import ServingHistory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from featurectl.definitions.binding import Generation
    from featurectl.definitions.repository import Repository
    from featurectl.definitions.source import FileSource
    from featurectl.definitions.view import FeatureView
    from featurectl.registry.serving_history import Bound

_ALL = (1 << 31) - 1


class PastRegistry(Registry, ServingHistory, Protocol):
    """What is read of a registry."""


@dataclass(frozen=True)
class Defined:
    """A view as it was applied. ``names`` are its features' by the names they have now."""

    view: FeatureView
    source: FileSource
    join_keys: Mapping[str, str]
    names: Mapping[str, str]


@dataclass(frozen=True)
class Stretch:
    """From ``since_us`` until before ``until_us`` (None: to this day) readers of a view were sent
    to the rows of ``generation``, which follow the definition ``rows``, and were answered as
    ``answers`` says.
    """  # noqa: D205 - one thought

    since_us: int
    until_us: int | None
    generation: Generation
    answers: Defined
    rows: Defined


def served_past(registry: PastRegistry, env: str, view: str) -> list[Stretch]:
    """The stretches of time in which the view was served, oldest first; none where it never was.

    It is followed through its renames. Costs one snapshot for each change of its definition.
    """
    return _Past(registry, env, view).stretches()


class _Past:
    def __init__(self, registry: PastRegistry, env: str, view: str) -> None:
        self._registry, self._env, self._view = registry, env, view
        self._commits = registry.history(env, limit=_ALL)[::-1]
        # A clock that was set back makes no commit earlier than the one before it.
        self._times = list(accumulate((commit.at_us for commit in self._commits), max))
        self._known: list[tuple[int, int, Defined | None]] = []  # from serial, to serial

    def stretches(self) -> list[Stretch]:
        """Oldest first."""
        spans = [span for bound in self._bound() for span in self._spans(bound)]
        for _, serial, _, _ in reversed(spans):  # newest first: one snapshot tells of many serials
            self._defined(serial)
        found: list[Stretch] = []
        rows: dict[str, Defined] = {}
        for bound, serial, since_us, until_us in spans:
            answers = self._defined(serial)
            if answers is None:
                continue
            read = bound.binding.read
            # While another generation is filled, the rows are those of the definition before.
            if bound.binding.fill is None or read.id not in rows:
                rows[read.id] = answers
            found.append(Stretch(since_us, until_us, read, answers, rows[read.id]))
        return found

    def _bound(self) -> list[Bound]:
        """The bindings under all names that the view has had, oldest first."""
        name, found = self._view, self._registry.bound(self._env, self._view)
        while found:
            first = found[0]
            before = self._defined(first.serial - 1)
            if before is None or before.view.name == name:
                break
            name = before.view.name
            earlier = self._registry.bound(self._env, name)
            found = [bound for bound in earlier if bound.since_us < first.since_us] + found
            if found[0] is first:
                break
        return found

    def _spans(self, bound: Bound) -> Iterator[tuple[Bound, int, int, int | None]]:
        """The binding between the commits in its time, with the serial that held."""
        until = bound.until_us
        since, place = bound.since_us, bisect_right(self._times, bound.since_us)
        while place < len(self._times) and (until is None or self._times[place] < until):
            end = self._times[place]
            if end > since:
                yield bound, self._serial(place), since, end
                since = end
            place += 1
        if until is None or until > since:
            yield bound, self._serial(place), since, until

    def _serial(self, commits: int) -> int:
        """The serial after so many commits."""
        return self._commits[commits - 1].serial if commits else 0

    def _defined(self, serial: int) -> Defined | None:
        """The view as it was applied at a serial."""
        for first, last, found in self._known:
            if first <= serial <= last:
                return found
        since, found = self._read(serial) if serial > 0 else (serial, None)
        self._known.append((since, serial, found))
        return found

    def _read(self, serial: int) -> tuple[int, Defined | None]:
        """The view at a serial, and since which one it has been defined so."""
        snapshot = self._registry.snapshot(self._env, serial)
        plans = [commit.plan for commit in self._commits if commit.serial > serial]
        view = _called(with_names_since(snapshot.repository, plans), self._view)
        if view is None:
            return serial, None
        source = snapshot.repository.sources[view.source]
        parts = [("view", view.name), ("source", source.name)]
        parts += [("entity", entity) for entity in view.entities]
        since = max(snapshot.objects[part].serial for part in parts)
        names = {part.renamed_from or name: name for name, part in view.features.items()}
        return since, Defined(view, source, snapshot.repository.join_keys(view), names)


def _called(repository: Repository, name: str) -> FeatureView | None:
    """The view that has the name now: by its hint, else by its name."""
    views = sorted(repository.views.values(), key=lambda view: view.renamed_from is None)
    return next((view for view in views if (view.renamed_from or view.name) == name), None)


def generations(stretches: Sequence[Stretch]) -> list[str]:
    """The ids of all generations, in order of time."""
    return list(dict.fromkeys(stretch.generation.id for stretch in stretches))
