"""A registry in PostgreSQL: what it makes in the database, and what is said when it can't."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest
from postgres_server import PASSWORD, PostgresServer
from registries import commit_of, me, names

from featurectl.errors import FeaturectlError, StoreError
from featurectl.registry import postgres_names
from featurectl.registry.postgres import PostgresRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from featurectl.registry.session import Session

SCHEMA = "featurectl_flights"


def opened(url: str, *, create: bool = False, busy_s: float = 30) -> PostgresRegistry:
    return PostgresRegistry.open(url, "flights", create=create, busy_s=busy_s)


def failure(store: PostgresRegistry) -> FeaturectlError:
    """The error that a look at the registry ends in."""
    with closing(store), pytest.raises(StoreError) as caught:
        store.snapshot("dev")
    return caught.value


def refused(store: PostgresRegistry) -> FeaturectlError:
    """The error that a commit ends in."""
    with closing(store), pytest.raises(StoreError) as caught:
        store.commit(commit_of(store.snapshot("dev").serial, {"z": ""}))
    return caught.value


@pytest.fixture
def store(postgres_url: str) -> Iterator[PostgresRegistry]:
    """A registry at serial 1."""
    with closing(opened(postgres_url)) as made:
        made.commit(commit_of(0, {"a": ""}))
        yield made


@pytest.fixture
def guest(postgres_server: PostgresServer, store: PostgresRegistry) -> Iterator[str]:
    """The URL for a user who may do nothing yet."""
    database = postgres_server.database
    postgres_server.run("CREATE ROLE guest LOGIN", url=database)
    yield database.replace("postgres@", "guest@")
    store.close()
    postgres_server.run("DROP OWNED BY guest", "DROP ROLE guest", url=database)


def schemas(server: PostgresServer) -> list[str]:
    found = server.run(
        "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'featurectl%' ORDER BY 1",
        url=server.database,
    )
    return [str(name) for (name,) in found]


def backend(store: PostgresRegistry) -> int:
    con = store._database._con  # type: ignore[attr-defined]
    found: int = con.info.backend_pid
    return found


def test_reading_makes_no_schema_and_a_commit_makes_one(
    postgres_url: str, postgres_server: PostgresServer
) -> None:
    with closing(opened(postgres_url)) as store:
        assert (store.snapshot("dev").serial, store.runs(), store.holders()) == (0, [], [])
        store.backup()
        assert schemas(postgres_server) == []

        store.commit(commit_of(0, {"a": ""}))

    assert schemas(postgres_server) == [SCHEMA]


def test_a_schema_that_is_ready_and_empty_is_used(
    postgres_url: str, postgres_server: PostgresServer
) -> None:
    postgres_server.run(f"CREATE SCHEMA {SCHEMA}", url=postgres_server.database)

    with closing(opened(postgres_url)) as store:
        assert store.snapshot("dev").lineage == ""
        assert store.commit(commit_of(0, {"a": ""})) == 1


def test_it_describes_server_schema_serial_and_copies(store: PostgresRegistry) -> None:
    store.backup()

    told = store.describe()

    assert f", {SCHEMA}  dev at serial 1, schema 2, PostgreSQL " in told
    assert told.endswith(" kB, 1 copy")


def test_long_names_of_projects_stay_apart_and_leave_room_for_a_copys_time() -> None:
    one, other = (postgres_names.schema_of("p" * 62 + last) for last in "ab")

    assert one != other
    assert len(postgres_names.copy_of(one, 0)) == 63
    assert postgres_names.is_copy_of(postgres_names.copy_of(one, 0), one)
    assert not postgres_names.is_copy_of(postgres_names.copy_of(one, 0), other)


def test_the_time_is_the_servers(store: PostgresRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    before_us = time.time_ns() // 1000
    with monkeypatch.context() as clock:
        clock.setattr(time, "time_ns", lambda: 0)
        lease = store.acquire("apply:dev", 1, me())

    # A second of tolerance: the server's clock is read by another process.
    assert before_us - 1_000_000 <= lease.since_us <= time.time_ns() // 1000 + 1_000_000


def test_a_server_that_is_away_is_an_error_that_says_where() -> None:
    error = failure(opened("postgresql://ana:s3cret@127.0.0.1:1/flights"))

    assert error.code == "FC611"
    assert "the registry postgresql://ana:***@127.0.0.1:1/flights can't be opened" in error.message
    assert "Connection refused" in error.message
    assert "s3cret" not in error.render()


def test_a_wrong_password_is_an_error_that_does_not_show_it(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    del postgres_url
    error = failure(opened(postgres_server.of("postgres", "asked_for_password", "wr0ng")))

    assert error.code == "FC611"
    assert "password authentication failed" in error.message
    assert "PGPASSWORD" in error.help[0]
    assert "wr0ng" not in error.render()


def test_a_password_may_be_in_the_environment(
    postgres_server: PostgresServer, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del postgres_url
    url = postgres_server.of("postgres", "asked_for_password")
    assert "no password supplied" in failure(opened(url)).message

    monkeypatch.setenv("PGPASSWORD", PASSWORD)

    with closing(opened(url)) as store:
        assert store.snapshot("dev").serial == 0


def test_a_database_or_a_user_that_is_not_there_is_an_error_that_says_so(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    del postgres_url
    missing = failure(opened(postgres_server.of("nowhere")))
    unknown = failure(opened(postgres_server.of("postgres", "nobody_of_that_name")))

    assert (missing.code, unknown.code) == ("FC611", "FC611")
    assert 'database "nowhere" does not exist' in missing.message
    assert "createdb" in missing.help[0]
    assert 'role "nobody_of_that_name" does not exist' in unknown.message


@pytest.mark.parametrize("password", ["pa/ss", "pa#ss", "99:pa", "pa@ss:x"])
def test_a_url_that_is_not_well_written_shows_nothing_of_its_password(password: str) -> None:
    error = failure(opened(f"postgresql://ana:{password}@127.0.0.1:1/flights"))

    assert error.code == "FC611"
    assert "pa" not in error.render().replace("password", "").replace("write", "")


def test_without_psycopg_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    error = failure(opened("postgresql://ana:s3cret@127.0.0.1:1/flights"))

    assert (error.code, error.help) == ("FC611", ("pip install 'featurectl[postgres]'",))
    assert "s3cret" not in error.render()


def test_who_may_not_use_the_schema_is_not_told_that_it_is_empty(guest: str) -> None:
    error = failure(opened(guest))

    assert error.code == "FC611"
    assert f"no right to use schema {SCHEMA}" in error.message
    assert f'GRANT USAGE ON SCHEMA "{SCHEMA}" TO user' in error.help[0]


def test_who_may_only_read_reads_and_can_not_write(
    guest: str, postgres_server: PostgresServer
) -> None:
    postgres_server.run(
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO guest",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO guest",
        url=postgres_server.database,
    )
    with closing(opened(guest)) as store:
        assert names(store) == {"a": ""}
        assert store.describe().endswith("no copies")
        store.backup()
        assert schemas(postgres_server) == [SCHEMA]

    error = refused(opened(guest))
    assert (error.code, error.notes) == ("FC614", ("nothing was changed",))
    assert "GRANT" in error.help[0]


def test_who_may_change_tables_needs_no_right_to_make_schemas(
    guest: str, postgres_server: PostgresServer
) -> None:
    postgres_server.run(
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO guest",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {SCHEMA} TO guest",
        url=postgres_server.database,
    )
    with closing(opened(guest, create=True)) as store:
        store.backup()
        run = store.begin("apply", "dev", 1, me())
        assert store.commit(commit_of(1, {"b": ""}, run=run)) == 2
        store.release(store.acquire("apply:dev", run, me()))


def test_who_may_not_make_a_schema_is_told_which_right_is_missing(
    guest: str, store: PostgresRegistry, postgres_server: PostgresServer
) -> None:
    store.close()
    postgres_server.empty()

    error = refused(opened(guest))

    assert error.code == "FC614"
    assert "permission denied for database" in error.message
    assert "GRANT CREATE ON DATABASE" in error.help[1]


def test_a_server_that_takes_no_writes_is_read(
    store: PostgresRegistry, postgres_server: PostgresServer, postgres_url: str
) -> None:
    name = postgres_url.rpartition("/")[2]
    postgres_server.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    try:
        with closing(opened(postgres_url)) as reader:
            assert names(reader) == {"a": ""}
        error = refused(opened(postgres_url))
    finally:
        postgres_server.run(f"ALTER DATABASE {name} RESET default_transaction_read_only")

    assert (error.code, error.notes) == ("FC614", ("nothing was changed",))
    assert "read-only transaction" in error.message
    assert names(store) == {"a": ""}


def test_a_registry_of_a_newer_version_is_not_touched(
    store: PostgresRegistry, postgres_server: PostgresServer, postgres_url: str
) -> None:
    newer = f"UPDATE {SCHEMA}.meta SET value = '3' WHERE key = 'schema'"
    postgres_server.run(newer, url=postgres_server.database)

    assert failure(opened(postgres_url)).code == "FC612"
    with pytest.raises(StoreError, match="FC612"):
        store.commit(commit_of(1, {"b": ""}))


@pytest.mark.parametrize(
    "damage", ["DELETE FROM {0}.meta WHERE key = 'lineage'", "DROP TABLE {0}.objects"]
)
def test_a_damaged_registry_says_how_a_copy_is_put_back(
    store: PostgresRegistry, postgres_server: PostgresServer, damage: str
) -> None:
    postgres_server.run(damage.format(SCHEMA), url=postgres_server.database)

    error = failure(store)

    assert error.code == "FC613"
    assert f'ALTER SCHEMA "{SCHEMA}_backup_TIME" RENAME TO "{SCHEMA}"' in error.help[0]


def test_a_document_that_is_no_json_is_damage(
    store: PostgresRegistry, postgres_server: PostgresServer
) -> None:
    broken = f"UPDATE {SCHEMA}.objects SET document = '{{'"
    postgres_server.run(broken, url=postgres_server.database)

    assert failure(store).code == "FC613"


def test_a_connection_that_was_lost_in_between_is_made_again(
    store: PostgresRegistry, postgres_server: PostgresServer
) -> None:
    postgres_server.run(f"SELECT pg_terminate_backend({backend(store)})")

    assert names(store) == {"a": ""}
    postgres_server.run(f"SELECT pg_terminate_backend({backend(store)})")
    assert store.commit(commit_of(1, {"b": ""})) == 2


def test_a_server_that_was_restarted_is_found_again(own_postgres: PostgresServer) -> None:
    own_postgres.empty()
    with closing(opened(own_postgres.database)) as store:
        store.commit(commit_of(0, {"a": ""}))
        own_postgres.stop()
        for _ in range(2):
            with pytest.raises(StoreError, match=r"can't be opened: .*refused"):
                store.snapshot("dev")
        own_postgres.start()

        assert store.commit(commit_of(1, {"b": ""})) == 2


def test_a_connection_that_is_lost_in_the_middle_changes_nothing(
    store: PostgresRegistry, postgres_server: PostgresServer
) -> None:
    def change(con: Session) -> None:
        con.execute("UPDATE envs SET serial = 99")
        postgres_server.run(f"SELECT pg_terminate_backend({backend(store)})")
        con.execute("UPDATE envs SET serial = 100")

    with pytest.raises(StoreError, match="was lost") as caught:
        store._database.write(change)

    assert caught.value.code == "FC611"
    assert "was not made" in caught.value.notes[0]
    assert store.snapshot("dev").serial == 1


def test_a_connection_that_is_lost_at_the_end_leaves_it_open_whether_it_was_made(
    store: PostgresRegistry, postgres_server: PostgresServer
) -> None:
    def change(con: Session) -> None:
        con.execute("UPDATE envs SET serial = 99")
        postgres_server.run(f"SELECT pg_terminate_backend({backend(store)})")

    with pytest.raises(StoreError, match="was lost at the end") as caught:
        store._database.write(change)

    assert caught.value.notes == ("whether the change was made is not known",)
    assert store.snapshot("dev").serial == 1


def test_readers_do_not_wait_for_a_writer_and_a_writer_not_for_ever(
    store: PostgresRegistry, postgres_url: str
) -> None:
    late = opened(postgres_url, busy_s=0.1)

    def change(con: Session) -> str:
        con.execute("UPDATE envs SET revision = revision")
        assert names(late) == {"a": ""}
        with pytest.raises(StoreError, match="kept busy") as caught:
            late.commit(commit_of(1, {"b": ""}))
        return caught.value.code

    with closing(late):
        assert store._database.write(change) == "FC611"
        assert late.commit(commit_of(1, {"b": ""})) == 2


def test_the_server_ends_a_writer_that_has_fallen_silent(store: PostgresRegistry) -> None:
    def limit(con: Session) -> str:
        found: str = con.execute("SHOW idle_in_transaction_session_timeout").fetchone()[0]
        return found

    assert store._database.write(limit) == "1min"


KILLED = """
import sys
from featurectl.registry.postgres import PostgresRegistry

def change(con):
    con.execute("UPDATE envs SET serial = 99")
    print("changed", flush=True)
    sys.stdin.read()

PostgresRegistry.open(sys.argv[1], "flights", create=False)._database.write(change)
"""


def test_a_writer_that_is_killed_leaves_nothing_and_makes_room(
    store: PostgresRegistry, postgres_url: str
) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", KILLED, postgres_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"changed\n"
        writer.send_signal(signal.SIGKILL)

    assert store.commit(commit_of(1, {"b": ""})) == 2
    assert names(store) == {"a": "", "b": ""}


def test_what_else_goes_wrong_is_not_hidden(store: PostgresRegistry) -> None:
    with pytest.raises(psycopg.errors.SyntaxError):
        store._database.read(lambda con: con.execute("SELEKT 1"), None)

    assert names(store) == {"a": ""}
