"""Copies of a registry in PostgreSQL: schemas that can take its place."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from registries import Clock, commit_of, me, names

from featurectl.registry.postgres import PostgresRegistry
from featurectl.registry.postgres_backup import restoring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from postgres_server import PostgresServer

SCHEMA = "featurectl_flights"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(postgres_url: str, clock: Clock) -> Iterator[PostgresRegistry]:
    """A registry at serial 1, under a clock that stands still."""
    with closing(PostgresRegistry.open(postgres_url, "flights", create=True, now_us=clock)) as made:
        made.commit(commit_of(0, {"a": ""}))
        yield made


def copies(server: PostgresServer) -> list[str]:
    found = server.run(
        "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'featurectl%backup%' ORDER BY 1",
        url=server.database,
    )
    return [str(name) for (name,) in found]


def test_a_copy_is_named_after_its_time(
    store: PostgresRegistry, postgres_server: PostgresServer
) -> None:
    store.backup()

    assert copies(postgres_server) == [f"{SCHEMA}_backup_20240101T120000000000Z"]


def test_a_copy_takes_the_place_of_the_registry(
    store: PostgresRegistry, postgres_server: PostgresServer
) -> None:
    run = store.begin("apply", "dev", 1, me())
    store.backup()
    lineage = store.snapshot("dev").lineage
    store.commit(commit_of(1, {"a": None, "b": ""}, run=run))

    (copy,) = copies(postgres_server)
    postgres_server.run(restoring(SCHEMA, copy), url=postgres_server.database)

    assert names(store) == {"a": ""}
    assert (store.snapshot("dev").lineage, store.snapshot("dev").serial) == (lineage, 1)
    assert store.commit(commit_of(1, {"c": ""})) == 2
    assert store.begin("apply", "dev", 2, me()) == run + 1


def test_what_was_put_back_refuses_what_the_registry_would(
    store: PostgresRegistry, postgres_server: PostgresServer
) -> None:
    store.backup()
    (copy,) = copies(postgres_server)

    indexes = "SELECT count(*) FROM pg_indexes WHERE schemaname = '{0}'"
    found = [
        postgres_server.run(indexes.format(schema), url=postgres_server.database)
        for schema in (SCHEMA, copy)
    ]
    assert found[0] == found[1] != [(0,)]


def test_only_the_newest_are_kept(
    store: PostgresRegistry, postgres_server: PostgresServer, clock: Clock
) -> None:
    for _ in range(5):
        store.backup(keep=3)
        clock.forward(1)

    assert [name[-13:] for name in copies(postgres_server)] == [
        "120002000000Z",
        "120003000000Z",
        "120004000000Z",
    ]


def test_schemas_of_others_are_never_dropped(
    store: PostgresRegistry, postgres_server: PostgresServer, clock: Clock
) -> None:
    others = [f"{SCHEMA}_backup_mine", f"{SCHEMA}2_backup_20200101T000000000000Z"]
    postgres_server.run(
        *(f'CREATE SCHEMA "{name}"' for name in others), url=postgres_server.database
    )
    for _ in range(2):
        store.backup(keep=1)
        clock.forward(1)

    assert set(others) < set(copies(postgres_server))
    assert len(copies(postgres_server)) == 3


def test_a_copy_that_is_being_read_is_dropped_later(
    store: PostgresRegistry, postgres_server: PostgresServer, clock: Clock
) -> None:
    store.backup()
    (first,) = copies(postgres_server)
    with psycopg.connect(postgres_server.database) as dump:
        dump.execute(f'SELECT count(*) FROM "{first}".objects'.encode())
        clock.forward(1)
        store.backup(keep=1)
        assert len(copies(postgres_server)) == 2
    clock.forward(1)

    store.backup(keep=1)

    assert len(copies(postgres_server)) == 1


def test_copies_of_another_user_are_left_to_that_one(
    store: PostgresRegistry, postgres_server: PostgresServer, clock: Clock
) -> None:
    store.backup()
    url, name = postgres_server.database, postgres_server.database.rpartition("/")[2]
    postgres_server.run(
        "CREATE ROLE colleague LOGIN",
        f"GRANT CREATE ON DATABASE {name} TO colleague",
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO colleague",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {SCHEMA} TO colleague",
        url=url,
    )
    clock.forward(1)
    theirs = url.replace("postgres@", "colleague@")
    with closing(PostgresRegistry.open(theirs, "flights", create=False, now_us=clock)) as other:
        other.backup(keep=1)
        clock.forward(1)
        other.backup(keep=1)
        kept = copies(postgres_server)
    postgres_server.run("DROP OWNED BY colleague", "DROP ROLE colleague", url=url)

    assert [name[-13:] for name in kept] == ["120000000000Z", "120002000000Z"]


def test_the_statement_of_the_readme_is_the_one_of_the_error() -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text()

    assert restoring("featurectl_fraud", "featurectl_fraud_backup_TIME") in readme
