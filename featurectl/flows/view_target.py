"""What a run is about to do to one view, found before anything is written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurectl.definitions.binding import Generation
from featurectl.errors import RequestError, did_you_mean, listed
from featurectl.flows.freshness import is_lost
from featurectl.flows.progress import progress_of
from featurectl.flows.sourced import sourced_view
from featurectl.flows.window import Asked, Cause, Loaded, Window, window
from featurectl.queries.latest import Reading
from featurectl.queries.relation import EventRange, SourcedView

if TYPE_CHECKING:
    from featurectl.definitions.binding import Binding
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.offline.protocol import OfflineEngine, SourceState
    from featurectl.online.protocol import Generations, Stamp
    from featurectl.registry.protocol import Ledger, Progress

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Target:
    """A view with its source and the state of the generation that a run writes.

    ``serving`` is the progress of the generation that readers are sent to, ``stamp`` what the
    store says of the one that is written.
    """

    snapshot: Snapshot
    binding: Binding
    sourced: SourcedView
    state: SourceState
    loaded: Loaded
    stamp: Stamp | None
    serving: Progress | None

    @property
    def name(self) -> str:
        """The view's name."""
        return self.binding.view

    @property
    def generation(self) -> Generation:
        """The generation that the binding says is written."""
        return self.binding.target

    @property
    def owner(self) -> str:
        """The environment whose runs write the generation."""
        return self.snapshot.owner(self.generation.id)

    @property
    def is_own(self) -> bool:
        """Whether that is this one."""
        return self.owner == self.snapshot.env

    @property
    def features(self) -> list[str]:
        """The features in the order in which they are packed."""
        return [name for name, _ in self.generation.layout.columns if name]

    @property
    def is_static(self) -> bool:
        """Whether the source's rows hold at all times."""
        return self.sourced.source.is_static

    @property
    def fingerprint(self) -> str:
        """Of the view's definition."""
        return self.snapshot.objects["view", self.name].fingerprint


def find_target(
    name: str, snapshot: Snapshot, ledger: Ledger, online: Generations, engine: OfflineEngine
) -> Target:
    """What is known of an applied view that is served online.

    Reads the registry, the source's metadata and one stamp of the store.

    Raises:
        RequestError: FC301 the view is not applied (any more).
        SourceError: its source can't be read.
    """
    if name not in snapshot.bindings:
        raise unknown_view(name, snapshot)
    binding = snapshot.bindings[name]
    repository = snapshot.repository
    view = repository.views[name]
    source = repository.sources[view.source]
    state = engine.schema(source)
    progress = progress_of(snapshot, ledger, [binding.read.id, binding.target.id])
    found = progress.get(binding.target.id)
    stamp = online.stamp(snapshot.project, binding.target.id)
    loaded = Loaded(
        ttl_us=view.ttl,
        lookback_us=view.lookback,
        has_created=source.created_timestamp is not None,
        progress=found,
        lost=is_lost(found, stamp),
        filling=binding.fill is not None,
        needs_fill=binding.needs_fill,
    )
    sourced = sourced_view(view, source, dict(binding.target.join_keys), state)
    return Target(snapshot, binding, sourced, state, loaded, stamp, progress.get(binding.read.id))


def unknown_view(name: str, snapshot: Snapshot) -> RequestError:
    """FC301, with the nearest name that exists."""
    known = sorted(snapshot.bindings)
    return RequestError(
        "FC301",
        f'there is no view "{name}" that is served online in env {snapshot.env}',
        caret=did_you_mean(name, known),
        notes=[f"views: {listed(known)}"],
    )


def window_of(target: Target, asked: Asked) -> Window | None:
    """The window of a run; of a static source the whole, or None when its files are unchanged.

    None too where another environment writes the rows.
    """
    if not target.is_own:
        return None
    if not target.is_static:
        return window(asked, target.loaded)
    loaded, progress = target.loaded, target.loaded.progress
    due = asked.full or loaded.lost or loaded.needs_fill
    if progress and progress.source_digest == target.state.digest and not due:
        return None
    cause: Cause = "lost" if loaded.lost else "first" if progress is None else "full"
    return Window(cause, None, asked.end_us, complete=True)


def reading_of(target: Target, covered: Window) -> Reading:
    """The rows of a window, with both ends inclusive."""
    if target.is_static:
        return Reading()
    first = covered.from_us
    if first is not None and not covered.includes_from:
        first += 1  # times are whole microseconds
    return Reading(EventRange(first, covered.to_us), covered.created_after_us)


def written_generation(target: Target, run: int) -> Generation:
    """The generation that a run writes: a static source's rows go into a new one.

    An entity that has left a static file must not stay in the store. Only one that was never
    written is written at once.
    """
    untouched = target.loaded.progress is None and target.stamp is None
    if not target.is_static or untouched:
        return target.generation
    return Generation(
        fresh_id(target.snapshot.lineage, target.name, run),
        target.generation.join_keys,
        target.generation.layouts,
    )


def fresh_id(lineage: str, view: str, run: int) -> str:
    """The id of the generation that a run makes for a view.

    It follows from the run's number, so that a later one can find what a run that died has left.

    >>> fresh_id("l", "airports", 7) == fresh_id("l", "airports", 7) != fresh_id("l", "airports", 8)
    True
    """
    digest = int.from_bytes(hashlib.sha256(f"{lineage}:{view}:{run}".encode()).digest()[:8], "big")
    return f"{view}." + "".join(_DIGITS[digest // 36**i % 36] for i in range(6))
