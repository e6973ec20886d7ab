"""Which rows in the online store can be taken for views that would otherwise be filled anew."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from featurectl.flows.freshness import is_lost
from featurectl.plan.bindings import Reuse, generations
from featurectl.plan.reuse import reuse_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.online.protocol import Online
    from featurectl.plan.plan import Plan
    from featurectl.registry.protocol import Progress, RegistryStore
    from featurectl.registry.retention import GenerationRecord


@dataclass(frozen=True)
class Found:
    """What is taken, by view, and the generations that another environment has written so far."""

    reuse: Mapping[str, Reuse]
    takes: frozenset[str] = frozenset()


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
    """The rows that make a new generation needless, for each view that the plan gives one.

    They must have been served once, be complete in the store, and be those that the files define
    now. Of several the newest are taken; this environment's own before another's. Reads the
    registry, and one stamp of the store for each candidate.
    """
    wanted = _wanted(plan, snapshot, repository)
    if not wanted:
        return Found({})
    search = _Search(sought, snapshot, repository, registry, online)
    reuse: dict[str, Reuse] = {}
    takes: set[str] = set()
    for record in search.records():
        if record.view in wanted and record.view not in reuse:
            found = search.judged(record)
            if found:
                reuse[record.view] = found
                takes |= {record.generation.id} if record.owner != snapshot.env else set()
    return Found(reuse, frozenset(takes))


def _wanted(plan: Plan, snapshot: Snapshot, repository: Repository) -> set[str]:
    changes = (change for change in plan.changes if change.kind == "view")
    return {
        change.name
        for change in changes
        if change.action != "destroy"
        and repository.views[change.name].online
        and (
            change.action == "rebuild" or (change.old_name or change.name) not in snapshot.bindings
        )
    }


@dataclass(frozen=True)
class _Search:
    sought: Sought
    snapshot: Snapshot
    repository: Repository
    registry: RegistryStore
    online: Online

    def records(self) -> Iterator[GenerationRecord]:
        """The candidates in the order in which they are preferred."""
        env, other = self.snapshot.env, self.sought.promote_from
        yield from reversed(self.registry.generations(env))
        if other:
            for record in reversed(self.registry.generations(other)):
                if record.owner == other and record.data == self.sought.data:
                    yield record

    def judged(self, record: GenerationRecord) -> Reuse | None:
        """The rows of the record, where they can be taken."""
        if not record.served or self._is_bound_elsewhere(record):
            return None
        progress = self.registry.progress(record.env, [record.generation.id])
        loaded = progress.get(record.generation.id)
        stamp = self.online.stamp(self.snapshot.project, record.generation.id)
        if loaded is None or is_lost(loaded, stamp):
            return None
        then = self.registry.snapshot(record.env, record.serial)
        found = reuse_of(record.view, then, record.generation, self.repository)
        if found is None:
            return None
        at_once = self.sought.at_once or self._is_as_far(record, loaded)
        return replace(found, at_once=at_once, needs_fill=record.needs_fill)

    def _is_bound_elsewhere(self, record: GenerationRecord) -> bool:
        """Whether another view that stays has these rows."""
        return any(
            record.generation.id in generations(binding)
            for view, binding in self.snapshot.bindings.items()
            if view != record.view and view in self.repository.views
        )

    def _is_as_far(self, record: GenerationRecord, loaded: Progress) -> bool:
        """Whether the rows are not behind those that the view's readers have now."""
        binding = self.snapshot.bindings.get(record.view)
        if binding is None or loaded.watermark_us is None:
            return True
        serving = self.registry.progress(self.snapshot.env, [binding.read.id]).get(binding.read.id)
        if serving is None or serving.watermark_us is None:
            return True
        return loaded.watermark_us >= serving.watermark_us
