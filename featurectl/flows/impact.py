"""What a plan costs: rows, keys, bytes and seconds of each load, and what leaves the online store.

Nothing here fails a plan: what can't be found out is not known, and a note says why.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from featurectl.flows.drift_notes import SILENT
from featurectl.flows.expiry import expires_at_ms
from featurectl.flows.impact_facts import gather, store_room
from featurectl.flows.past_speed import past_parts, seconds_of
from featurectl.plan.impact import Impact

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.impact_facts import Facts, Means
    from featurectl.flows.load_size import Size
    from featurectl.offline.protocol import SourceState
    from featurectl.plan.plan import Change, Plan


def with_impact(
    plan: Plan,
    snapshot: Snapshot,
    repository: Repository,
    states: Mapping[str, SourceState],
    means: Means,
) -> Plan:
    """The plan with what its changes of views cost; ``states`` has sources as they are now.

    Where no view changes nothing is asked. Else: a few round trips to the store, the footers of the
    sources of what is loaded, and two queries for each of these views, some at a time.
    """
    if not any(change.kind == "view" for change in plan.changes):
        return plan
    means.silence = _silence(plan)
    facts = gather(plan, snapshot, repository, means)
    sizes, notes = _sizes(snapshot, repository, states, means, facts)
    changes = tuple(_weighed(change, snapshot, facts, sizes) for change in plan.changes)
    grows = any(change.impact.loads and change.impact.bytes != 0 for change in changes)
    room = store_room(means, grows=grows)
    if means.silence and not _silence(plan):
        notes = (f"what the online store holds is not known: {means.silence}", *notes)
    return replace(
        plan, changes=changes, store=room, notes=(*plan.notes, *facts.promotions, *notes)
    )


def _silence(plan: Plan) -> str:
    """Why the store did not answer when it was asked before: it is not waited for twice."""
    found = (note.removeprefix(SILENT) for note in plan.notes if note.startswith(SILENT))
    return next(found, "")


def _sizes(
    snapshot: Snapshot,
    repository: Repository,
    states: Mapping[str, SourceState],
    means: Means,
    facts: Facts,
) -> tuple[Mapping[str, Size], tuple[str, ...]]:
    if not facts.loads and not facts.leaves:
        return {}, ()
    from featurectl.flows.impact_sizes import Sizes  # noqa: PLC0415 - loads pyarrow

    return Sizes(snapshot, repository, states, means, facts).measured()


def _weighed(change: Change, snapshot: Snapshot, facts: Facts, sizes: Mapping[str, Size]) -> Change:
    if change.kind != "view":
        return change
    if change.name in facts.loads:
        return replace(change, impact=_of_load(change, facts, sizes[change.name]))
    if change.name in facts.leaves:
        return replace(change, impact=_of_leaving(change, snapshot, facts, sizes[change.name]))
    reuses = facts.reused.get(change.name, "")
    return (
        replace(change, impact=Impact(0, 0, 0, 0.0, extra_bytes=0, reuses=reuses))
        if reuses
        else change
    )


def _of_load(change: Change, facts: Facts, size: Size) -> Impact:
    load = facts.loads[change.name]
    parts = past_parts(facts.past, {change.name, change.old_name})
    stored = _bytes(size.keys, size)
    is_beside = load.serving is not None and load.serving.id in facts.progress
    found = Impact(
        size.rows,
        size.keys,
        stored,
        seconds_of(parts, size.rows, size.keys),
        load.window.from_us if load.window else None,
        load.window.to_us if load.window else None,
        stored if is_beside else 0,
        loads=True,
        serving=load.serving.id if load.serving and is_beside else "",
        reuses=facts.reused.get(change.name, ""),
    )
    return _marked(found, {*size.estimated, "bytes", "seconds", "extra_bytes"})


def _of_leaving(change: Change, snapshot: Snapshot, facts: Facts, size: Size) -> Impact:
    """Keys that may have expired by now are counted too, and are near then."""
    bound = facts.leaves[change.name]
    keys = facts.keys_leaving(bound)
    found = Impact(keys=keys, bytes=_bytes(keys, size), serving=bound.read.id)
    view = snapshot.repository.views[bound.view]
    stays = expires_at_ms(view.ttl, view.on_stale, 0) is None
    return _marked(found, {"bytes"} if stays else {"keys", "bytes"})


def _bytes(keys: int | None, size: Size) -> int | None:
    if keys == 0:
        return 0
    return None if keys is None or size.key_bytes is None else round(keys * size.key_bytes)


def _marked(impact: Impact, near: Collection[str]) -> Impact:
    """The impact with its estimates named; nothing is exact, and neither is it near."""
    names = ("rows", "keys", "bytes", "seconds", "extra_bytes")
    return replace(impact, estimated=tuple(n for n in names if n in near and getattr(impact, n)))
