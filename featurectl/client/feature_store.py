"""The Python API: a feature repository with its registry, its engine and its online store.

A thin façade. Each method opens what it needs, on first use, and calls one flow; what a flow
imports is loaded with the first call that needs it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurectl.client.arguments import instant, now_us, seconds
from featurectl.client.impact import weigher
from featurectl.definitions.selector import select_views
from featurectl.errors import RequestError
from featurectl.repo.config import Config, load_config
from featurectl.wiring.environment import Environment
from featurectl.wiring.stores import check_stores

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from typing_extensions import Self

    from featurectl.client.arguments import When
    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.apply import ApplyResult
    from featurectl.flows.rollback import Rollback
    from featurectl.flows.run_summary import RunSummary
    from featurectl.flows.status import StatusReport
    from featurectl.flows.training_set import TrainingSet
    from featurectl.flows.unlock import Lock
    from featurectl.flows.vectors import OnlineFeatures
    from featurectl.plan.plan import Plan
    from featurectl.registry.protocol import RunRecord


class FeatureStore:
    """One feature repository in one environment.

    ``FeatureStore("repo/", env="prod")``. The folder is found by walking up from ``path`` to the
    one with ``featurectl.yaml``. ``online`` and ``registry`` replace what is configured there.

    Raises:
        DefinitionError: FC110 no repository there, FC120 an environment that is not configured, and
            what else is wrong in ``featurectl.yaml``.
    """

    def __init__(
        self,
        path: str | Path = ".",
        *,
        env: str | None = None,
        online: str | None = None,
        registry: str | None = None,
    ) -> None:
        self.config: Config = load_config(Path(path), env=env, online=online, registry=registry)
        self.environment = Environment(self.config)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Give connections and files back; the next call opens them again."""
        self.environment.close()

    @cached_property
    def repository(self) -> Repository:
        """The definitions in the files, read once.

        Raises:
            ManyErrors: everything that is wrong in any file.
        """
        from featurectl.repo.load import load_repository  # noqa: PLC0415 - loads pydantic

        return load_repository(self.config)

    def snapshot(self, serial: int | None = None) -> Snapshot:
        """What is applied now in the environment, or was at a serial. Writes nothing."""
        return self.environment.readable_registry.snapshot(self.config.env, serial)

    def check(self, *, sources: bool = False) -> Repository:
        """The definitions in the files, once they are found right.

        With ``sources`` each source's schema is read too, and compared with what is declared.

        Raises:
            ManyErrors: everything that is wrong.
        """
        check_stores(self.config)
        if sources:
            from featurectl.flows.source_states import check_against_sources  # noqa: PLC0415 - see above

            check_against_sources(self.repository, self.environment.engine)
        return self.repository

    def plan(self, *, sources: bool = True, only: Sequence[str] = ()) -> Plan:
        """What apply would change, computed without changing anything.

        With ``only``, selectors of views and services, all else is to stay as it is applied.

        Raises:
            RequestError: FC313 a selector matches nothing, FC330 the selection can't stand alone.
            ManyErrors: what is wrong in the files or, unless ``sources`` is False, in the sources.
        """
        from featurectl.flows.apply import make_plan  # noqa: PLC0415 - see above

        check_stores(self.config)
        repository = self._selected(only)
        plan = make_plan(
            repository,
            self.environment.readable_registry,
            self.environment.engine if sources else None,
            env=self.config.env,
            actor=self.environment.actor,
            online=self.environment.prompt_online,
            weigh=weigher(self.environment, repository, sources=sources),
        )
        return replace(plan, only=tuple(only))

    def apply(
        self,
        plan: Plan | None = None,
        *,
        allow: Collection[str] = (),
        saved: bool = False,
        lock_timeout: str | None = None,
    ) -> ApplyResult:
        """Make what is applied equal to the files: all of it or none.

        ``plan`` must equal what would be planned now. ``saved`` says that a person has approved
        exactly this plan; without it the classes in ``allow`` are what is approved beyond the
        harmless ones. No data are loaded: that is done by :meth:`materialize`, of the views that
        the result calls ``incomplete``.

        Raises:
            RefusedError: FC401, FC402, FC403 an approval is missing.
            ConflictError: FC501 the plan is stale, FC502 somebody else is applying.
        """
        plan = plan or self.plan()
        repository = self._selected(plan.only)
        return self._apply(plan, repository, allow=allow, saved=saved, lock_timeout=lock_timeout)

    def _selected(self, only: Sequence[str]) -> Repository:
        """The definitions in the files; of what is not selected those that are applied."""
        if not only:
            return self.repository
        from featurectl.plan.selection import select  # noqa: PLC0415 - rarely needed

        return select(self.snapshot(), self.repository, only)

    def plan_rollback(self, run: int | None = None) -> Rollback:
        """The way back to what a run had applied, by default to before the last change.

        Nothing is changed, and no source is read.

        Raises:
            RequestError: FC320 nothing is applied, FC321 the run has applied nothing.
        """
        from featurectl.flows.rollback import plan_rollback  # noqa: PLC0415 - see above

        check_stores(self.config)
        found = self.environment
        back = plan_rollback(found.readable_registry, self.config.env, found.actor, run)
        if not back.plan.has_changes:
            return back
        weigh = weigher(found, back.repository, sources=False, rolls_back=True)
        return replace(back, plan=weigh(back.plan, self.snapshot(), {}))

    def rollback(
        self,
        rollback: Rollback | None = None,
        *,
        allow: Collection[str] = (),
        lock_timeout: str | None = None,
    ) -> ApplyResult:
        """Apply again what was applied before: a change like any other, with the same approvals.

        Readers get the earlier rows at once where they are still in the store.

        Raises:
            RefusedError: FC401, FC402, FC403 an approval is missing.
            ConflictError: FC501 somebody has applied since it was planned, FC502 is applying.
        """
        found = rollback or self.plan_rollback()
        return self._apply(
            found.plan, found.repository, allow=allow, lock_timeout=lock_timeout, rolls_back=True
        )

    def get_historical_features(
        self,
        entities: Any = None,
        *,
        features: Sequence[str] | None = None,
        service: str | None = None,
        full_names: bool = False,
        known_at: bool = False,
        start: When = None,
        end: When = None,
        at: When = None,
        event_timestamp: str = "event_timestamp",
        from_files: bool = False,
    ) -> TrainingSet:
        """A training set: each row of ``entities`` with the feature values known at its time.

        ``entities`` is a path (Parquet, CSV, Arrow IPC), an Arrow table, or a pandas or Polars
        frame; without it ``start`` and ``end``, or ``at``, say which rows are made. Rows come out
        in input order, with all their columns. Definitions are those applied, or with
        ``from_files`` those in the files.

        Raises:
            RequestError: FC3xx the request can't be answered as asked.
            SourceError: FC2xx a source can't be read.
        """
        from featurectl.flows.historical import HistoricalRequest, get_historical  # noqa: PLC0415 - loads pyarrow
        from featurectl.flows.request import requested_columns  # noqa: PLC0415 - loads pydantic
        from featurectl.offline.frame import read_frame  # noqa: PLC0415 - loads pyarrow

        repository = self.repository if from_files else self._applied().repository
        moment = now_us()
        columns = requested_columns(repository, features, service, full_names=full_names)
        request = HistoricalRequest(
            columns=columns,
            known_at=known_at,
            start_us=instant(start, moment),
            end_us=instant(end, moment),
            at_us=instant(at, moment),
            event_timestamp=event_timestamp,
        )
        frame = None if entities is None else read_frame(entities)
        return get_historical(request, repository, self.environment.engine, frame)

    def materialize(
        self,
        views: Sequence[str] | None = None,
        *,
        start: When = None,
        end: When = None,
        full: bool = False,
        dry_run: bool = False,
        allow: Collection[str] = (),
        lock_timeout: str | None = None,
        progress: Callable[..., None] | None = None,
    ) -> RunSummary:
        """Load into the online store what is new since the last run, view by view.

        ``views`` are selectors (all by default). ``start`` and ``end`` load that range again,
        whatever was loaded; ``full`` loads a first run's range. ``allow`` lets a new generation
        serve though it is ``empty``, or has ``nulls`` only where there were values. A view that
        fails does not stop the others: the summary says which did, and why.

        Raises:
            RequestError: FC313 a selector that matches nothing, FC315 start after end.
        """
        from featurectl.flows.materialize import MaterializeRequest, materialize  # noqa: PLC0415 - loads pyarrow

        snapshot = self._applied()
        moment = now_us()
        request = MaterializeRequest(
            views=tuple(select_views(views or (), snapshot)),
            from_us=instant(start, moment),
            to_us=instant(end, moment),
            full=full,
            dry_run=dry_run,
            lock_timeout_s=seconds(lock_timeout),
            allow=tuple(allow),
            grace_us=self.config.grace_us,
        )
        return materialize(
            request,
            snapshot,
            self.environment.engine,
            self.environment.online,
            self.environment.registry,
            self.environment.actor,
            now_us=moment,
            progress=progress,
        )

    def get_online_features(
        self,
        *,
        keys: Sequence[Mapping[str, Any]],
        features: Sequence[str] | None = None,
        service: str | None = None,
        full_names: bool = False,
    ) -> OnlineFeatures:
        """The newest values of each row of ``keys``, with their status: one round trip.

        Raises:
            RequestError: FC3xx, StoreError: FC605 nothing is applied in this store.
        """
        from featurectl.client.online_client import OnlineClient  # noqa: PLC0415 - loads redis

        client = OnlineClient.over(self.environment.online, self.config.project, self.config.env)
        return client.get_online_features(
            keys=keys, features=features, service=service, full_names=full_names
        )

    def status(self, views: Sequence[str] | None = None) -> StatusReport:
        """How fresh each view is, how many keys it has online, and what its last run did.

        It also tells where the manifest in the store, or columns of sources, are not those that
        were applied. No source is read: it is judged as it was last found on this machine.
        """
        from featurectl.flows.status import status  # noqa: PLC0415 - not needed to import the API

        snapshot = self.snapshot()
        selected = select_views(views or (), snapshot)
        return status(
            snapshot,
            self.environment.readable_registry,
            self.environment.online,
            now_us(),
            selected,
            columns=self.environment.known_columns(snapshot.documents("source")),
        )

    def history(self, *, limit: int = 100) -> list[RunRecord]:
        """The runs of the environment, newest first."""
        return self.environment.readable_registry.runs(self.config.env, limit=limit)

    def locks(self) -> list[Lock]:
        """Who is at work with this registry, in any environment: the locks that are held."""
        from featurectl.flows.unlock import held_locks  # noqa: PLC0415 - see above

        return held_locks(self.environment.readable_registry, now_us())

    def unlock(self, lock: Lock) -> bool:
        """Release a lock whose holder does not; False when it was given back meanwhile.

        The holder, if it is still at work, can record nothing any more.
        """
        from featurectl.flows.unlock import unlock  # noqa: PLC0415 - see above

        return unlock(self.environment.registry, lock)

    def _apply(
        self,
        plan: Plan,
        repository: Repository,
        *,
        lock_timeout: str | None,
        **how: Any,
    ) -> ApplyResult:
        from featurectl.flows.apply import ApplyRequest, apply  # noqa: PLC0415 - see above
        from featurectl.flows.source_states import columns_now  # noqa: PLC0415 - same

        request = ApplyRequest(
            self.config.grace_us,
            lock_timeout_s=seconds(lock_timeout),
            data=self.environment.data,
            promote_from=self.config.promote_from,
            columns=columns_now(repository, self.environment.engine),
            **how,
        )
        found = self.environment
        return apply(plan, repository, found.registry, found.online, found.actor, request)

    def _applied(self) -> Snapshot:
        snapshot = self.snapshot()
        if not snapshot.serial:
            raise RequestError(
                "FC320",
                f"nothing is applied in env {self.config.env}",
                help=["apply the definitions first: featurectl apply"],
            )
        return snapshot
