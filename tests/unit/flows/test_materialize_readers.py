"""Readers are answered during every run, and see rows of one version or of the next."""

from __future__ import annotations

import os
import threading

from loading import Loading, source, view

from featurectl.client.online_client import OnlineClient
from featurectl.definitions.entity import Entity

DRIVER = Entity("driver", join_keys={"id": "int64"})
FEATURES = {"x": "int64", "y": "int64"}
KEYS = [{"id": i} for i in range(50)]
ROUNDS = 12


def write(loading, version):
    rows = [(i, None, version, version) for i in range(50)]
    loading.write("stats.parquet", rows, FEATURES)
    os.utime(loading.folder / "stats.parquet", (version, version))


def test_readers_are_answered_while_a_view_goes_from_one_generation_to_the_next(
    tmp_path, online_url
):
    loading = Loading(tmp_path, online_url)
    write(loading, 1)
    loading.apply(DRIVER, source(event_timestamp="none"), view(features=FEATURES))
    loading.run()
    stop, seen, mistakes = threading.Event(), set(), []

    def read():
        with OnlineClient(online_url, "demo", "dev") as client:
            while not stop.is_set():
                found = client.get_online_features(features=["stats"], keys=KEYS)
                rows = {(row["x"], row["y"]) for row in found.to_dicts()}
                seen.update(rows)
                if len(rows) > 1 or None in next(iter(rows)):
                    mistakes.append(rows)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for version in range(2, ROUNDS):
            write(loading, version)
            assert not loading.run().failed
    finally:
        stop.set()
        for reader in readers:
            reader.join()
        loading.close()
    assert mistakes == []
    assert len(seen) > 2
