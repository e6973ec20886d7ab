"""The errors of every registry: what happened to which serial or lease, and who did it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.definitions.duration import span
from featurectl.definitions.instant import to_datetime
from featurectl.errors import ConflictError, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.registry.protocol import Lease


def of_another_project(place: str, theirs: str, ours: str) -> StoreError:
    """FC611: a registry holds one project, whose name is part of every key in the online store."""
    return StoreError(
        "FC611",
        f'the registry {place} belongs to project "{theirs}", not to "{ours}"',
        help=["give this project a registry of its own (`registry:` in featurectl.yaml)"],
    )


def newer(place: str, theirs: int, ours: int) -> StoreError:
    """FC612: a newer featurectl has written it."""
    return StoreError(
        "FC612",
        f"the registry {place} was written by a newer featurectl",
        notes=[f"its schema is version {theirs}, this featurectl knows {ours}"],
        help=["upgrade: pip install --upgrade featurectl"],
    )


def no_such_serial(place: str, env: str, asked: int, now: int) -> StoreError:
    """FC615: the environment never had that serial in this registry."""
    return StoreError(
        "FC615",
        f"env {env} has no serial {asked}: it is at {now} in the registry {place}",
        notes=["a serial of another registry, or of one that was restored from an older copy"],
        help=[f"featurectl history --env {env} lists what there is"],
    )


def stale(env: str, made_at: int, now: int, notes: Sequence[str]) -> ConflictError:
    """FC501: the serial is not the one that the change was computed against."""
    older = ["this registry is older than the plan: restored from a copy, or another one"]
    return ConflictError(
        "FC501",
        f"the plan is stale: it was made at serial {made_at}, env {env} is at {now}",
        notes=notes if now > made_at else older,
        help=[f"plan again: featurectl plan --env {env}"],
    )


def rebound(code: str, env: str, view: str, notes: Sequence[str]) -> ConflictError:
    """FC501 or FC504: the view's rows were bound anew since they were looked at."""
    verb = "plan" if code == "FC501" else "materialize"
    return ConflictError(
        code,
        f"view {view} was changed in env {env} meanwhile",
        notes=notes,
        help=[f"run again: featurectl {verb} --env {env}"],
    )


def held(lease: Lease, kind: str, now_us: int) -> ConflictError:
    """FC502: somebody alive has the lease."""
    since = f"since {_clock(lease.since_us)} ({span(now_us - lease.since_us)})"
    seen = span(now_us - lease.seen_us)
    return ConflictError(
        "FC502",
        f"{_subject(lease.name)} is locked by {kind} (run #{lease.run})",
        notes=[
            f"{lease.actor.who} pid {lease.actor.pid}, {since}, last sign of life {seen} ago",
        ],
        help=[
            "wait with --lock-timeout 5m; the lock of a dead process is taken over by itself",
            f"if it will never come to its end: featurectl unlock {lease.id}",
        ],
    )


def taken_over(lease: Lease, now: Lease | None) -> ConflictError:
    """FC503: the lease is no longer this holder's."""
    by = f"run #{now.run} by {now.actor.who} pid {now.actor.pid} has it" if now else "nobody has it"
    return ConflictError(
        "FC503",
        f"the lock of {_subject(lease.name)} was lost by run #{lease.run}",
        notes=[f"{by} now; this run gave no sign of life for too long, or somebody unlocked it"],
        help=["nothing of it was recorded; run the command again"],
    )


def progressed(view: str, generation: str, notes: Sequence[str]) -> ConflictError:
    """FC504: another run moved the generation's progress."""
    return ConflictError(
        "FC504",
        f"another run loaded view {view} ({generation}) meanwhile",
        notes=notes,
        help=["nothing is lost: run the command again, it continues from there"],
    )


def being_swept(view: str, generation: str) -> ConflictError:
    """FC505: the rows are claimed by who removes them, or gone."""
    return ConflictError(
        "FC505",
        f"view {view} can't be sent to {generation}: its rows are being removed",
        notes=["nothing had read them for longer than the grace time"],
        help=["run the command again: it fills the view anew from its source"],
    )


def deed(run: int, kind: str, who: str, ago_us: int) -> str:
    """Who has moved something, as a note tells it."""
    return f"run #{run}, {kind} by {who}, {span(ago_us)} ago"


def _clock(us: int) -> str:
    return f"{to_datetime(us):%H:%M:%S} UTC"


def _subject(lease: str) -> str:
    kind, _, name = lease.partition(":")
    return f"env {name}" if kind == "apply" else f"view {name.rpartition(':')[2] or kind}"
