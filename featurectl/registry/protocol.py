"""What a registry can do: hold what was applied, the ledger of runs, and leases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from featurectl.registry.retention import Retention, SourceSchemas
from featurectl.registry.serving_history import ServingHistory

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from featurectl.definitions.binding import Binding
    from featurectl.definitions.snapshot import Snapshot

RunKind = Literal["apply", "rollback", "materialize"]
RunStatus = Literal["ok", "failed", "died", "running"]
PartStatus = Literal["ok", "empty", "failed", "skipped"]


@dataclass(frozen=True)
class Actor:
    """Who does something: user, host, process, and the git commit of the files at hand."""

    by: str
    host: str
    pid: int
    git: str = ""  # commit sha with "+dirty" where the work tree differs; empty outside of git

    @property
    def who(self) -> str:
        """``user@host``."""
        return f"{self.by}@{self.host}"


@dataclass(frozen=True)
class Commit:
    """A change of what is applied: a document to hold from now on, or None to drop the object.

    ``serial`` is the one that the change was computed against. ``bindings`` are those that change;
    None drops a view's. ``revision``, where given, is that of the snapshot the bindings were
    computed from: a flip since then refuses the commit, which would undo it.

    ``data`` tells where the sources of this environment are: generations that the commit names
    first are recorded with it, and belong to ``env``. ``takes`` are generations of another
    environment that ``env`` writes from now on; how far they are loaded goes along. ``schemas`` are
    the columns, with their types, that the sources had. ``leases`` are those under which the change
    is made: one that was taken over or released refuses the commit, with FC503.
    """

    env: str
    serial: int
    objects: Mapping[tuple[str, str], Mapping[str, Any] | None]
    bindings: Mapping[str, Binding | None]
    run: int
    actor: Actor
    plan: Mapping[str, Any] = field(default_factory=dict)
    revision: int | None = None
    data: str = ""
    takes: Collection[str] = ()
    schemas: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    leases: Sequence[Lease] = ()


@dataclass(frozen=True)
class CommitRecord:
    """A commit as history tells it; times are microseconds since 1970."""

    env: str
    serial: int
    run: int
    at_us: int
    actor: Actor
    plan: Mapping[str, Any]


@dataclass(frozen=True)
class ViewRun:
    """What one run did to one view.

    The run covered event times from ``from_us`` (None: the beginning) to ``to_us``, and rows
    created after ``created_bound_us`` whatever their event time; where there is such a bound, the
    range begins after ``from_us``, else with it. ``error`` says why it failed.
    """

    view: str
    generation: str
    layout: int
    fingerprint: str
    from_us: int | None
    to_us: int | None
    created_bound_us: int | None
    started_us: int
    finished_us: int
    status: PartStatus
    rows: int = 0
    keys: int = 0
    late: int = 0
    nulls: int = 0
    values: int = 0
    error: str = ""


@dataclass(frozen=True)
class Progress:
    """How far a generation is loaded.

    ``watermark_us``: event times up to here are in the store. ``created_bound_us``: rows created up
    to here were seen. ``source_digest``: the files that a static source was loaded from. ``run``:
    the run that moved it last. ``newest_us``: the greatest event time that was loaded, None before
    any row was and for a static source.
    """

    watermark_us: int | None
    created_bound_us: int | None
    source_digest: str
    run: int
    newest_us: int | None = None


@dataclass(frozen=True)
class RunRecord:
    """A run as the ledger tells it. ``finished_us`` is None while it runs, and when it died."""

    run: int
    kind: RunKind
    env: str
    status: RunStatus
    started_us: int
    finished_us: int | None
    actor: Actor
    serial: int
    views: tuple[ViewRun, ...] = ()


@dataclass(frozen=True)
class Lease:
    """A name that one holder has; ``token`` rises with each takeover: a late holder is fenced.

    ``taken_from`` is the dead holder that it was taken over from just now.
    """

    name: str
    id: str
    token: int
    run: int
    actor: Actor
    since_us: int
    seen_us: int
    taken_from: Actor | None = field(default=None, compare=False)


class Registry(Protocol):
    """What was applied, in any number of environments, each with its own serial.

    Laws: append-only, so that every old serial can be read again; a commit is all or nothing, and
    is refused when the serial has moved. Readers never block, and never wait for a writer.

    Raises StoreError: FC611 can't be opened, FC612 of a newer version, FC613 damaged, FC614
    read-only or full, FC615 no such serial.
    """

    def snapshot(self, env: str, serial: int | None = None) -> Snapshot:
        """What is applied now, or was at ``serial`` (bindings are always those of now)."""
        ...

    def commit(self, commit: Commit) -> int:
        """Make the change, and return the new serial.

        Raises:
            ConflictError: FC501, naming who moved the serial since; FC503 a lease is held no more.
        """
        ...

    def history(self, env: str, *, limit: int = 100) -> list[CommitRecord]:
        """Commits, newest first."""
        ...

    def backup(self, keep: int = 10) -> None:
        """Copy the registry aside before it is changed, and keep the newest ``keep`` copies."""
        ...

    def describe(self) -> str:
        """Where and what it is, for a person; no secrets."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...


class Ledger(Protocol):
    """Which runs moved which data.

    Law: a watermark moves in the same transaction that records the run's part, only if it still is
    where the run found it, and only while the run holds the view's lease.
    """

    def begin(self, kind: RunKind, env: str, serial: int, actor: Actor) -> int:
        """Open a run, and return its number (1, 2, … over all environments)."""
        ...

    def finish(self, run: int, status: RunStatus) -> None:
        """Close a run; one that is closed stays as it is."""
        ...

    def progress(self, env: str, generations: Sequence[str]) -> dict[str, Progress]:
        """How far each generation is loaded; those without a finished run are left out."""
        ...

    def advance(
        self,
        env: str,
        run: int,
        part: ViewRun,
        *,
        lease: Lease | None,
        expected: Progress | None = None,
        progress: Progress | None = None,
        binding: Binding | None = None,
        revision: int | None = None,
    ) -> int:
        """Record a run's part and, in the same transaction, move its generation's progress.

        ``progress`` None leaves it where it is. ``binding``, where given, replaces the view's (a
        flip) and raises the environment's revision, which is returned either way. ``revision``,
        where given, is that of the snapshot ``binding`` was derived from.

        Raises:
            ConflictError: FC503 the lease was taken over, FC504 the progress is not ``expected``,
                or the view's binding was changed after ``revision``.
        """
        ...

    def runs(self, env: str | None = None, *, limit: int = 100) -> list[RunRecord]:
        """Runs with their parts, newest first; ``died`` where the process is gone."""
        ...


class Leases(Protocol):
    """Names that one holder at a time has, with signs of life.

    A holder is dead when its process is gone (on the same host) or it has given no sign of life for
    a minute; its lease is then taken over.
    """

    def acquire(self, name: str, run: int, actor: Actor) -> Lease:
        """Take the lease.

        Raises:
            ConflictError: FC502 somebody alive holds it: who, where, since when.
        """
        ...

    def renew(self, lease: Lease) -> None:
        """Give a sign of life. Raises ConflictError FC503 when it was taken over."""
        ...

    def release(self, lease: Lease) -> None:
        """Give it back; nothing happens when it was taken over."""
        ...

    def holders(self) -> list[Lease]:
        """All leases that are held."""
        ...


class RegistryStore(Registry, Ledger, Leases, Retention, SourceSchemas, ServingHistory, Protocol):
    """All of them over one file or database, for who needs them together."""
