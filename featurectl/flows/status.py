"""How fresh each view is in the online store, and what its last run did."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol

from featurectl.definitions.instant import format_optional
from featurectl.errors import StoreError
from featurectl.flows.drift import manifest_drift
from featurectl.flows.freshness import freshness_limit, is_lost
from featurectl.flows.progress import progress_of
from featurectl.flows.run_summary import null_share
from featurectl.flows.source_drift import source_drift
from featurectl.registry.protocol import Ledger
from featurectl.registry.retention import SourceSchemas

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.drift import Drift
    from featurectl.online.protocol import Online, Stamp
    from featurectl.registry.protocol import Progress, RunRecord, ViewRun

FORMAT = "featurectl.status/1"
State = Literal["ok", "stale", "empty", "failed", "never"]
_RUNS = 1_000  # how far back a view's last run is looked for


class StatusRegistry(Ledger, SourceSchemas, Protocol):
    """What is asked of a registry here."""


@dataclass(frozen=True)
class LastRun:
    """The run that last had to do with a view, and its part."""

    run: int
    part: ViewRun


@dataclass(frozen=True)
class ViewStatus:
    """One view; times and durations in microseconds.

    ``freshness_us`` is the age of the newest event that was loaded, ``limit_us`` what it may be;
    both None for a static source. ``online_keys`` counts the keys that runs have created in the
    store, None where no store was asked. ``null_share`` is of the last run that wrote values,
    ``last`` the run that had last to do with the view. ``detail`` says why it is not ok.
    """

    view: str
    state: State
    watermark_us: int | None = None
    newest_us: int | None = None
    freshness_us: int | None = None
    limit_us: int | None = None
    online_keys: int | None = None
    null_share: float | None = None
    last: LastRun | None = None
    detail: str = ""

    def document(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "view": self.view,
            "watermark": format_optional(self.watermark_us),
            "newest_event": format_optional(self.newest_us),
            "freshness_seconds": _seconds(self.freshness_us),
            "limit_seconds": _seconds(self.limit_us),
            "online_keys": self.online_keys,
            "null_share": self.null_share,
            "last_run": self.last.run if self.last else None,
            "state": self.state,
            "detail": self.detail,
        }


@dataclass(frozen=True)
class StatusReport:
    """All views asked for, by name. ``store_error`` says why the online store gave no answer.

    ``drift`` is where what readers are told, or what sources are made of, is not what was applied.
    """

    env: str
    views: tuple[ViewStatus, ...]
    store_error: StoreError | None = None
    drift: tuple[Drift, ...] = ()

    @property
    def breached(self) -> bool:
        """Whether any view is not ok, or something is not as it was applied."""
        views_are_ok = all(view.state == "ok" for view in self.views)
        return self.store_error is not None or not views_are_ok or bool(self.drift)

    @property
    def counts(self) -> dict[str, int]:
        """How many views there are in each state that occurs, worst first."""
        order = ("empty", "stale", "failed", "never", "ok")
        found = {state: sum(view.state == state for view in self.views) for state in order}
        return {state: count for state, count in found.items() if count}

    def document(self) -> dict[str, Any]:
        """The JSON form, ``featurectl.status/1``."""
        return {
            "format": FORMAT,
            "env": self.env,
            "store_error": self.store_error.message if self.store_error else None,
            "drift": [drift.document() for drift in self.drift],
            "views": [view.document() for view in self.views],
        }


def status(
    snapshot: Snapshot,
    registry: StatusRegistry,
    online: Online | None,
    now_us: int,
    views: Sequence[str],
    *,
    columns: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> StatusReport:
    """The state of those of ``views`` that are served online, and what has drifted.

    Reads the registry and, from the store, the manifest and one stamp per view (nothing where
    ``online`` is None). A store that can't be asked is reported, and does not hide the rest.
    ``columns`` are those of the sources, as far as they are known without reading any.
    """
    documents, sources = snapshot.documents("view"), snapshot.documents("source")
    served = [name for name in views if name in snapshot.bindings and documents[name]["online"]]
    generations = {name: snapshot.bindings[name].read.id for name in served}
    progress = progress_of(snapshot, registry, list(generations.values()))
    past = _past(registry.runs(snapshot.env, limit=_RUNS))
    answer = _ask(online, snapshot, list(generations.values()))
    found = []
    for name in served:
        document, generation = documents[name], generations[name]
        is_static = sources[document["source"]]["event_timestamp"] is None
        facts = _Facts(
            limit_us=None if is_static else freshness_limit(document),
            progress=progress.get(generation),
            store_asked=answer.stamps is not None,
            stamp=(answer.stamps or {}).get(generation),
            past=past.get(name, []),
        )
        found.append(_judge(name, facts, now_us))
    drift = source_drift(snapshot, registry.schemas(snapshot.env), columns, views=views)
    harmful = [each for each in drift if not each.harmless]
    return StatusReport(snapshot.env, tuple(found), answer.error, (*answer.drift, *harmful))


@dataclass(frozen=True)
class _Facts:
    """What is known of a view; ``past`` are its parts in past runs, newest first."""

    limit_us: int | None
    progress: Progress | None
    store_asked: bool
    stamp: Stamp | None
    past: Sequence[LastRun]


def _judge(view: str, facts: _Facts, now_us: int) -> ViewStatus:
    progress = facts.progress
    newest = progress.newest_us if progress else None
    freshness = None if newest is None else now_us - newest
    state, detail = _state(facts, freshness)
    return ViewStatus(
        view,
        state,
        watermark_us=progress.watermark_us if progress else None,
        newest_us=newest,
        freshness_us=freshness,
        limit_us=facts.limit_us,
        online_keys=_keys(facts),
        null_share=next(
            (s for last in facts.past if (s := null_share(last.part)) is not None), None
        ),
        last=facts.past[0] if facts.past else None,
        detail=detail,
    )


def _state(facts: _Facts, freshness_us: int | None) -> tuple[State, str]:
    """The worst that is true of a view, and why; a failure explains staleness."""
    failure = facts.past[0].part.error if facts.past else ""
    if facts.progress is None:
        return ("failed", failure) if failure else ("never", "never materialized")
    if facts.store_asked and is_lost(facts.progress, facts.stamp):
        return "empty", _loss(facts)
    if facts.limit_us is not None and freshness_us is None:
        return "stale", failure or "no row was loaded yet"
    if facts.limit_us is not None and (freshness_us or 0) > facts.limit_us:
        return "stale", failure
    return ("failed", failure) if failure else ("ok", "")


def _loss(facts: _Facts) -> str:
    wrote = next((last for last in facts.past if last.part.keys), None)
    says = f" (run {wrote.run} wrote {wrote.part.keys:,} keys)" if wrote else ""
    return f"the store does not have what was loaded{says}: emptied, restored or failed over?"


def _keys(facts: _Facts) -> int | None:
    if not facts.store_asked:
        return None
    return facts.stamp.keys if facts.stamp else 0


def _past(runs: Sequence[RunRecord]) -> dict[str, list[LastRun]]:
    """The parts of each view, newest first; what was skipped says nothing of a view."""
    found: dict[str, list[LastRun]] = {}
    for record in runs:
        for part in record.views:
            if part.status != "skipped":
                found.setdefault(part.view, []).append(LastRun(record.run, part))
    return found


@dataclass(frozen=True)
class _Answer:
    """What the store says; ``stamps`` None where it was not asked, or failed."""

    stamps: Mapping[str, Stamp | None] | None = None
    drift: tuple[Drift, ...] = ()
    error: StoreError | None = None


def _ask(online: Online | None, snapshot: Snapshot, generations: Sequence[str]) -> _Answer:
    if online is None:
        return _Answer()
    try:
        drift = manifest_drift(snapshot, online.read(snapshot.project, snapshot.env))
        stamps = {name: online.stamp(snapshot.project, name) for name in generations}
    except StoreError as error:
        return _Answer(error=error)
    return _Answer(stamps, (drift,) if drift else ())


def _seconds(us: int | None) -> float | None:
    return None if us is None else us / 1e6
