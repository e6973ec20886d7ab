"""A feature repository at work in tests: real files, a real engine, registry and online store."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from applied import repository

from featurectl.definitions.arrow_type import arrow_type
from featurectl.definitions.instant import parse_instant
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import FeatureView
from featurectl.flows.materialize import MaterializeRequest, materialize
from featurectl.flows.publish import publish
from featurectl.flows.status import status
from featurectl.offline.duckdb import DuckDBEngine
from featurectl.online.codec import RowReader
from featurectl.online.keys import row_key
from featurectl.plan.bindings import rebind
from featurectl.plan.diff import diff
from featurectl.plan.documents import documents
from featurectl.registry.actor import current_actor
from featurectl.registry.protocol import Commit
from featurectl.registry.sqlite import SqliteRegistry, system_now_us
from featurectl.wiring.stores import open_online

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from featurectl.definitions.definition import Definition
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.run_summary import RunSummary

UTC_US = pa.timestamp("us", "UTC")


def at(text: str) -> int:
    """Microseconds of a time of 2024-01-01, such as ``12:00``, or of a whole ISO time."""
    return parse_instant(f"2024-01-01T{text}Z" if text[2:3] == ":" else text)


class Loading:
    """One project and environment over one online store; files lie in ``folder``.

    A moment that is not given is the real one: what expires in the store does so by its own clock.
    ``clock`` is the registry's.
    """

    def __init__(
        self,
        folder: Path,
        online_url: str,
        *,
        project: str = "demo",
        clock: Callable[[], int] = system_now_us,
    ) -> None:
        self.folder = folder
        self.project = project
        self.env = "dev"
        self.engine = DuckDBEngine(folder)
        self.online = open_online(online_url, folder)
        self.registry = SqliteRegistry.open(
            folder / f"{project}.db", project, create=True, now_us=clock
        )
        self.actor = current_actor(folder)
        self._applies = 0

    def close(self) -> None:
        self.engine.close()
        self.online.close()
        self.registry.close()

    @property
    def snapshot(self) -> Snapshot:
        return self.registry.snapshot(self.env)

    def generation(self, view: str) -> str:
        """The id of the generation that readers are sent to."""
        return self.snapshot.bindings[view].read.id

    def write(
        self,
        name: str,
        rows: Sequence[Sequence[Any]],
        features: Mapping[str, str],
        *,
        key: str = "int64",
        created: bool = False,
    ) -> None:
        """Write ``name``: rows of (key, event, [created,] *features), times as in :func:`at`."""
        width = 3 if created else 2
        columns = {"id": pa.array([row[0] for row in rows], arrow_type(key))}
        columns["at"] = pa.array([_time(row[1]) for row in rows], UTC_US)
        if created:
            columns["known"] = pa.array([_time(row[2]) for row in rows], UTC_US)
        for i, (feature, kind) in enumerate(features.items()):
            columns[feature] = pa.array([row[width + i] for row in rows], arrow_type(kind))
        partial = self.folder / f".{name}"
        pq.write_table(pa.table(columns), partial)
        partial.replace(self.folder / name)

    def apply(self, *objects: Definition) -> None:
        """Make what is applied equal to the objects, and publish the manifest."""
        before = self.snapshot
        files = repository(*objects, project=self.project)
        plan = diff(before, files)
        self._applies += 1
        run = self.registry.begin("apply", self.env, before.serial, self.actor)
        self.registry.commit(
            Commit(
                self.env,
                before.serial,
                documents(plan, before, files),
                rebind(before, files, plan, self._suffix, {}),
                run,
                self.actor,
                plan=plan.document(),
            )
        )
        publish(self.snapshot, self.online)
        self.registry.finish(run, "ok")

    def run(self, *views: str, now: str | int | None = None, **request: Any) -> RunSummary:
        """Materialize; ``start`` and ``end`` as in :func:`at`."""
        start, end = request.pop("start", None), request.pop("end", None)
        progress = request.pop("progress", None)
        return materialize(
            MaterializeRequest(views, _time(start), _time(end), **{"grace_us": 0, **request}),
            self.snapshot,
            self.engine,
            self.online,
            self.registry,
            self.actor,
            now_us=time.time_ns() // 1_000 if now is None else _time(now),
            progress=progress,
        )

    def status(self, *, now: str | int | None = None, online: bool = True) -> Any:
        """The report of all views."""
        return status(
            self.snapshot,
            self.registry,
            self.online if online else None,
            time.time_ns() // 1_000 if now is None else _time(now),
            sorted(self.snapshot.documents("view")),
        )

    def stored(self, view: str, *keys: Any) -> dict[Any, tuple[Any, ...] | None]:
        """The values of each key as a reader finds them now; None where there is no row."""
        return {key: row and row[1] for key, row in self.rows(view, *keys).items()}

    def rows(self, view: str, *keys: Any) -> dict[Any, tuple[int | None, tuple[Any, ...]] | None]:
        """Event time and values of each key."""
        generation = self.snapshot.bindings[view].read
        names = [name for name, _ in generation.layout.columns]
        reader = RowReader(generation.layouts, names)
        parts = [key if isinstance(key, tuple) else (key,) for key in keys]
        where = [row_key(self.project, generation.id, generation.join_keys, part) for part in parts]
        found = zip(keys, self.online.get(where), strict=True)
        return {key: None if row is None else reader.read(row)[1:] for key, row in found}  # type: ignore[misc]

    def _suffix(self) -> str:
        return f"{self._applies:04d}"


def source(name: str = "stats", **fields: Any) -> FileSource:
    """A source over files that :meth:`Loading.write` has written."""
    return FileSource(name, **{"path": f"{name}.parquet", "event_timestamp": "at", **fields})


def view(name: str = "stats", **fields: Any) -> FeatureView:
    """A view of one feature ``x`` over the source of the same name."""
    defaults = {"entities": ["driver"], "source": name, "ttl": "none", "features": {"x": "float64"}}
    return FeatureView(name, **{**defaults, **fields})


def _time(moment: Any) -> Any:
    return at(moment) if isinstance(moment, str) else moment
