"""A registry in a database that speaks SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.definitions.snapshot import Snapshot
from featurectl.registry import applied, bindings, generations, leases, ledger, source_schemas
from featurectl.registry.generations import note_swept

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from featurectl.definitions.binding import Binding
    from featurectl.registry.protocol import (
        Actor,
        Commit,
        CommitRecord,
        Lease,
        Progress,
        RunKind,
        RunRecord,
        RunStatus,
        ViewRun,
    )
    from featurectl.registry.retention import GenerationRecord
    from featurectl.registry.serving_history import Bound, Load
    from featurectl.registry.session import Database, Session


class SqlRegistry:
    """All that is registered of a project; see ``registry/protocol.py`` for what each does.

    A method that only reads makes no registry; one that changes something makes it where it is
    missing. Safe between threads, which take turns, and between processes.
    """

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project
        self._moment: object = None
        self._snapshots: dict[tuple[str, int | None], Snapshot] = {}  # of that moment

    def create(self) -> None:
        """Make the registry where it is missing."""
        self._database.write(lambda _: None)

    def snapshot(self, env: str, serial: int | None = None) -> Snapshot:
        """See :meth:`Registry.snapshot`; of a registry that is not there: serial 0, no lineage.

        As long as nothing has moved the same one is given again, for the price of one small query.
        """
        nothing = Snapshot(self._project, env, lineage="")
        return self._database.read(lambda con: self._snapshot(con, env, serial), nothing)

    def _snapshot(self, con: Session, env: str, serial: int | None) -> Snapshot:
        moment = applied.moment(con)
        if moment != self._moment:
            self._moment, self._snapshots = moment, {}
        if (env, serial) not in self._snapshots:
            found = applied.read_snapshot(con, self._database.place, self._project, env, serial)
            self._snapshots[env, serial] = found
        return self._snapshots[env, serial]

    def commit(self, commit: Commit) -> int:
        """See :meth:`Registry.commit`; one that changes nothing leaves the serial as it is."""
        return self._database.write(
            lambda con: applied.write_commit(con, commit, con.now_us),
        )

    def history(self, env: str, *, limit: int = 100) -> list[CommitRecord]:
        """See :meth:`Registry.history`."""
        return self._database.read(lambda con: applied.read_history(con, env, limit), [])

    def backup(self, keep: int = 10) -> None:
        """See :meth:`Registry.backup`."""
        self._database.copy_aside(keep)

    def describe(self) -> str:
        """See :meth:`Registry.describe`."""
        return self._database.describe()

    def close(self) -> None:
        """See :meth:`Registry.close`."""
        self._database.close()

    def begin(self, kind: RunKind, env: str, serial: int, actor: Actor) -> int:
        """See :meth:`Ledger.begin`."""
        return self._database.write(
            lambda con: ledger.begin_run(
                con, kind, env, serial=serial, actor=actor, now_us=con.now_us
            )
        )

    def finish(self, run: int, status: RunStatus) -> None:
        """See :meth:`Ledger.finish`."""
        self._database.write(lambda con: ledger.finish_run(con, run, status, con.now_us))

    def progress(self, env: str, generations: Sequence[str]) -> dict[str, Progress]:
        """See :meth:`Ledger.progress`."""
        return self._database.read(lambda con: ledger.read_progress(con, env, generations), {})

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
        """See :meth:`Ledger.advance`."""
        return self._database.write(
            lambda con: ledger.write_part(
                con,
                env,
                run,
                part,
                lease=lease,
                expected=expected,
                progress=progress,
                binding=binding,
                revision=revision,
                now_us=con.now_us,
            )
        )

    def runs(self, env: str | None = None, *, limit: int = 100) -> list[RunRecord]:
        """See :meth:`Ledger.runs`."""
        return self._database.read(lambda con: ledger.read_runs(con, env, limit, con.now_us), [])

    def acquire(self, name: str, run: int, actor: Actor) -> Lease:
        """See :meth:`Leases.acquire`."""
        return self._database.write(lambda con: leases.take(con, name, run, actor, con.now_us))

    def renew(self, lease: Lease) -> None:
        """See :meth:`Leases.renew`."""
        self._database.write(lambda con: leases.give_sign(con, lease, con.now_us))

    def release(self, lease: Lease) -> None:
        """See :meth:`Leases.release`."""
        self._database.write(lambda con: leases.give_back(con, lease))

    def holders(self) -> list[Lease]:
        """See :meth:`Leases.holders`."""
        return self._database.read(leases.read_held, [])

    def generations(self, env: str) -> list[GenerationRecord]:
        """See :meth:`Retention.generations`; none of an older version until the next write."""
        return self._database.read(lambda con: generations.read_records(con, env), [])

    def claim(self, env: str, before_us: int, only: Collection[str] | None = None) -> list[str]:
        """See :meth:`Retention.claim`."""
        return self._database.write(
            lambda con: generations.claim(con, env, before_us, con.now_us, only)
        )

    def swept(self, generations: Sequence[str]) -> None:
        """See :meth:`Retention.swept`."""
        self._database.write(lambda con: note_swept(con, generations, con.now_us))

    def schemas(self, env: str) -> dict[str, dict[str, str]]:
        """See :meth:`SourceSchemas.schemas`; none of an older version."""
        return self._database.read(lambda con: source_schemas.read(con, env), {})

    def record_schemas(self, env: str, schemas: Mapping[str, Mapping[str, str]]) -> None:
        """See :meth:`SourceSchemas.record_schemas`."""
        self._database.write(lambda con: source_schemas.write(con, env, schemas, con.now_us))

    def bound(self, env: str, view: str) -> list[Bound]:
        """See :meth:`ServingHistory.bound`."""
        return self._database.read(lambda con: bindings.past(con, env, view), [])

    def loads(self, generations: Sequence[str]) -> list[Load]:
        """See :meth:`ServingHistory.loads`."""
        return self._database.read(lambda con: ledger.read_loads(con, generations), [])
