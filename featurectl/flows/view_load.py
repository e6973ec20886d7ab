"""Loads the newest rows of one view into the online store.

The order of effects is what makes a run safe to kill at any point, and safe to repeat: rows, then
the generation's stamp, then the view's progress in the registry, then, where a new generation was
filled, the manifest, and at last the rows of the old one.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from featurectl.flows.expiry import expires_at_ms
from featurectl.flows.generation_check import Filled, check_filled, suffix
from featurectl.flows.generation_switch import counted_keys, left_behind, sweep_replaced
from featurectl.flows.ignored import ignored_query
from featurectl.flows.lease import held
from featurectl.flows.publish import publish, publish_older
from featurectl.flows.run_notes import (
    on_columns,
    on_nothing,
    on_rows,
    on_sweep,
    on_takeover,
    on_waiting,
    on_window,
)
from featurectl.flows.run_summary import Started, Written
from featurectl.flows.store_writer import Counts, StoreWriter
from featurectl.flows.view_target import (
    Target,
    find_target,
    reading_of,
    window_of,
    written_generation,
)
from featurectl.flows.window import Asked, Window, fills, progress_after
from featurectl.offline.files import check_unchanged
from featurectl.offline.protocol import Query
from featurectl.online.protocol import Stamp
from featurectl.queries.expression import to_sql
from featurectl.queries.latest import counts, latest
from featurectl.registry.protocol import Progress, ViewRun

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from featurectl.definitions.binding import Binding, Generation
    from featurectl.flows.lease import Held
    from featurectl.flows.run_summary import Event
    from featurectl.offline.protocol import OfflineEngine
    from featurectl.online.protocol import Online
    from featurectl.registry.protocol import Actor, PartStatus, RegistryStore, RunRecord


PAST_RUNS = 200  # where traces of runs that did not come to their end are looked for


@dataclass(frozen=True)
class Work:
    """What a run works with. ``past`` are earlier runs, newest first; ``run`` is 0 of a dry run.

    ``columns`` are those that the sources were applied with.
    """

    run: int
    env: str
    asked: Asked
    engine: OfflineEngine
    online: Online
    registry: RegistryStore
    actor: Actor
    past: Sequence[RunRecord]
    wait_s: float | None
    tell: Callable[[Event], None]
    allowed: Collection[str] = ()
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What a run did to a view, and what a person should know of it."""

    part: ViewRun
    notes: tuple[str, ...] = ()


def load_view(work: Work, name: str) -> Outcome:
    """Load what is new of a view, while holding its lease.

    Raises:
        ConflictError: FC502 another run has the view, FC503 one has taken it over, FC504 its
            definition was changed meanwhile.
        SourceError, StoreError: as the engine and the store say.
    """
    lease_name = f"materialize:{work.env}:{name}"
    with held(work.registry, lease_name, work.run, work.actor, wait_s=work.wait_s) as lease:
        started_us = clock_us()
        if lease.lease.taken_from:
            work = replace(work, past=work.registry.runs(work.env, limit=PAST_RUNS))
        # Read under the lease: the run before may have moved progress, or flipped the view.
        target = _target(work, name)
        notes = [*on_takeover(lease), *on_sweep(_sweep_left_behind(work, target))]
        covered = window_of(target, work.asked)
        if covered is None:
            outcome = _nothing(work, target, started_us)
            work.registry.advance(work.env, work.run, outcome.part, lease=lease.lease)
            return replace(outcome, notes=(*notes, *outcome.notes))
        notes += [*on_columns(target, work.columns), *on_window(target, covered, work.past)]
        return _load(work, target, covered, lease, started_us=started_us, notes=notes)


def preview_view(work: Work, name: str) -> Outcome:
    """What a run would read, counted by the engine; nothing is written or held."""
    started_us = clock_us()
    target = _target(work, name)
    covered = window_of(target, work.asked)
    if covered is None:
        return _nothing(work, target, started_us)
    query = Query(to_sql(counts(target.sourced, reading_of(target, covered))))
    row = work.engine.fetch(query).read_all().to_pylist()[0]
    found = Counts(rows=row["n"], keys=row["keys"], late=row["l"])
    part = _part(target, target.generation, covered, found, started_us)
    return Outcome(part, tuple(on_window(target, covered, work.past)))


def clock_us() -> int:
    """This moment, in microseconds since 1970."""
    return time.time_ns() // 1_000


def _target(work: Work, name: str) -> Target:
    snapshot = work.registry.snapshot(work.env)
    return find_target(name, snapshot, work.registry, work.online, work.engine)


