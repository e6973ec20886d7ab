"""A file of version 1: read as it is, and brought up to date by the first write."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from old_registry import LINEAGE, Bound, make_old_registry
from powers import as_plain_user
from registries import NOON, SECOND, commit_of, generation, names, opened

from featurectl.definitions.binding import Binding
from featurectl.errors import ConflictError
from featurectl.registry import sqlite_upgrade
from featurectl.registry.sqlite_backup import copies

if TYPE_CHECKING:
    from pathlib import Path

    from featurectl.registry.sqlite import SqliteRegistry

FIRST, SECOND_ONE, GIVEN_UP = "weather.k3f9", "weather.p2d7", "weather.x1x1"


def weather(read: str, fill: str | None = None) -> Binding:
    return Binding("weather", generation(read), generation(fill) if fill else None)


HISTORY: list[Bound] = [
    ("dev", 1, weather(FIRST), 0, 10),
    ("dev", 2, weather(FIRST, GIVEN_UP), 10, 20),
    ("dev", 3, weather(FIRST, SECOND_ONE), 20, 30),
    ("dev", 4, weather(SECOND_ONE), 30, None),
    ("prod", 1, weather(SECOND_ONE), 40, None),
]


@pytest.fixture
def old(path: Path) -> Path:
    """A file of version 1 with two environments."""
    make_old_registry(path, HISTORY)
    return path


def version(path: Path) -> str:
    with closing(sqlite3.connect(path)) as con:
        found: str = con.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()[0]
        return found


def test_it_is_read_as_it_is(old: Path) -> None:
    before = old.read_bytes()
    with closing(opened(old, create=False)) as store:
        snapshot = store.snapshot("prod")

        assert names(store) == {"a": "of dev"}
        assert (snapshot.lineage, snapshot.serial) == (LINEAGE, 1)
        assert snapshot.owners == {SECOND_ONE: "prod"}
        assert (store.generations("dev"), store.schemas("dev")) == ([], {})
        assert [run.kind for run in store.runs("dev")] == ["apply"]
        assert "schema 1" in store.describe()

    assert version(old) == "1"
    assert old.read_bytes() == before


def test_the_first_write_brings_it_up_to_date(old: Path) -> None:
    with closing(opened(old, create=False)) as store:
        assert store.commit(commit_of(4, {"b": ""})) == 5

        assert names(store) == {"a": "of dev", "b": ""}
        assert store.snapshot("dev").lineage == LINEAGE
        assert store.progress("dev", [FIRST])[FIRST].watermark_us == NOON
        assert "schema 2" in store.describe()
    assert version(old) == "2"


def test_generations_belong_to_who_bound_them_first(old: Path) -> None:
    with closing(opened(old)) as store:
        assert store.snapshot("prod").owners == {SECOND_ONE: "dev"}
        (record,) = store.generations("prod")

    assert (record.generation, record.serial) == (generation(SECOND_ONE), 1)
    assert (record.owner, record.data, record.retired_us) == ("dev", "", None)
    assert record.served


def test_what_nothing_names_any_more_was_swept_at_once_and_is_swept_again(old: Path) -> None:
    with closing(opened(old)) as store:
        assert [record.generation.id for record in store.generations("dev")] == [SECOND_ONE]
        with pytest.raises(ConflictError, match="FC505"):
            store.commit(commit_of(4, {}, bindings={"weather": weather(FIRST)}))

        assert store.claim("dev", 0) == [GIVEN_UP, FIRST]
        store.swept([FIRST, GIVEN_UP])
        assert store.claim("dev", NOON + 3600 * SECOND) == []


def test_a_copy_of_the_old_file_is_kept(old: Path) -> None:
    opened(old).close()

    (copy,) = copies(old)
    assert version(copy) == "1"
    opened(old).close()
    assert copies(old) == [copy]


def test_an_upgrade_that_is_broken_off_leaves_the_old_file(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(sqlite_upgrade, "_later", fail)
        with pytest.raises(MemoryError):
            opened(old)

    assert version(old) == "1"
    with closing(opened(old)) as store:
        assert names(store) == {"a": "of dev"}


def test_an_upgraded_file_goes_on_as_one_that_was_made_new(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new" / "registry.db"
    for path in (old, new):
        with closing(opened(path)) as store:
            _use(store)

    assert _columns(old) == _columns(new)


def test_who_may_only_read_it_reads_it_as_it_is(old: Path) -> None:
    with closing(sqlite3.connect(old)) as con:
        con.execute("PRAGMA journal_mode = DELETE")
    old.parent.chmod(0o500)

    assert as_plain_user(_read, old) == ({"a": "of dev"}, {SECOND_ONE: "dev"})
    old.parent.chmod(0o700)
    assert version(old) == "1"


def _read(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    with closing(opened(path, create=False)) as store:
        return names(store), dict(store.snapshot("dev").owners)


def _use(store: SqliteRegistry) -> None:
    serial = store.snapshot("dev").serial
    bound = {"traffic": Binding("traffic", generation("traffic.a1a1"))}
    store.commit(commit_of(serial, {"c": ""}, bindings=bound))
    assert store.snapshot("dev").owners["traffic.a1a1"] == "dev"


def _columns(path: Path) -> dict[str, set[str]]:
    with closing(sqlite3.connect(path)) as con:
        tables = [
            name
            for (name,) in con.execute("SELECT name FROM sqlite_master WHERE type <> 'index'")
            if not name.startswith("sqlite_")
        ]
        return {
            table: {row[1] for row in con.execute(f"PRAGMA table_info({table})")}
            for table in tables
        }
