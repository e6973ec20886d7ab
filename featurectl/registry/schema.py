"""The tables of a registry, and what they say of themselves.

Nothing of what was applied is ever deleted. A row of ``objects`` or ``bindings`` is closed when its
successor comes, so that every serial, and what was served at any time, can be read again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from featurectl.registry import failures

if TYPE_CHECKING:
    from featurectl.registry.session import Session

VERSION: Final = 2
WITH_GENERATIONS: Final = 2  # the first version that has the tables of SINCE_2
ACTOR: Final = '"user", host, pid, git'  # the columns of an actor, where there is one

SINCE_2: Final = (
    "CREATE INDEX bindings_of_generation ON bindings (read_id)",
    "CREATE INDEX bindings_of_target ON bindings (env, target_id)",
    # Times are when it was first bound, let go by the last binding, claimed to be removed, removed.
    """CREATE TABLE generations (
        generation TEXT PRIMARY KEY, owner TEXT NOT NULL, data TEXT NOT NULL,
        since_us INTEGER NOT NULL, retired_us INTEGER, claimed_us INTEGER, swept_us INTEGER)""",
    """CREATE TABLE source_schemas (
        env TEXT NOT NULL, source TEXT NOT NULL, document TEXT NOT NULL, seen_us INTEGER NOT NULL,
        PRIMARY KEY (env, source))""",
)
TABLES: Final = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    # Where each environment stands: the counters of its commits, and of commits and flips.
    """CREATE TABLE envs (
        env TEXT PRIMARY KEY, serial INTEGER NOT NULL, revision INTEGER NOT NULL)""",
    """CREATE TABLE objects (
        env TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
        document TEXT NOT NULL, fingerprint TEXT NOT NULL,
        serial_from INTEGER NOT NULL, serial_to INTEGER,
        PRIMARY KEY (env, kind, name, serial_from))""",
    "CREATE UNIQUE INDEX objects_now ON objects (env, kind, name) WHERE serial_to IS NULL",
    """CREATE TABLE commits (
        env TEXT NOT NULL, serial INTEGER NOT NULL, revision INTEGER NOT NULL,
        run INTEGER NOT NULL, at_us INTEGER NOT NULL,
        "user" TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, git TEXT NOT NULL,
        plan TEXT NOT NULL,
        PRIMARY KEY (env, serial))""",
    # ``serial`` is that of the environment when the row was written, by a commit or a flip.
    # ``read_id`` and ``fill_id`` are the generations that the document names; ``target_id`` is the
    # one of them that runs write.
    """CREATE TABLE bindings (
        env TEXT NOT NULL, view TEXT NOT NULL, document TEXT NOT NULL,
        revision INTEGER NOT NULL, serial INTEGER NOT NULL, run INTEGER NOT NULL,
        since_us INTEGER NOT NULL, until_us INTEGER,
        read_id TEXT NOT NULL DEFAULT '', fill_id TEXT, target_id TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (env, view, revision))""",
    "CREATE UNIQUE INDEX bindings_now ON bindings (env, view) WHERE until_us IS NULL",
    # ``process`` tells the process from a later one with its number; see process.py.
    """CREATE TABLE runs (
        run INTEGER PRIMARY KEY, kind TEXT NOT NULL, env TEXT NOT NULL,
        status TEXT NOT NULL, started_us INTEGER NOT NULL, finished_us INTEGER,
        "user" TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, git TEXT NOT NULL,
        process TEXT NOT NULL, serial INTEGER NOT NULL)""",
    "CREATE INDEX runs_of_env ON runs (env, run)",
    """CREATE TABLE run_views (
        id INTEGER PRIMARY KEY, run INTEGER NOT NULL, env TEXT NOT NULL,
        view TEXT NOT NULL, generation TEXT NOT NULL, layout INTEGER NOT NULL,
        fingerprint TEXT NOT NULL, from_us INTEGER, to_us INTEGER, created_bound_us INTEGER,
        started_us INTEGER NOT NULL, finished_us INTEGER NOT NULL, status TEXT NOT NULL,
        "rows" INTEGER NOT NULL, keys INTEGER NOT NULL, late INTEGER NOT NULL,
        nulls INTEGER NOT NULL, "values" INTEGER NOT NULL, error TEXT NOT NULL)""",
    "CREATE INDEX run_views_of_run ON run_views (run)",
    "CREATE INDEX run_views_of_generation ON run_views (env, generation)",
    """CREATE TABLE progress (
        env TEXT NOT NULL, generation TEXT NOT NULL,
        watermark_us INTEGER, created_bound_us INTEGER, source_digest TEXT NOT NULL,
        run INTEGER NOT NULL, newest_us INTEGER,
        PRIMARY KEY (env, generation))""",
    # A lease that was given back keeps its row, because its token must go on rising.
    """CREATE TABLE leases (
        name TEXT PRIMARY KEY, id TEXT NOT NULL, token INTEGER NOT NULL, held INTEGER NOT NULL,
        run INTEGER NOT NULL,
        "user" TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, git TEXT NOT NULL,
        process TEXT NOT NULL, since_us INTEGER NOT NULL, seen_us INTEGER NOT NULL)""",
    *SINCE_2,
)


def version(con: Session) -> int:
    """The version of the tables, which are those of an older featurectl until the next write."""
    return int(con.meta["schema"])


def fill_meta(con: Session, project: str) -> None:
    """Say in new tables whose they are, which version they have, and since when they exist."""
    con.executemany(
        "INSERT INTO meta (key, value) VALUES (?, ?)",
        [
            ("schema", str(VERSION)),
            ("lineage", _new_lineage()),
            ("project", project),
            ("created_us", str(con.now_us)),
        ],
    )


def check_meta(con: Session, place: str, project: str) -> int:
    """Read what it says of itself: the version of the tables; 0 where it does not say enough.

    Raises:
        StoreError: FC611 it is another project's, FC612 it is of a newer version.
    """
    con.meta = meta = dict(con.execute("SELECT key, value FROM meta").fetchall())
    found = meta.get("schema", "")
    if not found.isdigit() or "lineage" not in meta:
        return 0
    if int(found) > VERSION:
        raise failures.newer(place, int(found), VERSION)
    if meta.get("project") != project:
        raise failures.of_another_project(place, meta.get("project", ""), project)
    return int(found)


def _new_lineage() -> str:
    import uuid  # noqa: PLC0415 - once in a registry's life, and no reader pays for it

    return str(uuid.uuid4())