def _load(
    work: Work,
    target: Target,
    covered: Window,
    lease: Held,
    *,
    started_us: int,
    notes: list[str],
) -> Outcome:
    project = target.snapshot.project
    generation = written_generation(target, work.run)
    if target.is_static:
        # So that a later run finds what this one leaves where it is killed.
        work.online.mark(project, generation.id, Stamp(work.run, None, 0))
    work.tell(
        Started(target.name, None if target.is_static else covered.from_us, _end(target, covered))
    )
    publish_older(target.snapshot, work.online)
    found = _write(work, target, covered, generation, lease)
    notes += on_rows(target, found, _ignored(work, target, covered))
    progress = _progress(work, target, covered, found)
    keys = counted_keys(work.online, target, generation, found, work.past)
    flips = _flips(target, generation, progress)
    if generation.id != target.binding.read.id:
        filled = Filled(
            target, generation, covered, found, keys, flips, work.asked.now_us, work.allowed
        )
        checked = check_filled(filled, work.engine, work.online)
        notes += checked if flips else [on_waiting(target)]
    work.registry.renew(lease.lease)  # whoever took over has marked it as his
    work.online.mark(project, generation.id, Stamp(work.run, progress.watermark_us, keys))
    part = _part(target, generation, covered, found, started_us)
    work.registry.advance(
        work.env,
        work.run,
        part,
        lease=lease.lease,
        expected=target.loaded.progress if generation == target.generation else None,
        progress=progress,
        binding=_binding_after(target, generation, covered, flips=flips),
        revision=target.snapshot.revision,
    )
    if flips:
        publish(work.registry.snapshot(work.env), work.online)
        sweep_replaced(work.online, work.registry, target.snapshot, target.binding, generation)
        if target.binding.fill:
            notes.append(f"serving {suffix(target.binding.read)} -> {suffix(generation)}")
    return Outcome(part, tuple(notes))


def _write(
    work: Work, target: Target, covered: Window, generation: Generation, lease: Held
) -> Counts:
    """Put the newest row of each entity into the store."""
    view = target.sourced.view
    writer = StoreWriter(
        work.online,
        target.snapshot.project,
        generation,
        is_static=target.is_static,
        expires_at_ms=expires_at_ms(view.ttl, view.on_stale, work.asked.now_us),
        before_put=lease.check,
        after_put=lambda so_far: work.tell(Written(target.name, so_far.keys, so_far.rows)),
    )
    query = latest(target.sourced, target.features, reading_of(target, covered))
    with writer:
        work.engine.deliver(Query(to_sql(query)), writer)
        found = writer.finish()
    check_unchanged(target.sourced.source.name, target.state.files)
    lease.check()
    return found


def _progress(work: Work, target: Target, covered: Window, found: Counts) -> Progress:
    if target.is_static:
        return Progress(None, None, target.state.digest, work.run)
    return progress_after(
        covered, work.asked, target.loaded, run=work.run, newest_us=found.newest_us
    )


def _flips(target: Target, generation: Generation, progress: Progress) -> bool:
    """Whether readers can be sent to the generation: it must not be behind the one they read."""
    if generation.id == target.binding.read.id:
        return False
    serving = target.serving.watermark_us if target.serving else None
    return serving is None or progress.watermark_us is None or progress.watermark_us >= serving


def _binding_after(
    target: Target, generation: Generation, covered: Window, *, flips: bool
) -> Binding | None:
    """The binding where it changes: readers are sent to a new generation, or nothing is to fill."""
    binding = target.binding
    if flips:
        return replace(binding, read=generation, fill=None, needs_fill=False)
    if binding.needs_fill and fills(covered, target.loaded):
        return replace(binding, needs_fill=False)
    return None


def _part(
    target: Target, generation: Generation, covered: Window, found: Counts, started_us: int
) -> ViewRun:
    status: PartStatus = "ok" if found.rows else "empty"
    return ViewRun(
        target.name,
        generation.id,
        generation.layout.id,
        target.fingerprint,
        None if target.is_static else covered.from_us,
        _end(target, covered),
        covered.created_bound_us,
        started_us,
        clock_us(),
        status,
        rows=found.rows,
        keys=found.keys,
        late=found.late,
        nulls=found.nulls,
        values=found.values,
    )


def _end(target: Target, covered: Window) -> int | None:
    return None if target.is_static else covered.to_us


def _nothing(work: Work, target: Target, started_us: int) -> Outcome:
    """A part that did nothing, and why."""
    generation = target.generation
    part = ViewRun(
        target.name,
        generation.id,
        generation.layout.id,
        target.fingerprint,
        None,
        None,
        None,
        started_us,
        clock_us(),
        "empty" if target.is_static and target.is_own else "skipped",
    )
    return Outcome(part, (on_nothing(target, work.asked.end_us),))


def _sweep_left_behind(work: Work, target: Target) -> int:
    """Remove the rows of generations that no binding has named; how many there were."""
    snapshot = target.snapshot
    return sum(
        work.online.sweep(snapshot.project, generation)
        for generation in left_behind(work.past, snapshot, target.name, work.registry)
    )


def _ignored(work: Work, target: Target, covered: Window) -> int:
    """Rows that can't be used; 0 in a part of the source: without a time they belong to none."""
    if not covered.complete:
        return 0
    query = ignored_query(target.sourced)
    return 0 if query is None else int(work.engine.fetch(query).read_all()["n"][0].as_py())
