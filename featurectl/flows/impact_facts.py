"""What registry and online store know of the views that a plan loads or takes out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from featurectl.errors import StoreError
from featurectl.flows.coming_load import Rebound, coming_loads, leaving
from featurectl.flows.progress import progress_of
from featurectl.flows.reuse import Found, find_reuse
from featurectl.flows.reuse_notes import kept_notes, promotion_notes
from featurectl.online.keys import stamp_key
from featurectl.online.records import read_stamp
from featurectl.plan.bindings import dropped, generations, rebind
from featurectl.plan.impact import StoreRoom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from featurectl.definitions.binding import Binding
    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.coming_load import ComingLoad
    from featurectl.flows.reuse import Sought
    from featurectl.offline.protocol import OfflineEngine
    from featurectl.online.protocol import Online, Stamp
    from featurectl.online.scale import Scale
    from featurectl.plan.plan import Plan
    from featurectl.registry.protocol import Progress, RegistryStore, RunRecord

_Answer = TypeVar("_Answer")
_PAST_PARTS = 20_000  # of past runs, a part for each view: they are read in a tenth of a second
_PAST_RUNS = 1_000


@dataclass
class Means:
    """What the cost of a plan is found out with.

    ``engine`` None reads no source, ``scale`` None is of a store that can't be weighed. ``online``
    is given up with the first call that fails, and ``silence`` says why. ``sought`` is where apply
    looks for rows that are there already.
    """

    registry: RegistryStore
    engine: OfflineEngine | None
    online: Online
    scale: Scale | None
    sought: Sought
    now_us: int
    silence: str = field(default="", init=False)

    def ask(self, question: Callable[[], _Answer], unknown: _Answer) -> _Answer:
        """The store's answer, or ``unknown`` of a store that does not answer (any more)."""
        if self.silence:
            return unknown
        try:
            return question()
        except StoreError as error:
            self.silence = error.message
            return unknown


@dataclass(frozen=True)
class Facts:
    """What is known before a source is read.

    ``loads`` and ``leaves`` are by view: what comes, and what was bound that goes. ``stamps`` and
    ``progress`` are by generation, ``stamps`` None where the store did not answer. ``past`` are the
    last runs, newest first. ``reused`` has, by view, the generations whose rows are there already;
    ``promotions`` is what is said of those of another environment, or that one reads.
    """

    loads: Mapping[str, ComingLoad]
    leaves: Mapping[str, Binding]
    stamps: Mapping[str, Stamp] | None
    progress: Mapping[str, Progress]
    past: Sequence[RunRecord]
    reused: Mapping[str, str]
    promotions: tuple[str, ...] = ()

    def keys(self, generation: str) -> int | None:
        """The keys that runs have created in the generation; None where that isn't known."""
        stamp = self.stamps.get(generation) if self.stamps else None
        return stamp.keys if stamp else None

    def keys_leaving(self, binding: Binding) -> int | None:
        """The keys of all that a view is bound to; None of a store that does not answer."""
        if self.stamps is None:
            return None
        return sum(self.keys(each) or 0 for each in generations(binding))


def gather(plan: Plan, snapshot: Snapshot, repository: Repository, means: Means) -> Facts:
    """What is known: a few reads of the registry, and a round trip or two to the store."""
    found = _reuse(plan, snapshot, repository, means)
    reuse = found.reuse
    after = rebind(snapshot, repository, plan, lambda: "0000", reuse)  # as long as a real suffix
    bound = [*snapshot.bindings.values(), *(binding for binding in after.values() if binding)]
    ids = dict.fromkeys(each for binding in bound for each in generations(binding))
    progress = progress_of(snapshot, means.registry, list(ids))
    rebound = Rebound(after, progress, reuse)
    loads = coming_loads(plan, snapshot, repository, rebound, means.now_us)
    leaves = leaving(plan, snapshot, rebound)
    wanted = [(load.serving or load.generation).id for load in loads.values()]
    wanted += [each for binding in leaves.values() for each in generations(binding)]
    return Facts(
        loads,
        leaves,
        _stamps(snapshot, wanted, means),
        progress,
        _past(snapshot, means.registry) if loads else (),
        {name: each.generation.id for name, each in reuse.items()},
        (*promotion_notes(found, means.sought), *kept_notes(dropped(snapshot, after), snapshot)),
    )


def store_room(means: Means, *, grows: bool) -> StoreRoom | None:
    """What the store is, and has free; asked only where the plan makes it grow."""
    scale = means.scale
    if scale is None:
        return None
    return StoreRoom(scale.kind, means.ask(scale.free_bytes, None) if grows else None)


def _past(snapshot: Snapshot, registry: RegistryStore) -> Sequence[RunRecord]:
    """As many runs as hold about the same number of parts, whatever the number of views."""
    limit = min(_PAST_RUNS, _PAST_PARTS // max(1, len(snapshot.bindings)))
    return registry.runs(snapshot.env, limit=max(1, limit))


def _reuse(plan: Plan, snapshot: Snapshot, repository: Repository, means: Means) -> Found:
    return means.ask(
        lambda: find_reuse(means.sought, plan, snapshot, repository, means.registry, means.online),
        Found({}),
    )


def _stamps(snapshot: Snapshot, wanted: Iterable[str], means: Means) -> Mapping[str, Stamp] | None:
    ids = list(dict.fromkeys(wanted))
    if not ids:
        return {}
    keys = [stamp_key(snapshot.project, each) for each in ids]
    texts = means.ask(lambda: means.online.get(keys), None)
    if texts is None:
        return None
    return {each: read_stamp(text) for each, text in zip(ids, texts, strict=True) if text}
