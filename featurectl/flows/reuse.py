"""Which rows in the online store can be taken for views that would otherwise be filled anew.

Rows of an earlier definition of the view are in the store until the grace time has passed. Those of
the environment that this one is promoted from are taken over: from then on this one writes them,
and the other reads them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from featurectl.flows.freshness import is_lost
from featurectl.plan.bindings import Reuse, alters, forks, generations
from featurectl.plan.renames import find_renames
from featurectl.plan.reuse import reuse_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from featurectl.definitions.binding import Binding
    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.online.protocol import Online
    from featurectl.plan.plan import Change, Plan
    from featurectl.plan.renames import Renames
    from featurectl.registry.protocol import Progress, RegistryStore
    from featurectl.registry.retention import GenerationRecord


@dataclass(frozen=True)
class Found:
    """What is taken, by view, and the generations that another environment has written so far.

    ``passed`` says, by view, why rows of the environment that is promoted from are not taken.
    """

    reuse: Mapping[str, Reuse]
    takes: frozenset[str] = frozenset()
    passed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sought:
    """Where to look: in this environment, and in ``promote_from`` where its data are the same.

    ``at_once``: readers are sent to the rows that are found although they are behind those that
    are read now.
    """

    promote_from: str | None = None
    data: str = ""
    at_once: bool = False


def find_reuse(  # noqa: PLR0917 - what it works with
    sought: Sought,
    plan: Plan,
    snapshot: Snapshot,
    repository: Repository,
    registry: RegistryStore,
    online: Online,
) -> Found:
    """The rows that make a load needless, for each view that the plan gives new ones.

    They must have been served once, be complete in the store, and be those that the files define
    now. Of several the newest are taken; this environment's own before another's, of which only
    rows of the very same definition are. Reads the registry, and one stamp of the store for each
    candidate.
    """
    new, loaded = _wanted(plan, snapshot, repository)
    own = registry.generations(snapshot.env) if new else []
    other = sought.promote_from if loaded else None
    theirs = registry.generations(other) if other else []
    search = _Search(sought, snapshot, repository, registry, online, records=[*own, *theirs])
    found: dict[str, Reuse] = {}
    own_by_view = _by_view(own)
    for view in new:
        usable = (search.own(view, record) for record in own_by_view.get(view, ()))
        reuse = next((each for each in usable if each), None)
        if reuse:
            found[view] = reuse
    rest = [view for view in loaded if view not in found]
    if not other or not rest:
        return Found(found)
    by_view = _by_view(theirs)
    answers = {view: search.promoted(other, view, by_view.get(view, ())) for view in rest}
    taken = {view: each for view, each in answers.items() if isinstance(each, Reuse)}
    passed = {view: each for view, each in answers.items() if isinstance(each, str)}
    return Found(
        {**found, **taken}, frozenset(each.generation.id for each in taken.values()), passed
    )


def _wanted(plan: Plan, snapshot: Snapshot, repository: Repository) -> tuple[list[str], list[str]]:
    """The views that get a new generation, and all whose rows are loaded because of the plan."""
    new, loaded = [], []
    for change in plan.changes:
        if change.kind != "view" or change.action == "destroy":
            continue
        view, binding = repository.views[change.name], _binding(change, snapshot)
        if not view.online:
            continue
        if binding is None or forks(snapshot, binding, view, change):
            new.append(change.name)
            loaded.append(change.name)
        elif alters(binding.target, view, change):
            loaded.append(change.name)
    return new, loaded


def _binding(change: Change, snapshot: Snapshot) -> Binding | None:
    return snapshot.bindings.get(change.old_name or change.name)


def _by_view(records: Sequence[GenerationRecord]) -> dict[str, list[GenerationRecord]]:
    """The generations that each view has had, newest first, each as it was bound last.

    That may be under a later name: what was written then is in layouts that are known since then.
    """
    last = {record.generation.id: record for record in records}
    found: defaultdict[str, list[GenerationRecord]] = defaultdict(list)
    for record in reversed(records):
        found[record.view].append(last[record.generation.id])
    return found


def _is_harmless(change: Change | None) -> bool:
    """Whether a change leaves rows as they are, and until when they are kept."""
    return change is None or change.change_class in ("metadata", "rename")


def _of(record: GenerationRecord) -> tuple[str, str]:
    """Who writes the rows, and which they are."""
    return record.owner, record.generation.id


class _Search:
    """Judges candidates; what is asked more than once is kept."""

    def __init__(
        self,
        sought: Sought,
        snapshot: Snapshot,
        repository: Repository,
        registry: RegistryStore,
        online: Online,
        *,
        records: Sequence[GenerationRecord],
    ) -> None:
        self._sought = sought
        self._snapshot = snapshot
        self._repository = repository
        self._registry = registry
        self._online = online
        serving = (binding.read.id for binding in snapshot.bindings.values())
        self._ids = [*(record.generation.id for record in records), *serving]
        self._progress: dict[str, dict[str, Progress]] = {}
        self._snapshots: dict[tuple[str, int], Snapshot] = {}

    def own(self, view: str, record: GenerationRecord) -> Reuse | None:
        """This environment's rows of a record, where they can be taken.

        What another environment writes is left alone: it is nothing to go back to.
        """
        if record.owner != self._snapshot.env or not record.served:
            return None
        loaded = self._loaded(record)
        if loaded is None or self._is_bound_elsewhere(view, record):
            return None
        found = self._defined(view, record)
        is_shared = record.generation.id in self._snapshot.shared
        if found is None or (is_shared and not _is_harmless(found.change)):
            return None
        return self._timed(view, found, record, loaded)

    def promoted(self, env: str, view: str, records: Sequence[GenerationRecord]) -> Reuse | str:
        """The rows of another environment, or why they can't be taken."""
        why = f"{env} has no rows of it"
        for number, record in enumerate(records):
            answer = self._promoted(env, view, record)
            if isinstance(answer, Reuse):
                return answer
            why = why if number else answer
        return why

    def _promoted(self, env: str, view: str, record: GenerationRecord) -> Reuse | str:
        found, loaded = self._defined(view, record), self._loaded(record)
        has_loaded = record.served and not record.needs_fill and self._recorded(*_of(record))
        doubts = {
            f"{record.owner} writes the rows that {env} reads": record.owner != env,
            f"the files of its source are elsewhere in {env} (data_root)": self._is_elsewhere(
                view, record
            ),
            f"it is defined otherwise in {env}": found is None or not _is_harmless(found.change),
            f"{env} has not loaded it yet": not has_loaded,
            f"the online store does not have what {env} has loaded": loaded is None,
            "another view has its rows": self._is_bound_elsewhere(view, record),
        }
        if found is None or loaded is None or any(doubts.values()):
            return next(why for why, holds in doubts.items() if holds)
        return self._timed(view, found, record, loaded)

    def _is_elsewhere(self, view: str, record: GenerationRecord) -> bool:
        """Whether the rows were made of other files: a relative path begins at the data root."""
        path = self._repository.sources[self._repository.views[view].source].path
        return record.data != self._sought.data and not Path(path).is_absolute()

    def _recorded(self, owner: str, generation: str) -> Progress | None:
        """How far the rows are loaded, as their owner has recorded."""
        if owner not in self._progress:
            self._progress[owner] = self._registry.progress(owner, self._ids)
        return self._progress[owner].get(generation)

    def _loaded(self, record: GenerationRecord) -> Progress | None:
        """How far the rows are loaded; None where the store does not have them."""
        loaded = self._recorded(*_of(record))
        if loaded is None:
            return None
        stamp = self._online.stamp(self._snapshot.project, record.generation.id)
        return None if is_lost(loaded, stamp) else loaded

    def _defined(self, view: str, record: GenerationRecord) -> Reuse | None:
        """How the rows serve the view as it is defined now."""
        then = self._at(record.env, record.serial)
        return reuse_of(view, then, record.view, record.generation, self._repository)

    def _at(self, env: str, serial: int) -> Snapshot:
        if (env, serial) not in self._snapshots:
            self._snapshots[env, serial] = self._registry.snapshot(env, serial)
        return self._snapshots[env, serial]

    def _timed(self, view: str, found: Reuse, record: GenerationRecord, loaded: Progress) -> Reuse:
        at_once = self._sought.at_once or self._is_as_far(view, loaded)
        return replace(found, at_once=at_once, needs_fill=record.needs_fill)

    @cached_property
    def _renames(self) -> Renames:
        return find_renames(self._snapshot.repository, self._repository)

    @cached_property
    def _staying(self) -> Mapping[str, set[str]]:
        """By generation, the views that stay and have it, by their new names."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for was, binding in self._snapshot.bindings.items():
            view = self._renames.new_view(was)
            for generation in generations(binding) if view in self._repository.views else ():
                found[generation].add(view)
        return found

    def _is_bound_elsewhere(self, view: str, record: GenerationRecord) -> bool:
        """Whether another view that stays has these rows."""
        return bool(self._staying.get(record.generation.id, set()) - {view})

    def _is_as_far(self, view: str, loaded: Progress) -> bool:
        """Whether the rows are not behind those that the view's readers have now."""
        binding = self._snapshot.bindings.get(self._renames.old_view(view))
        if binding is None or loaded.watermark_us is None:
            return True
        serving = self._recorded(self._snapshot.owner(binding.read.id), binding.read.id)
        if serving is None or serving.watermark_us is None:
            return True
        return loaded.watermark_us >= serving.watermark_us
