"""An engine whose answers about sources are remembered between commands.

Reading the footers of every file, and loading an engine to do it, is most of the time of a plan
that changes nothing. What a source is made of can't change while the paths, sizes and times of
change of its files are the same, so it is kept in a file under these.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from dataclasses import astuple
from functools import cached_property
from typing import TYPE_CHECKING, Any

from featurectl.errors import SourceError
from featurectl.offline.files import source_files
from featurectl.offline.protocol import SourceState
from featurectl.queries.extent import Extent
from featurectl.system.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa

    from featurectl.definitions.source import Source
    from featurectl.offline.files import Whereabouts
    from featurectl.offline.protocol import OfflineEngine, Query, SourceFile

FORMAT = "featurectl.schemas/2"
_MOST = 10_000  # sources that are kept
_SETTLED_NS = 2_000_000_000  # a file that changed just now may change again within one clock tick


class RememberedSchemas:
    """An :class:`featurectl.offline.protocol.OfflineEngine` over one that is opened when needed.

    Args:
        open_engine: opens the engine; called once, with the first call that needs it.
        root: begins the relative paths of sources.
        memory: the file of what is remembered. It is written by ``close``, only where its folder
            exists, and may be removed at any time.
    """

    def __init__(self, open_engine: Callable[[], OfflineEngine], root: Path, memory: Path) -> None:
        self._open, self._root, self._memory = open_engine, root, memory
        self._lock = threading.Lock()
        self._opened: OfflineEngine | None = None
        self._new: dict[str, dict[str, Any]] = {}

    def schema(self, source: Source) -> SourceState:
        """The source's files, columns and rows; see the protocol."""
        files = source_files(source, self._root)
        key = _key(source, files)
        known = self._state(key, files, source.event_timestamp)
        if known is not None and (known.extents or not _has_extents(source)):
            return known
        state = self._engine.schema(source)
        if state.files == files and _settled(files):
            self._keep(key, state, source.event_timestamp)
        return state

    def remembered(self, source: Source | Whereabouts) -> SourceState | None:
        """What is known of the source as its files are now, without reading any of them.

        None where nothing is known of these files, or there are none.
        """
        try:
            files = source_files(source, self._root)
        except SourceError:
            return None
        return self._state(_key(source, files), files, None)

    def fetch(self, query: Query) -> pa.RecordBatchReader:
        """The result as a stream of batches."""
        return self._engine.fetch(query)

    def export(self, query: Query, path: Path) -> int:
        """Write the result to a Parquet file, and return its number of rows."""
        return self._engine.export(query, path)

    def deliver(self, query: Query, sink: Callable[[pa.RecordBatch], None]) -> None:
        """Hand each batch of the result to ``sink``."""
        self._engine.deliver(query, sink)

    def interrupt(self) -> None:
        """End the queries that run now in other threads."""
        self._engine.interrupt()

    def close(self) -> None:
        """Close the engine, and keep what was learned."""
        with self._lock:
            engine, self._opened = self._opened, None
        if engine is not None:
            engine.close()
        if self._new and self._memory.parent.is_dir():
            self._save()

    def _state(
        self, key: str, files: tuple[SourceFile, ...], event: str | None
    ) -> SourceState | None:
        known = self._new.get(key) or self._known.get(key)
        try:
            return None if known is None else _state_of(files, known, event)
        except (KeyError, TypeError, ValueError, AttributeError):
            return None  # damaged, or by another version

    def _keep(self, key: str, state: SourceState, event: str | None) -> None:
        known = self._new.get(key) or self._known.get(key)
        before = known.get("extents") if isinstance(known, dict) else None
        found = [astuple(extent) for extent in state.extents]
        extents = dict(before) if isinstance(before, dict) else {}
        if event is not None and found:
            extents[event] = found
        self._new[key] = {
            "columns": dict(state.columns),
            "rows": state.rows,
            "extents": extents,
            "complete": sorted(state.complete),
        }

    @property
    def _engine(self) -> OfflineEngine:
        with self._lock:
            self._opened = self._opened or self._open()
            return self._opened

    @cached_property
    def _known(self) -> dict[str, dict[str, Any]]:
        try:
            found = json.loads(self._memory.read_bytes())
            return dict(found["sources"]) if found["format"] == FORMAT else {}
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return {}  # nothing remembered, or not by us: the sources are read

    def _save(self) -> None:
        kept = list({**self._known, **self._new}.items())[-_MOST:]
        # What can't be kept (a read-only folder, a full disk) is read again the next time.
        with contextlib.suppress(SourceError), whole_file(self._memory) as file:
            file.write(json.dumps({"format": FORMAT, "sources": dict(kept)}).encode())


def _state_of(
    files: tuple[SourceFile, ...], known: dict[str, Any], event: str | None
) -> SourceState:
    found = known["extents"].get(event, ())
    extents = tuple(Extent(*extent) for extent in found)
    complete = frozenset(known["complete"])
    return SourceState(files, {**known["columns"]}, known["rows"], extents, complete)


def _key(source: Source | Whereabouts, files: tuple[SourceFile, ...]) -> str:
    return f"{source.file_format}:{SourceState(files, {}, None).digest}"


def _has_extents(source: Source) -> bool:
    return source.event_timestamp is not None and source.file_format == "parquet"


def _settled(files: tuple[SourceFile, ...]) -> bool:
    return max(file.mtime_ns for file in files) < time.time_ns() - _SETTLED_NS
