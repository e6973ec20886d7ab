"""A registry file as version 1 of featurectl made it: its tables, and rows as it wrote them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from registries import NOON, SECOND, document

from featurectl.definitions.definition import canonical_json, fingerprint

if TYPE_CHECKING:
    from pathlib import Path

    from featurectl.definitions.binding import Binding

_TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA application_id = 0x6663746C;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE envs (
    env TEXT PRIMARY KEY, serial INTEGER NOT NULL, revision INTEGER NOT NULL);
CREATE TABLE objects (
    env TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    document TEXT NOT NULL, fingerprint TEXT NOT NULL,
    serial_from INTEGER NOT NULL, serial_to INTEGER,
    PRIMARY KEY (env, kind, name, serial_from));
CREATE UNIQUE INDEX objects_now ON objects (env, kind, name) WHERE serial_to IS NULL;
CREATE TABLE commits (
    env TEXT NOT NULL, serial INTEGER NOT NULL, revision INTEGER NOT NULL,
    run INTEGER NOT NULL, at_us INTEGER NOT NULL,
    user TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, git TEXT NOT NULL,
    plan TEXT NOT NULL,
    PRIMARY KEY (env, serial));
CREATE TABLE bindings (
    env TEXT NOT NULL, view TEXT NOT NULL, document TEXT NOT NULL,
    revision INTEGER NOT NULL, serial INTEGER NOT NULL, run INTEGER NOT NULL,
    since_us INTEGER NOT NULL, until_us INTEGER,
    PRIMARY KEY (env, view, revision));
CREATE UNIQUE INDEX bindings_now ON bindings (env, view) WHERE until_us IS NULL;
CREATE TABLE runs (
    run INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, env TEXT NOT NULL,
    status TEXT NOT NULL, started_us INTEGER NOT NULL, finished_us INTEGER,
    user TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, git TEXT NOT NULL,
    process TEXT NOT NULL, serial INTEGER NOT NULL);
CREATE INDEX runs_of_env ON runs (env, run);
CREATE TABLE run_views (
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL, env TEXT NOT NULL,
    view TEXT NOT NULL, generation TEXT NOT NULL, layout INTEGER NOT NULL,
    fingerprint TEXT NOT NULL, from_us INTEGER, to_us INTEGER, created_bound_us INTEGER,
    started_us INTEGER NOT NULL, finished_us INTEGER NOT NULL, status TEXT NOT NULL,
    "rows" INTEGER NOT NULL, keys INTEGER NOT NULL, late INTEGER NOT NULL,
    nulls INTEGER NOT NULL, "values" INTEGER NOT NULL, error TEXT NOT NULL);
CREATE INDEX run_views_of_run ON run_views (run);
CREATE INDEX run_views_of_generation ON run_views (env, generation);
CREATE TABLE progress (
    env TEXT NOT NULL, generation TEXT NOT NULL,
    watermark_us INTEGER, created_bound_us INTEGER, source_digest TEXT NOT NULL,
    run INTEGER NOT NULL, newest_us INTEGER,
    PRIMARY KEY (env, generation));
CREATE TABLE leases (
    name TEXT PRIMARY KEY, id TEXT NOT NULL, token INTEGER NOT NULL, held INTEGER NOT NULL,
    run INTEGER NOT NULL,
    user TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, git TEXT NOT NULL,
    process TEXT NOT NULL, since_us INTEGER NOT NULL, seen_us INTEGER NOT NULL);
"""
LINEAGE = "0d6f7c9e-8a3b-4a51-9a44-6f1f0c9d2b7a"
Bound = tuple[str, int, "Binding", int, "int | None"]  # env, revision, binding, since, until


def make_old_registry(path: Path, bindings: list[Bound]) -> None:
    """A file of version 1: the entity "a", run 1 that loaded weather.k3f9, and the bindings.

    Times of the bindings are in seconds after noon.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as con:
        con.executescript(_TABLES)
        con.executemany(
            "INSERT INTO meta VALUES (?, ?)",
            [
                *(("schema", "1"), ("lineage", LINEAGE)),
                *(("project", "flights"), ("created_us", str(NOON))),
            ],
        )
        a = document("a", "of dev")
        con.execute(
            "INSERT INTO objects VALUES ('dev', 'entity', 'a', ?, ?, 1, NULL)",
            (canonical_json(a), fingerprint(a)),
        )
        con.execute(
            "INSERT INTO runs VALUES"
            " (1, 'apply', 'dev', 'ok', ?, ?, 'ana', 'laptop', 7, '3f2a91c', '', 0)",
            (NOON, NOON),
        )
        con.execute(
            "INSERT INTO progress VALUES ('dev', 'weather.k3f9', ?, NULL, '', 1, NULL)", (NOON,)
        )
        for env, revision, binding, since_s, until_s in bindings:
            con.execute(
                "INSERT INTO bindings VALUES (?, ?, ?, ?, ?, 1, ?, ?)",
                (
                    *(env, binding.view, json.dumps(binding.document()), revision, revision),
                    NOON + since_s * SECOND,
                    None if until_s is None else NOON + until_s * SECOND,
                ),
            )
            con.execute("INSERT OR REPLACE INTO envs VALUES (?, ?, ?)", (env, revision, revision))
            con.execute(
                "INSERT OR REPLACE INTO commits VALUES"
                " (?, ?, ?, 1, ?, 'ana', 'laptop', 7, '3f2a91c', '{}')",
                (env, revision, revision, NOON),
            )
        con.commit()
