"""A Redis server that is down, locked, full or restarted, and what a user is told then."""

from __future__ import annotations

import socket
import threading
import time

import pytest
import redis
from redis_server import start_server

from featurectl.errors import DefinitionError, StoreError
from featurectl.online.codec import HEADER
from featurectl.online.keys import row_key
from featurectl.online.protocol import PutCount, Rows
from featurectl.online.redis import RedisOnline
from featurectl.online.redis_errors import store_error
from featurectl.wiring.stores import open_online

ROW = HEADER.pack(1, 0, 1, 5, 5) + b"\0"


def rows(count, size=0):
    keys = [row_key("demo", "g", [("id", "int64")], (number,)) for number in range(count)]
    return Rows(keys, [ROW + bytes(size)] * count)


@pytest.fixture
def store(redis_url):
    store = RedisOnline(redis_url)
    yield store
    store.close()


def calls(store):
    return [
        lambda: store.put(rows(3)),
        lambda: store.get([b"a"]),
        lambda: store.delete([b"a"]),
        store.ping,
        lambda: store.stamp("demo", "g"),
        lambda: store.count("demo", "g"),
        lambda: store.sample("demo", "g", 1),
        lambda: store.sweep("demo", "g"),
        lambda: store.read("demo", "dev"),
    ]


def raised(call):
    with pytest.raises(StoreError) as caught:
        call()
    return caught.value


def test_a_server_that_is_down_is_said_by_every_call_at_once():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    store = RedisOnline(f"redis://ada:s3cret@127.0.0.1:{port}/0")
    started = time.monotonic()

    for call in calls(store):
        error = raised(call)
        assert error.code == "FC601"
        assert f"redis://ada:***@127.0.0.1:{port}/0" in error.message
        assert "refused" in error.message
        assert "s3cret" not in error.render()
    assert time.monotonic() - started < 5


def test_a_host_that_does_not_exist_is_unreachable():
    assert raised(RedisOnline("redis://no-such-host.invalid:6379/0").ping).code == "FC601"


def test_a_server_that_does_not_answer_is_given_up_once():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0?socket_timeout=0.3"
        started = time.monotonic()

        error = raised(lambda: RedisOnline(url).get([b"a"]))

    assert error.code == "FC601"
    assert 0.2 < time.monotonic() - started < 2


def test_a_look_at_a_server_that_does_not_answer_is_given_up_after_one_try():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        store = open_online(url, timeout_s=0.2)
        error = raised(lambda: store.read("demo", "dev"))
        store.close()
        silent.settimeout(0.5)
        silent.accept()[0].close()
        with pytest.raises(TimeoutError):  # there was no second try
            silent.accept()
    assert error.code == "FC601"


def test_a_lost_connection_is_opened_again(own_redis):
    store = RedisOnline(own_redis.url)
    store.put(rows(1))

    own_redis.stop()
    assert raised(lambda: store.get([b"a"])).code == "FC601"
    own_redis.start()

    assert store.get([b"a"]) == [None]
    store.close()


def _acl(folder):
    path = folder / "users.acl"
    path.write_text(
        "user default on >t0p ~* &* +@all\n"
        "user app on >r1ght ~demo* +@all -info\n"
        "user reader on >r1ght ~demo* +mget +get +ping +client\n"
    )
    return str(path)


@pytest.fixture
def locked(tmp_path, monkeypatch):
    # The server answers the fixture's own PING only with an error, which means that it is up.
    monkeypatch.setattr("redis_server.RedisServer._answers", _is_up)
    server = start_server(tmp_path, "--aclfile", _acl(tmp_path))
    yield server
    server.stop()


def _is_up(server):
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("login", ["app:wr0ng@", ":wr0ng@", "nobody:wr0ng@", ""])
def test_a_wrong_or_missing_password_is_not_allowed_and_not_shown(locked, login):
    store = RedisOnline(locked.url.replace("//", f"//{login}"))

    for call in calls(store):
        error = raised(call)
        assert error.code == "FC602"
        assert "wr0ng" not in error.render()
    store.close()


def test_what_the_acl_forbids_is_said(locked):
    store = RedisOnline(locked.url.replace("//", "//reader:r1ght@"))

    assert store.get([b"demo:g:1"]) == [None]
    assert store.ping() == "redis"  # INFO is forbidden: the version stays unknown
    for call in (
        lambda: store.get([b"other:g:1"]),
        lambda: store.put(rows(1)),
        lambda: store.sweep("demo", "g"),
    ):
        assert raised(call).code == "FC602"
    store.close()


