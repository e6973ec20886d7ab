"""The Python API: a feature repository with its registry, its engine and its online store.

A thin façade. Each method opens what it needs, on first use, and calls one flow; what a flow
imports is loaded with the first call that needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurectl.client.arguments import instant, now_us, seconds
from featurectl.client.explained_store import ExplainedStore
from featurectl.definitions.selector import select_views

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from featurectl.client.arguments import When
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.asked import Asked
    from featurectl.flows.run_summary import RunSummary
    from featurectl.flows.skew_compare import Comparison
    from featurectl.flows.status import StatusReport
    from featurectl.flows.training_set import TrainingSet
    from featurectl.flows.unlock import Lock
    from featurectl.flows.vectors import OnlineFeatures
    from featurectl.registry.protocol import RunRecord


class FeatureStore(ExplainedStore):
    """One feature repository in one environment: ``FeatureStore("repo/", env="prod")``.

    The folder is found by walking up from ``path`` to the one with ``featurectl.yaml``. ``online``
    and ``registry`` replace what is configured there.

    Raises:
        DefinitionError: FC110 no repository there, FC120 an environment that is not configured, and
            what else is wrong in ``featurectl.yaml``.
    """

    def get_historical_features(
        self,
        entities: Any = None,
        *,
        features: Sequence[str] | None = None,
        service: str | None = None,
        full_names: bool = False,
        known_at: bool = False,
        as_served: bool = False,
        start: When = None,
        end: When = None,
        at: When = None,
        sql: str | None = None,
        sample: int | None = None,
        event_timestamp: str = "event_timestamp",
        from_files: bool = False,
        prove: bool = False,
    ) -> TrainingSet:
        """A training set: each row of ``entities`` with the feature values known at its time.

        ``entities`` is a path (Parquet, CSV, Arrow IPC), an Arrow table or reader, or a pandas or
        Polars frame; without it ``sql`` over the repository's sources gives the rows, or ``start``
        and ``end``, or ``at``, say which are made. Rows come out in input order, with all their
        columns; with ``sample`` so many of them, the same ones each time. With ``as_served`` values
        are those that the online store would have returned then, by the recorded materialization
        runs. Definitions are those applied, or with ``from_files`` those in the files. With
        ``prove`` each row carries the event and created time of the row that won in each view, and
        is checked by them.

        Raises:
            RequestError: FC3xx the request can't be answered as asked.
            SourceError: FC2xx a source can't be read.
        """
        from featurectl.flows.asked import Asked, asked_entities, asked_features  # noqa: PLC0415 - rarely needed

        moment = now_us()
        asked = Asked(
            entities=asked_entities(entities),
            features=asked_features(features),
            service=service,
            full_names=full_names,
            known_at=known_at,
            as_served=as_served,
            start_us=instant(start, moment),
            end_us=instant(end, moment),
            at_us=instant(at, moment),
            sql=sql,
            sample=sample,
            event_timestamp=event_timestamp,
            from_files=from_files,
            prove=prove,
        )
        return self.answer(asked, entities)

    def compare_historical(
        self,
        entities: Any = None,
        *,
        progress: Callable[[int], None] | None = None,
        **request: Any,
    ) -> Comparison:
        """How what was served differs from what was true, feature by feature, at the rows' times.

        ``request`` is as in :meth:`get_historical_features`, but for ``as_served``. Streams: both
        are joined side by side, and only counts are held.

        Raises:
            RequestError: FC335 a view was never served, or no run has loaded it; FC3xx.
            SourceError: FC2xx a source can't be read.
        """
        from featurectl.flows.skew_compare import compare  # noqa: PLC0415 - loads pyarrow

        return compare(self.get_historical_features(entities, **request), progress)

    def answer(
        self, asked: Asked, entities: Any = None, *, snapshot: Snapshot | None = None
    ) -> TrainingSet:
        """The training set of a request, by the definitions of ``snapshot``.

        Without one they are those that the request names: applied now, or of the files.
        """
        from featurectl.flows.as_served import ServedPast  # noqa: PLC0415 - loads pyarrow
        from featurectl.flows.dataset_origin import Origin, of_files  # noqa: PLC0415 - loads pydantic
        from featurectl.flows.historical import HistoricalRequest, get_historical  # noqa: PLC0415 - loads pyarrow
        from featurectl.flows.request import requested_columns  # noqa: PLC0415 - loads pydantic
        from featurectl.offline.read_frame import read_frame  # noqa: PLC0415 - loads pyarrow

        if snapshot is None:
            files = asked.from_files
            snapshot = of_files(self.snapshot(), self.repository) if files else self._applied()
        repository = snapshot.repository
        columns = requested_columns(
            repository, asked.references(), asked.service, full_names=asked.full_names
        )
        request = HistoricalRequest(
            columns=columns,
            known_at=asked.known_at,
            start_us=asked.start_us,
            end_us=asked.end_us,
            at_us=asked.at_us,
            sql=asked.sql,
            sample=asked.sample,
            event_timestamp=asked.event_timestamp,
            proves=asked.prove,
            as_served=asked.as_served,
            past=ServedPast(
                self.environment.readable_registry, snapshot.env, self.environment.engine
            ),
            now_us=now_us(),
        )
        frame = None if entities is None else read_frame(entities)
        found = get_historical(request, repository, self.environment.engine, frame)
        config = self.config
        found.origin = Origin(
            asked,
            snapshot,
            config.root,
            config.data_root,
            now_us(),
            lambda: self.environment.actor,
        )
        return found

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
