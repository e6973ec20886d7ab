"""The sizes of what a plan loads and takes out, from the sources, some views at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from featurectl.errors import FeaturectlError
from featurectl.flows.expiry import expires_at_ms
from featurectl.flows.load_size import Load, Size, bytes_of_a_key, glance, size_of
from featurectl.queries.relation import EVERYTHING, EventRange, SourcedView

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.definitions.view import FeatureView
    from featurectl.flows.impact_facts import Facts, Means
    from featurectl.flows.load_size import Glance
    from featurectl.offline.protocol import OfflineEngine, SourceState

_Found = TypeVar("_Found")
_AT_ONCE = 4
_MOST = 50  # views of one plan whose rows are read: each takes about 30 ms


@dataclass(frozen=True)
class Sizes:
    """What they are measured with; ``states`` are the sources of ``repository`` as they are now."""

    snapshot: Snapshot
    repository: Repository
    states: Mapping[str, SourceState]
    means: Means
    facts: Facts

    def measured(self) -> tuple[dict[str, Size], tuple[str, ...]]:
        """The size of each view's rows, and notes on what could not be found out.

        Of a great many views only the largest are read; of the others metadata alone.
        """
        names = sorted({*self.facts.loads, *self.facts.leaves})
        engine = self.means.engine
        if engine is None:
            return {name: self._unread(name) for name in names}, ()
        notes: list[str] = []
        glances = self._together(names, lambda name: self._glance(name, engine), notes)
        large = [name for name, (_, seen) in glances.items() if seen.within and seen.touched]
        large.sort(key=lambda name: -glances[name][1].touched)
        read = self._together(
            large[:_MOST], lambda name: self._size(name, *glances[name], engine), notes
        )
        if large[_MOST:]:
            more = len(large) - _MOST
            notes.append(f"keys and bytes of {more} views are not known: the others have more rows")
        known = {name: seen.size(load) for name, (load, seen) in glances.items()}
        rest = {name: self._unread(name) for name in names}
        return rest | known | read, tuple(sorted(notes))

    def _together(
        self, names: Sequence[str], work: Callable[[str], _Found], notes: list[str]
    ) -> dict[str, _Found]:
        """What is found of each view, in their order; those that fail are left out, and noted."""

        def told(name: str) -> list[_Found]:
            try:
                return [work(name)]
            except FeaturectlError as error:
                notes.append(f"what view {name} costs is not known: {error.message}")
                return []

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            try:
                found = list(pool.map(told, names))
            except BaseException:  # a signal: what has not begun is left
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return {name: each for name, some in zip(names, found, strict=True) for each in some}

    def _unread(self, name: str) -> Size:
        """What is known without a look at the source."""
        return Size(keys=self._known_keys(name), estimated=frozenset({"keys"}))

    def _glance(self, name: str, engine: OfflineEngine) -> tuple[Load, Glance]:
        load = self._coming(name) if name in self.facts.loads else self._gone(name, engine)
        return load, glance(load)

    def _size(self, name: str, load: Load, seen: Glance, engine: OfflineEngine) -> Size:
        project, scale = self.snapshot.project, self.means.scale
        if name in self.facts.loads:
            return size_of(load, seen, engine, scale, project)
        if not self.facts.keys_leaving(self.facts.leaves[name]) or scale is None:
            return Size()
        return Size(key_bytes=bytes_of_a_key(load, seen, engine, scale, project))

    def _coming(self, name: str) -> Load:
        """What is to be loaded, by the definitions in the files."""
        coming = self.facts.loads[name]
        view = self.repository.views[name]
        window = coming.window
        return Load(
            _sourced(self.repository, view, self.states[view.source]),
            self.states[view.source],
            EventRange(window.from_us, window.to_us) if window else EVERYTHING,
            coming.generation,
            self._expire(view),
            self._known_keys(name),
        )

    def _gone(self, name: str, engine: OfflineEngine) -> Load:
        """What was loaded, by the definitions that are applied."""
        applied = self.snapshot.repository
        bound = self.facts.leaves[name]
        view = applied.views[bound.view]
        state = engine.schema(applied.sources[view.source])
        sourced = _sourced(applied, view, state)
        return Load(sourced, state, EVERYTHING, bound.read, self._expire(view))

    def _known_keys(self, name: str) -> int | None:
        """How many keys the rows that serve now have, where those to come have the same."""
        coming = self.facts.loads.get(name)
        if coming is None or not coming.same_keys:
            return None
        return self.facts.keys((coming.serving or coming.generation).id) or None

    def _expire(self, view: FeatureView) -> bool:
        return expires_at_ms(view.ttl, view.on_stale, self.means.now_us) is not None


def _sourced(repository: Repository, view: FeatureView, state: SourceState) -> SourcedView:
    source = repository.sources[view.source]
    paths = [file.path for file in state.files]
    return SourcedView(view, source, repository.join_keys(view), paths, state.columns)