def test_an_acl_on_keys_holds_inside_of_the_scripts(locked):
    store = RedisOnline(locked.url.replace("//", "//app:r1ght@"))

    assert store.put(rows(2)) == PutCount(2, 2)
    assert raised(lambda: store.put(Rows([b"other:g:1"], [ROW]))).code == "FC602"
    store.close()


def test_a_full_server_is_said_and_refuses_whole_batches(own_redis):
    store = RedisOnline(own_redis.url)
    with redis.Redis.from_url(own_redis.url) as client:
        used = client.info("memory")["used_memory"]
        client.config_set("maxmemory", used + 2_000_000)

    error = raised(lambda: store.put(rows(20_000, size=500)))

    assert error.code == "FC603"
    assert "full" in error.message
    held = store.count("demo", "g")
    assert 0 < held < 20_000
    assert held % 250 == 0
    store.close()


def test_a_key_of_another_kind_is_an_error_of_the_store(store, redis_url):
    with redis.Redis.from_url(redis_url) as client:
        client.rpush(rows(1).keys[0], "x")

    assert raised(lambda: store.put(rows(1))).code == "FC604"


@pytest.mark.parametrize("held", [b"x", ROW[:19]])
def test_what_is_too_short_to_be_a_row_is_replaced(store, redis_url, held):
    with redis.Redis.from_url(redis_url) as client:
        client.set(rows(1).keys[0], held)

    assert store.put(rows(1)).written == 1
    assert store.get(rows(1).keys) == [ROW]


def test_a_database_that_does_not_exist_is_an_error_of_the_store(redis_server):
    url = redis_server.url.rpartition("/")[0] + "/9999"

    assert raised(lambda: RedisOnline(url).get([b"a"])).code == "FC604"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (redis.BusyLoadingError("Redis is loading the dataset in memory"), "FC604"),
        (redis.ReadOnlyError("You can't write against a read only replica."), "FC604"),
        (redis.ResponseError("MISCONF Redis is configured to save RDB snapshots"), "FC604"),
        (redis.ResponseError("OOM command not allowed when used memory > 'maxmemory'."), "FC603"),
        (redis.exceptions.MaxConnectionsError("Too many connections"), "FC601"),
        (OSError("no route"), "FC601"),
    ],
)
def test_what_a_server_says_has_its_code(error, code):
    assert store_error(error, "redis://db/0").code == code


@pytest.mark.parametrize("url", ["redis://ada:s3cret@host:port/0", "redis://host/0?db=x"])
def test_a_bad_url_is_refused_without_its_password(url):
    with pytest.raises(DefinitionError, match="FC122") as caught:
        RedisOnline(url)

    assert "s3cret" not in caught.value.render()


def test_a_server_that_forgets_its_scripts_is_told_them_again(store, redis_url):
    forgetting = threading.Event()
    done = threading.Event()

    def forget():
        with redis.Redis.from_url(redis_url) as client:
            while not done.is_set():
                client.script_flush()
                forgetting.set()

    thread = threading.Thread(target=forget)
    thread.start()
    forgetting.wait(timeout=10)
    try:
        counts = [store.put(rows(5_000)) for _ in range(5)]
    finally:
        done.set()
        thread.join()

    assert counts == [PutCount(5_000, 5_000)] + [PutCount(5_000, 0)] * 4


def test_large_rows_go_in_smaller_batches(store):
    assert store.put(rows(10, size=700_000)) == PutCount(10, 10)
    assert [len(value) for value in store.get(rows(10).keys)] == [700_021] * 10


def test_more_keys_than_one_mget_takes_come_in_their_order(store):
    store.put(rows(3))

    found = store.get([b"none"] * 10_001 + rows(3).keys)

    assert found == [None] * 10_001 + [ROW] * 3


def test_an_expiry_is_set_anew_with_each_put_and_taken_away(store, redis_url):
    key = rows(1).keys[0]
    with redis.Redis.from_url(redis_url) as client:
        soon = time.time_ns() // 1_000_000 + 100_000
        store.put(Rows([key], [ROW], soon))
        assert client.pexpiretime(key) == soon

        store.put(Rows([key], [ROW], soon + 5_000))
        assert client.pexpiretime(key) == soon + 5_000

        store.put(Rows([key], [HEADER.pack(1, 0, 1, 4, 4)], soon + 9_000))  # older: refused
        assert client.pexpiretime(key) == soon + 5_000

        store.put(Rows([key], [ROW]))
        assert client.pexpiretime(key) == -1


def test_a_key_is_readable_in_redis_cli(store, redis_url):
    store.put(rows(1))

    with redis.Redis.from_url(redis_url) as client:
        assert client.keys() == [b"demo:g:0"]
