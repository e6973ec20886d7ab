"""What every online store owes to who puts and gets rows."""

from __future__ import annotations

import multiprocessing
import random
import threading
import time

import pytest
from online_rows import key, opened, put, row, value

from featurectl.errors import StoreError
from featurectl.online.protocol import PutCount, Rows

FAR = 1 << 60  # low and high halves of such times differ in their order


@pytest.fixture
def store(online_url):
    with opened(online_url) as store:
        yield store


def now_ms():
    return time.time_ns() // 1_000_000


def test_a_row_reads_back_byte_for_byte(store):
    packed = row(7, 10) + bytes(range(256))

    put(store, (key("a"), packed))

    assert store.get([key("a")]) == [packed]


def test_values_come_in_the_order_of_the_keys_with_duplicates(store):
    put(store, (key("a"), row(1, 10)), (key("b"), row(2, 10)))

    found = store.get([key("b"), key("x"), key("a"), key("b")])

    assert found == [row(2, 10), None, row(1, 10), row(2, 10)]


def test_an_empty_store_has_nothing_and_says_so(store):
    assert store.get([key("a"), key("b")]) == [None, None]
    assert store.get([]) == []
    assert store.delete([]) == 0


@pytest.mark.parametrize(
    ("stored", "offered", "wins"),
    [
        ((10, None), (11, None), True),
        ((10, None), (9, None), False),
        ((10, None), (10, None), True),
        ((10, 20), (10, 21), True),
        ((10, 20), (10, 19), False),
        ((10, 20), (11, 1), True),
        ((10, 1), (9, 50), False),
        ((-5, None), (3, None), True),
        ((3, None), (-5, None), False),
        ((-5, None), (-4, None), True),
        ((-5, None), (-6, None), False),
        ((FAR, None), (FAR + 1, None), True),
        ((FAR + 1, None), (FAR, None), False),
        ((0x1_0000_0000, None), (0x0_FFFF_FFFF, None), False),
        ((0x0_FFFF_FFFF, None), (0x1_0000_0000, None), True),
        ((0x7FFF_FFFF, None), (0x8000_0000, None), True),
        ((10, FAR + 1), (10, FAR), False),
        ((10, 0x1_0000_0000), (10, 0x0_FFFF_FFFF), False),
        ((10, 0x0_FFFF_FFFF), (10, 0x1_0000_0000), True),
        ((10, -1), (10, 0), True),
        ((10, 0), (10, -1), False),
        ((-(2**63), None), (2**63 - 1, None), True),
    ],
)
def test_a_row_is_replaced_only_by_one_that_is_equal_or_newer(store, stored, offered, wins):
    put(store, (key("a"), row(1, *stored)))

    count = put(store, (key("a"), row(2, *offered)))

    assert value(store, key("a")) == (2 if wins else 1)
    assert count == PutCount(written=int(wins), created=0)


def test_a_put_counts_what_it_wrote_and_what_it_created(store):
    put(store, (key("old"), row(1, 10)), (key("new"), row(1, 99)))

    count = put(store, *((key(name), row(2, 50)) for name in ("old", "new", "free", "free2")))

    assert count == PutCount(written=3, created=2)


def test_thousands_of_rows_are_put_and_read_at_once(store):
    rows = [(key(f"u{i}"), row(i, i)) for i in range(3_000)]

    count = put(store, *rows)

    assert count == PutCount(3_000, 3_000)
    assert store.get([k for k, _ in reversed(rows)]) == [v for _, v in reversed(rows)]


def test_putting_no_rows_does_nothing(store):
    assert store.put(Rows([], [])) == PutCount(0, 0)


def test_a_row_past_its_expiry_is_gone_whatever_its_event_time(store):
    put(store, (key("a"), row(1, 99)), expires_at_ms=now_ms() + 60)
    time.sleep(0.1)

    assert store.get([key("a")]) == [None]
    assert put(store, (key("a"), row(2, 10))) == PutCount(1, 1)
    assert value(store, key("a")) == 2


def test_an_unchanged_row_that_is_put_again_has_its_full_expiry_back(store):
    put(store, (key("a"), row(1, 10)), expires_at_ms=now_ms() + 150)

    put(store, (key("a"), row(1, 10)), expires_at_ms=now_ms() + 60_000)
    time.sleep(0.2)
    assert value(store, key("a")) == 1

    put(store, (key("a"), row(1, 10)), expires_at_ms=now_ms() + 60)
    time.sleep(0.1)
    assert store.get([key("a")]) == [None]


def test_a_row_put_without_expiry_never_expires(store):
    put(store, (key("a"), row(1, 10)), expires_at_ms=now_ms() + 100)

    put(store, (key("a"), row(1, 10)))
    time.sleep(0.15)

    assert value(store, key("a")) == 1


def test_rows_that_were_not_put_keep_their_expiry(store):
    put(store, (key("a"), row(1, 10)), (key("b"), row(1, 10)), expires_at_ms=now_ms() + 100)

    put(store, (key("a"), row(1, 10)), expires_at_ms=now_ms() + 60_000)
    time.sleep(0.15)

    assert store.get([key("a"), key("b")]) == [row(1, 10), None]


def test_deleted_rows_are_gone_and_counted(store):
    put(store, (key("a"), row(1, 10)), (key("b"), row(1, 10)))

    assert store.delete([key("a"), key("x")]) == 1
    assert store.get([key("a"), key("b")]) == [None, row(1, 10)]


def test_ping_tells_kind_and_version(store, online_url):
    kind = "sqlite" if online_url.startswith("sqlite") else ("redis", "valkey")

    assert store.ping().startswith(kind)
    assert store.ping().split()[1][0].isdigit()


def test_a_closed_store_opens_again_when_it_is_used(store):
    put(store, (key("a"), row(1, 10)))
    store.close()

    assert value(store, key("a")) == 1


def test_threads_share_a_store(store):
    failures = []

    def work(number):
        try:
            for i in range(20):
                put(store, (key(f"{number}.{i}"), row(i, i)))
                assert value(store, key(f"{number}.{i}")) == i
        except (StoreError, AssertionError) as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failures
    assert store.count("demo", "fv.k3f9") == 160


def _put_in_random_order(url, seed, events, entities):
    order = random.Random(seed)
    rows = [(str(entity), event) for entity in range(entities) for event in range(events)]
    order.shuffle(rows)
    with opened(url) as store:
        for start in range(0, len(rows), 40):
            batch = dict(sorted(rows[start : start + 40]))  # the newest of each entity
            put(store, *((key(entity), row(event, event)) for entity, event in batch.items()))


def test_the_newest_row_wins_under_concurrent_writer_processes(store, online_url):
    context = multiprocessing.get_context("spawn")
    events, entities = 60, 20
    writers = [
        context.Process(target=_put_in_random_order, args=(online_url, seed, events, entities))
        for seed in range(4)
    ]

    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert [writer.exitcode for writer in writers] == [0] * 4
    found = store.get([key(str(entity)) for entity in range(entities)])
    assert found == [row(events - 1, events - 1)] * entities
