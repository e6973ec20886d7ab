"""What tests of historical retrieval share: rows to files, definitions, and one join."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from featurectl.definitions.entity import Entity
from featurectl.definitions.instant import parse_instant
from featurectl.definitions.repository import Repository
from featurectl.definitions.service import FeatureService
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import FeatureView
from featurectl.flows.historical import HistoricalRequest, get_historical
from featurectl.flows.request import requested_columns
from featurectl.offline.duckdb import DuckDBEngine
from featurectl.offline.read_frame import read_frame

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from featurectl.flows.training_set import TrainingSet

DAY = "2024-01-01"
UTC_US = pa.timestamp("us", "UTC")


def us(clock: str) -> int:
    """Microseconds of a time of day on the day of all cases, or of a whole instant."""
    return parse_instant(clock if "-" in clock else f"{DAY}T{clock}Z")


def moment(clock: str) -> datetime:
    """The same as an aware datetime."""
    return datetime.fromtimestamp(us(clock) / 1_000_000, timezone.utc)


def times(*clocks: str | None, kind: pa.DataType = UTC_US) -> pa.Array:
    """A column of these times; None is null."""
    found = [None if clock is None else us(clock) for clock in clocks]
    return pa.array(found, pa.timestamp("us")).cast(pa.timestamp("us", "UTC")).cast(kind)


class Joining:
    """A repository that grows by definitions and files, and joins over them."""

    def __init__(self, root: Path, engine: DuckDBEngine | None = None) -> None:
        self.root = root
        self.engine = engine or DuckDBEngine(root)
        self._objects: dict[str, dict[str, Any]] = {
            "entities": {}, "sources": {}, "views": {}, "services": {}
        }  # fmt: skip

    @property
    def repository(self) -> Repository:
        """The definitions so far."""
        return Repository("demo", **self._objects)

    def entity(self, name: str, **join_keys: str) -> None:
        """Define an entity by its join keys."""
        self._objects["entities"][name] = Entity(name, join_keys=join_keys)

    def source(self, name: str, table: pa.Table | dict[str, Any] | None, **fields: Any) -> None:
        """Define a source over a Parquet file of these columns (None: the file is there)."""
        if table is not None:
            data = table if isinstance(table, pa.Table) else pa.table(table)
            pq.write_table(data, self.root / f"{name}.parquet")
        fields = {"path": f"{name}.parquet", "event_timestamp": "ts", **fields}
        self._objects["sources"][name] = FileSource(name, **fields)

    def view(
        self, name: str, entities: Iterable[str], features: dict[str, Any], **fields: Any
    ) -> None:
        """Define a view; its source has its name by default."""
        fields = {"source": name, "ttl": "none", **fields}
        view = FeatureView(name, entities=tuple(entities), features=features, **fields)
        self._objects["views"][name] = view

    def service(self, name: str, *features: Any, **fields: Any) -> None:
        """Define a service."""
        self._objects["services"][name] = FeatureService(name, features=features, **fields)

    def join(
        self,
        frame: Any,
        *features: str,
        service: str | None = None,
        full_names: bool = False,
        **request: Any,
    ) -> TrainingSet:
        """The training set of a frame, or without one of a range or time in ``request``."""
        columns = requested_columns(self.repository, features, service, full_names=full_names)
        rows = None if frame is None else read_frame(frame)
        asked = HistoricalRequest(columns=columns, **request)
        return get_historical(asked, self.repository, self.engine, rows)


def frame(key: str = "driver", *rows: tuple[Any, str | None], **others: list[Any]) -> pa.Table:
    """An entity frame: one key and a time per row, and other columns."""
    keys, clocks = zip(*rows, strict=True) if rows else ((), ())
    return pa.table({key: list(keys), "event_timestamp": times(*clocks), **others})


def simple_view(joining: Joining, *rows: tuple[int, str, int | None], **fields: Any) -> Joining:
    """A view ``v`` of drivers with a feature ``n``: one row per (driver, time, n)."""
    drivers, clocks, n = zip(*rows, strict=True)
    columns = {"driver": list(drivers), "ts": times(*clocks), "n": pa.array(n, pa.int64())}
    joining.entity("driver", driver="int64")
    joining.source("v", columns)
    joining.view("v", ["driver"], {"n": "int64"}, **fields)
    return joining


def values(training: TrainingSet, name: str = "n") -> list[Any]:
    """One column of a training set."""
    return list(training.to_arrow()[name].to_pylist())
