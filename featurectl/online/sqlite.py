"""The embedded online store: one SQLite file, for one machine, with nothing to set up."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from featurectl.online.codec import row_times
from featurectl.online.keys import manifest_key, row_prefix, stamp_key, version_key
from featurectl.online.protocol import PutCount
from featurectl.online.records import is_newer, read_stamp, read_stored_manifest, stamp_text
from featurectl.online.sqlite_file import open_file, store_errors, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from featurectl.definitions.manifest import Manifest
    from featurectl.online.protocol import Rows, Stamp

_MOST_KEYS = 512  # of one statement
_SWEPT_AT_ONCE = 10_000  # rows of one transaction, so that other writers get their turn

_PUT = """
insert into rows (key, value, event_us, created_us, expires_at_ms) values (?1, ?2, ?3, ?4, ?5)
on conflict (key) do update set value = excluded.value, event_us = excluded.event_us,
  created_us = excluded.created_us, expires_at_ms = excluded.expires_at_ms
where (excluded.event_us, excluded.created_us) >= (rows.event_us, rows.created_us)
  or rows.expires_at_ms <= ?6
"""
_SET = "insert or replace into rows (key, value) values (?, ?)"
_LIVE = "(expires_at_ms is null or expires_at_ms > ?)"
_RANGE = "key >= ? and key < ?"


class SqliteOnline:
    """An :class:`~featurectl.online.protocol.Online` over a file, which the first write creates.

    A file that does not exist reads as empty. Readers are never blocked by writers, of this process
    or others; writers wait for each other. It may be shared by threads.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reading = threading.Lock()
        self._writing = threading.Lock()
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None

    def put(self, rows: Rows) -> PutCount:
        """Write rows in one transaction, each unless the file has a newer one."""
        now = _now_ms()
        records = [
            (key, value, *row_times(value), rows.expires_at_ms, now)
            for key, value in zip(rows.keys, rows.values, strict=True)
        ]
        with self._write() as db, transaction(db):
            held = sum(_count_live(db, keys, now) for keys in _chunks(rows.keys))
            changes = db.total_changes
            db.executemany(_PUT, records)
            return PutCount(db.total_changes - changes, len(records) - held)

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The values of keys, in order, all as of one moment."""
        with self._read() as db:
            if db is None:
                return [None] * len(keys)
            if len(keys) <= _MOST_KEYS:
                found = _get(db, keys)
            else:
                with _snapshot(db):
                    found = {k: v for part in _chunks(keys) for k, v in _get(db, part).items()}
        return [found.get(key) for key in keys]

    def delete(self, keys: Sequence[bytes]) -> int:
        """Remove rows by key; how many there were."""
        if not self._path.exists():
            return 0
        with self._write() as db, transaction(db):
            changes = db.total_changes
            db.executemany("delete from rows where key = ?", [(key,) for key in keys])
            return db.total_changes - changes

    def ping(self) -> str:
        """``sqlite`` and its version, once the file, where there is one, is found readable."""
        with self._read() as db:
            if db is not None:
                db.execute("select 1 from rows limit 1").fetchall()
        return f"sqlite {sqlite3.sqlite_version}"

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        with self._reading, self._writing:
            for db in (self._reader, self._writer):
                if db is not None:
                    db.close()
            self._reader = self._writer = None

    def stamp(self, project: str, generation: str) -> Stamp | None:
        """What the generation says of itself."""
        (text,) = self.get([stamp_key(project, generation)])
        return None if text is None else read_stamp(text)

    def mark(self, project: str, generation: str, stamp: Stamp) -> None:
        """Write the stamp, and drop the rows of the generation that have expired."""
        with self._write() as db, transaction(db):
            db.execute(_SET, (stamp_key(project, generation), stamp_text(stamp)))
            bounds = _bounds(project, generation)
            db.execute(f"delete from rows where {_RANGE} and not {_LIVE}", (*bounds, _now_ms()))

    def count(self, project: str, generation: str) -> int:
        """The number of rows."""
        with self._read() as db:
            if db is None:
                return 0
            query = f"select count(*) from rows where {_RANGE} and {_LIVE}"
            (found,) = db.execute(query, (*_bounds(project, generation), _now_ms())).fetchone()
            return int(found)

    def sample(self, project: str, generation: str, size: int) -> list[tuple[bytes, bytes]]:
        """Up to ``size`` rows, picked at random."""
        with self._read() as db:
            if db is None:
                return []
            query = f"""select key, value from rows where key in
                (select key from rows where {_RANGE} and {_LIVE} order by random() limit ?)"""
            found = db.execute(query, (*_bounds(project, generation), _now_ms(), size))
            return found.fetchall()

    def sweep(self, project: str, generation: str) -> int:
        """Remove every row of the generation and, before them, its stamp."""
        if not self._path.exists():
            return 0
        query = f"""delete from rows where key in
            (select key from rows where {_RANGE} limit {_SWEPT_AT_ONCE})"""
        with self._write() as db:
            db.execute("delete from rows where key = ?", (stamp_key(project, generation),))
            total = 0
            while found := db.execute(query, _bounds(project, generation)).rowcount:
                total += found
            return total

    def publish(self, manifest: Manifest) -> bool:
        """Store manifest and version, unless a newer one of the lineage is there."""
        key = version_key(manifest.project, manifest.env)
        with self._write() as db, transaction(db):
            held = db.execute("select value from rows where key = ?", (key,)).fetchone()
            if held and is_newer(held[0].decode(), manifest.version):
                return False
            text = manifest.to_json().encode()
            db.execute(_SET, (manifest_key(manifest.project, manifest.env), text))
            db.execute(_SET, (key, manifest.version.encode()))
        return True

    def read(self, project: str, env: str) -> Manifest | None:
        """The manifest that was published last."""
        (text,) = self.get([manifest_key(project, env)])
        return None if text is None else read_stored_manifest(text, str(self._path))

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection | None]:
        with self._reading, store_errors(self._path):
            if self._reader is None:
                self._reader = open_file(self._path, create=False)
            yield self._reader

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._writing, store_errors(self._path):
            if self._writer is None:
                self._writer = open_file(self._path, create=True)
            assert self._writer is not None  # noqa: S101 - create
            yield self._writer


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _get(db: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """The live values of at most ``_MOST_KEYS`` keys, in one statement."""
    # Filled up to a power of two, so that a few prepared statements serve every number of keys.
    size = 1 << (len(keys) - 1).bit_length() if keys else 0
    filled = [*keys, *list(keys[-1:]) * (size - len(keys))]
    query = f"select key, value from rows where key in ({','.join('?' * size)}) and {_LIVE}"
    return dict(db.execute(query, [*filled, _now_ms()]).fetchall())


@contextmanager
def _snapshot(db: sqlite3.Connection) -> Iterator[None]:
    """All statements of the block see the file as of one moment."""
    db.execute("begin")
    try:
        yield
    finally:
        db.execute("rollback")


def _bounds(project: str, generation: str) -> tuple[bytes, bytes]:
    """The range of the generation's keys: from its prefix, to before the next byte's."""
    prefix = row_prefix(project, generation)
    return prefix, prefix[:-1] + bytes([prefix[-1] + 1])


def _chunks(keys: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(keys), _MOST_KEYS):
        yield keys[start : start + _MOST_KEYS]


def _count_live(db: sqlite3.Connection, keys: Sequence[bytes], now_ms: int) -> int:
    marks = ",".join("?" * len(keys))
    query = f"select count(*) from rows where key in ({marks}) and {_LIVE}"
    (found,) = db.execute(query, [*keys, now_ms]).fetchone()
    return int(found)
