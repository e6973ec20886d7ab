"""Loads what is new of each view into the online store, as one recorded run."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from featurectl.errors import FeaturectlError, RequestError, StoreError
from featurectl.flows.generation_sweep import sweep_retired
from featurectl.flows.publish import publish_missing
from featurectl.flows.run_record import recorded
from featurectl.flows.run_summary import Finished, RunSummary, silent
from featurectl.flows.view_load import PAST_RUNS, Outcome, Work, clock_us, load_view, preview_view
from featurectl.flows.view_target import unknown_view
from featurectl.flows.window import Asked, check_range
from featurectl.registry.protocol import ViewRun

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.run_summary import Event
    from featurectl.offline.protocol import OfflineEngine
    from featurectl.online.protocol import Online
    from featurectl.registry.protocol import Actor, PartStatus, RegistryStore


@dataclass(frozen=True)
class MaterializeRequest:
    """Which views (none: all) and which window; times are microseconds since 1970.

    ``from_us`` and ``to_us`` read that range again; ``full`` a first run's. ``lock_timeout_s`` is
    how long to wait for a view that another run has, ``grace_us`` how long rows are kept that
    nothing reads any more. ``allow`` are findings of the check of a new generation
    (``flows/generation_check.py``) with which it is to serve all the same.
    """

    views: tuple[str, ...] = ()
    from_us: int | None = None
    to_us: int | None = None
    full: bool = False
    dry_run: bool = False
    lock_timeout_s: float | None = None
    allow: tuple[str, ...] = ()
    grace_us: int = field(kw_only=True)


def materialize(  # noqa: PLR0917 - what it works with
    request: MaterializeRequest,
    snapshot: Snapshot,
    engine: OfflineEngine,
    online: Online,
    registry: RegistryStore,
    actor: Actor,
    *,
    now_us: int,
    progress: Callable[[Event], None] | None = None,
) -> RunSummary:
    """Load the views one after the other; one that fails does not stop the others.

    Finished views keep what they have loaded whatever ends the run. ``progress`` is called with
    the events of ``flows/run_summary.py``.

    Raises:
        RequestError: FC320 nothing is applied, FC301 an unknown view, FC315 start after end;
            nothing was recorded.
        StoreError: the store does not answer, and nothing was recorded; or the registry fails.
    """
    began = time.monotonic()
    asked = Asked(now_us, request.from_us, request.to_us, full=request.full)
    check_range(asked)
    views = _views(request, snapshot)
    online.ping()  # a server that is away is told of once, before each view waits for it
    env = snapshot.env
    past = registry.runs(env, limit=PAST_RUNS)
    tell, wait_s = progress or silent, request.lock_timeout_s
    allow, columns = request.allow, registry.schemas(env)
    work = Work(0, env, asked, engine, online, registry, actor, past, wait_s, tell, allow, columns)
    if request.dry_run:
        log = _Log(work, snapshot)
        log.each(views, preview_view)
        return log.summary(time.monotonic() - began)
    with recorded(registry, "materialize", env, snapshot.serial, actor) as run:
        log = _Log(replace(work, run=run), snapshot)
        log.each(views, load_view)
        _publish(work, log)
        _sweep(work, snapshot.project, request.grace_us)
        if log.errors:
            registry.finish(run, "failed")  # and stays so
    return log.summary(time.monotonic() - began)


class _Log:
    """What became of each view; tells of it, and records failures in the ledger."""

    def __init__(self, work: Work, snapshot: Snapshot) -> None:
        self._work = work
        self._snapshot = snapshot
        self._outcomes: list[Outcome] = []
        self.errors: dict[str, FeaturectlError] = {}

    def each(self, views: Sequence[str], act: Callable[[Work, str], Outcome]) -> None:
        """Act on every view, whatever becomes of those before it.

        An error that is a mistake of ours is raised after the last one.
        """
        mistakes = [error for name in views if (error := self._one(name, act))]
        if mistakes:
            raise mistakes[0]

    def summary(self, seconds: float) -> RunSummary:
        """The run as a value."""
        return RunSummary(
            self._work.run,
            tuple(outcome.part for outcome in self._outcomes),
            seconds,
            dry_run=not self._work.run,
            notes={o.part.view: o.notes for o in self._outcomes if o.notes},
            errors=self.errors,
        )

    def _one(self, name: str, act: Callable[[Work, str], Outcome]) -> Exception | None:
        started_us = clock_us()
        mistake = None
        try:
            outcome = self._act(name, act)
        except FeaturectlError as error:
            self.errors[name] = error
            outcome = self._failed(name, started_us, str(error))
        except Exception as error:  # noqa: BLE001 - raised once the other views are done
            mistake = error
            outcome = self._failed(name, started_us, f"{type(error).__name__}: {error}")
        except BaseException:
            with contextlib.suppress(StoreError):  # the interrupt is what to tell of
                self._failed(name, started_us, "interrupted")
            raise
        self._outcomes.append(outcome)
        self._work.tell(Finished(outcome.part, outcome.notes))
        return mistake

    def _act(self, name: str, act: Callable[[Work, str], Outcome]) -> Outcome:
        if self._snapshot.objects["view", name].document["online"]:
            return act(self._work, name)
        return Outcome(self._part(name, clock_us(), "skipped"), ("not served online",))

    def _failed(self, name: str, started_us: int, error: str) -> Outcome:
        part = replace(self._part(name, started_us, "failed"), error=error)
        if self._work.run:
            self._work.registry.advance(self._work.env, self._work.run, part, lease=None)
        return Outcome(part)

    def _part(self, name: str, started_us: int, status: PartStatus) -> ViewRun:
        binding = self._snapshot.bindings.get(name)
        generation = binding.target if binding else None
        return ViewRun(
            name,
            generation.id if generation else "",
            generation.layout.id if generation else 0,
            self._snapshot.objects["view", name].fingerprint,
            self._work.asked.from_us,
            self._work.asked.end_us,
            None,
            started_us,
            clock_us(),
            status,
        )


def _views(request: MaterializeRequest, snapshot: Snapshot) -> list[str]:
    documents = snapshot.documents("view")
    if not documents:
        raise RequestError(
            "FC320",
            f"nothing is applied in env {snapshot.env}",
            help=["apply the definitions first: featurectl apply"],
        )
    for name in request.views:
        if name not in documents:
            raise unknown_view(name, snapshot)
    return sorted(set(request.views)) or list(documents)


def _publish(work: Work, log: _Log) -> None:
    """See to it that the store has the manifest: it may have been emptied, or a run killed."""
    try:
        publish_missing(work.registry.snapshot(work.env), work.online)
    except StoreError:
        if not any(isinstance(error, StoreError) for error in log.errors.values()):
            raise


def _sweep(work: Work, project: str, grace_us: int) -> None:
    """Remove what nothing has read for the grace time; where it can't be now, a later run does."""
    with contextlib.suppress(StoreError):
        sweep_retired(work.online, work.registry, project, work.env, grace_us=grace_us)
