"""The client of a serving process."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from featurectl.client.online_client import OnlineClient
from featurectl.definitions.binding import Generation, Layout
from featurectl.definitions.manifest import Manifest, ServedView
from featurectl.errors import DefinitionError, StoreError
from featurectl.online.codec import HEADER
from featurectl.online.keys import row_key
from featurectl.online.protocol import Rows
from featurectl.wiring.stores import open_online

GENERATION = Generation("fv.k3f9", (("id", "int64"),), (Layout(1, (("v", "int64"),)),))
KEYS = [{"id": 1}, {"id": "2"}, {"id": 9}]
VALUES = [{"v": 10}, {"v": 20}, {"v": None}]


@pytest.fixture
def url(online_url):
    store = open_online(online_url)
    view = ServedView("fv", {"v": "int64"}, {}, None, "hide", False, GENERATION)
    store.publish(Manifest("demo", "prod", "a1b2", 1, 1, {"fv": view}))
    keys = [row_key("demo", "fv.k3f9", GENERATION.join_keys, (number,)) for number in (1, 2)]
    head = HEADER.pack(1, 0, 1, 5, 5) + b"\0"
    store.put(Rows(keys, [head + (10 * n).to_bytes(8, "little") for n in (1, 2)]))
    store.close()
    return online_url


def test_it_needs_the_stores_url_and_the_names_of_project_and_env(url):
    with OnlineClient(url, project="demo", env="prod") as client:
        found = client.get_online_features(features=["fv:v"], keys=KEYS)

    assert found.to_dicts() == VALUES


@pytest.mark.parametrize(("project", "env"), [("demo", "dev"), ("mydemo", "prod")])
def test_a_wrong_project_or_env_is_an_error_that_names_both(url, project, env):
    with (
        OnlineClient(url, project=project, env=env) as client,
        pytest.raises(StoreError, match=f'project "{project}" in env "{env}".*FC605'),
    ):
        client.get_online_features(features=["fv:v"], keys=KEYS)


def test_threads_share_a_client(url):
    found = []
    with OnlineClient(url, project="demo", env="prod") as client:

        def read():
            for _ in range(20):
                vectors = client.get_online_features(features=["fv"], keys=KEYS)
                found.append(vectors.to_dicts())

        threads = [threading.Thread(target=read) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert found == [VALUES] * 120


def test_a_store_that_is_not_known_is_refused_without_its_password():
    with pytest.raises(DefinitionError, match="FC122") as caught:
        OnlineClient("mongodb://ada:s3cret@db/0", project="demo")

    assert "s3cret" not in caught.value.render()


def test_a_missing_file_is_nothing_applied_and_is_not_created(tmp_path):
    path = tmp_path / "none" / "online.db"

    with (
        OnlineClient(f"sqlite:///{path}", project="demo") as client,
        pytest.raises(StoreError, match="FC605"),
    ):
        client.get_online_features(features=["fv"], keys=KEYS)

    assert not path.parent.exists()


READS = """
import sys
from featurectl import OnlineClient
assert not set(sys.modules) & {"pydantic", "yaml"}, "at import"
with OnlineClient(sys.argv[1], project="demo", env="prod") as client:
    found = client.get_online_features(features=["fv:v"], keys=[{"id": 1}])
    assert found.to_dicts() == [{"v": 10}], found
    found.status, found.ages, found.document()
heavy = {"duckdb", "pyarrow", "numpy", "sqlglot", "rich", "typer", "yaml", "pandas"}
loaded = heavy & set(sys.modules)
ours = {name for name in sys.modules if name.startswith(("featurectl.repo", "featurectl.registry"))}
assert not loaded | ours, loaded | ours
"""


def test_reading_loads_no_engine_no_arrow_and_no_repository(url):
    subprocess.run([sys.executable, "-c", READS, url], check=True, timeout=60)
