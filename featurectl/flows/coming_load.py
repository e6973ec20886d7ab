"""Which views the next materialize reads whole because of a plan, and what of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurectl.flows.window import Asked, Loaded, Window, window
from featurectl.plan.origin import differences, origin
from featurectl.plan.renames import find_renames

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from featurectl.definitions.binding import Binding, Generation
    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.plan.plan import Change, Plan
    from featurectl.registry.protocol import Progress

_HARMLESS = ("metadata", "rename", "narrowing")  # none of these asks for rows


@dataclass(frozen=True)
class ComingLoad:
    """A load that a change of a view causes.

    It writes ``generation``; ``window`` None reads all rows of a static source. ``serving`` is what
    readers stay on until it is done, None where they have nothing, or where rows are rewritten in
    place. ``same_keys``: the entities that are in the store already are those that will be.
    """

    view: str
    generation: Generation
    window: Window | None
    serving: Generation | None = None
    same_keys: bool = False


@dataclass(frozen=True)
class Rebound:
    """Where a plan leaves the views: the bindings after it, and how far generations are loaded.

    ``reused`` names the views that need no load because their rows are there already.
    """

    bindings: Mapping[str, Binding | None]
    progress: Mapping[str, Progress]
    reused: Collection[str] = ()


def coming_loads(
    plan: Plan, snapshot: Snapshot, repository: Repository, rebound: Rebound, now_us: int
) -> dict[str, ComingLoad]:
    """The loads by view. A run that starts now is taken: it reads up to ``now_us``."""
    found = {}
    for change, before, after in _bound(plan, snapshot, rebound):
        if not _is_caused(change, before, after, rebound):
            continue
        is_static = repository.sources[repository.views[change.name].source].is_static
        covered = None if is_static else _window(repository, change.name, after, rebound, now_us)
        if not is_static and (covered is None or not covered.complete):
            continue
        serving = before.read if before and after.fill else None
        same_keys = before is not None and _has_same_keys(change, before, snapshot, repository)
        found[change.name] = ComingLoad(change.name, after.target, covered, serving, same_keys)
    return found


def leaving(plan: Plan, snapshot: Snapshot, rebound: Rebound) -> dict[str, Binding]:
    """What views that leave the online store are bound to, by the change that takes them out.

    Rows that another environment reads stay.
    """
    found = {}
    for change in plan.changes:
        before = _before(change, snapshot)
        if change.kind != "view" or not before or before.read.id in snapshot.shared:
            continue
        gone = change.name in rebound.bindings and rebound.bindings[change.name] is None
        if gone or change.action == "destroy":
            found[change.name] = before
    return found


def _bound(
    plan: Plan, snapshot: Snapshot, rebound: Rebound
) -> Iterator[tuple[Change, Binding | None, Binding]]:
    """The views that change and are online, bound before and after; those of others are left."""
    for change in plan.changes:
        if change.kind != "view" or change.action == "destroy":
            continue
        after = rebound.bindings.get(change.name, snapshot.bindings.get(change.name))
        if after and snapshot.owners.get(after.target.id, snapshot.env) == snapshot.env:
            yield change, _before(change, snapshot), after


def _before(change: Change, snapshot: Snapshot) -> Binding | None:
    return snapshot.bindings.get(change.old_name or change.name)


def _is_caused(change: Change, before: Binding | None, after: Binding, rebound: Rebound) -> bool:
    """Whether the load is due to this change, not to an earlier one or to its first run alone."""
    if change.name in rebound.reused:
        return after.needs_fill
    if before is None or before.target.id != after.target.id:
        return True
    return after.needs_fill and (not before.needs_fill or change.change_class not in _HARMLESS)


def _window(
    repository: Repository, name: str, after: Binding, rebound: Rebound, now_us: int
) -> Window | None:
    view = repository.views[name]
    loaded = Loaded(
        ttl_us=view.ttl,
        lookback_us=view.lookback,
        has_created=repository.sources[view.source].created_timestamp is not None,
        progress=rebound.progress.get(after.target.id),
        filling=after.fill is not None,
        needs_fill=after.needs_fill,
    )
    return window(Asked(now_us), loaded)


def _has_same_keys(
    change: Change, before: Binding, snapshot: Snapshot, repository: Repository
) -> bool:
    applied = snapshot.repository
    renamed = find_renames(applied, repository).features.get(change.name, {})
    old, new = applied.views[before.view], repository.views[change.name]
    return old.ttl == new.ttl and not differences(
        origin(applied, old), origin(repository, new), renamed
    )
