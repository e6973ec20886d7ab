"""The sizes of what a plan loads and takes out, from the sources, some views at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurectl.errors import FeaturectlError
from featurectl.flows.expiry import expires_at_ms
from featurectl.flows.load_size import Load, Size, bytes_of_a_key, size_of
from featurectl.queries.relation import EVERYTHING, EventRange, SourcedView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.definitions.view import FeatureView
    from featurectl.flows.impact_facts import Facts, Means
    from featurectl.offline.protocol import OfflineEngine, SourceState

_AT_ONCE = 4
_MOST = 50  # views of one plan whose sources are read: each takes about 30 ms


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

        Of a great many views only the first, by name, are read.
        """
        names = sorted({*self.facts.loads, *self.facts.leaves})
        engine = self.means.engine
        if engine is None or not names:
            return {name: self._unread(name) for name in names}, ()
        read, rest = names[:_MOST], names[_MOST:]
        notes: list[str] = []
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            try:
                sizes = list(pool.map(lambda name: self._size(name, engine, notes), read))
            except BaseException:  # a signal: what has not begun is left
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        found = dict(zip(read, sizes, strict=True)) | {name: self._unread(name) for name in rest}
        if rest:
            notes.append(f"the costs of {len(rest)} views are not known: {_MOST} were looked at")
        return found, tuple(sorted(notes))

    def _unread(self, name: str) -> Size:
        """What is known without reading the source."""
        return Size(keys=self._known_keys(name), estimated=frozenset({"keys"}))

    def _size(self, name: str, engine: OfflineEngine, notes: list[str]) -> Size:
        try:
            if name in self.facts.loads:
                load, scale = self._coming(name), self.means.scale
                return size_of(load, engine, scale, self.snapshot.project)
            return self._leaving(name, engine)
        except FeaturectlError as error:
            notes.append(f"what view {name} costs is not known: {error.message}")
            return self._unread(name)

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

    def _leaving(self, name: str, engine: OfflineEngine) -> Size:
        """What was loaded, by the definitions that are applied: the bytes of a key alone."""
        bound = self.facts.leaves[name]
        if not self.facts.keys_leaving(bound) or self.means.scale is None:
            return Size()
        applied = self.snapshot.repository
        view = applied.views[bound.view]
        state = engine.schema(applied.sources[view.source])
        load = Load(
            _sourced(applied, view, state), state, EVERYTHING, bound.read, self._expire(view)
        )
        project = self.snapshot.project
        return Size(key_bytes=bytes_of_a_key(load, engine, self.means.scale, project))

    def _known_keys(self, name: str) -> int | None:
        """How many keys the rows that serve now have, where those to come have the same."""
        coming = self.facts.loads.get(name)
        if coming is None or not coming.same_keys:
            return None
        return self.facts.keys((coming.serving or coming.generation).id)

    def _expire(self, view: FeatureView) -> bool:
        return expires_at_ms(view.ttl, view.on_stale, self.means.now_us) is not None


def _sourced(repository: Repository, view: FeatureView, state: SourceState) -> SourcedView:
    source = repository.sources[view.source]
    paths = [file.path for file in state.files]
    return SourcedView(view, source, repository.join_keys(view), paths, state.columns)
