"""What every online store owes to manifests: the newest one, whole, and its version with it."""

from __future__ import annotations

import threading

import pytest
from online_rows import key, opened, put, row

from featurectl.definitions.binding import Generation, Layout
from featurectl.definitions.manifest import Manifest, ServedService, ServedView
from featurectl.errors import StoreError
from featurectl.online.keys import manifest_key, version_key


@pytest.fixture
def store(online_url):
    with opened(online_url) as store:
        yield store


def manifest(revision, *, project="demo", env="prod", lineage="a1b2"):
    generation = Generation("fv.k3f9", (("id", "string"),), (Layout(1, (("conv", "float64"),)),))
    view = ServedView("fv", {"conv": "float64"}, {}, 7_200_000_000, "hide", False, generation)
    service = ServedService("ranking", ({"view": "fv", "features": ["conv"]},), full_names=False)
    return Manifest(project, env, lineage, revision, revision, {"fv": view}, {"ranking": service})


def version(store, project="demo", env="prod"):
    (found,) = store.get([version_key(project, env)])
    return found


def test_a_manifest_reads_back_equal(store):
    assert store.publish(manifest(3))

    assert store.read("demo", "prod") == manifest(3)


def test_there_is_none_before_the_first(store):
    assert store.read("demo", "prod") is None
    assert version(store) is None


def test_its_version_can_be_read_among_rows(store):
    store.publish(manifest(3))
    put(store, (key("a"), row(1, 10)))

    assert store.get([version_key("demo", "prod"), key("a")]) == [b"a1b2:3", row(1, 10)]


@pytest.mark.parametrize(("held", "offered"), [(3, 4), (3, 3), (9, 10), (99, 100)])
def test_an_equal_or_greater_revision_replaces(store, held, offered):
    store.publish(manifest(held))

    assert store.publish(manifest(offered))
    assert store.read("demo", "prod") == manifest(offered)
    assert version(store) == f"a1b2:{offered}".encode()


@pytest.mark.parametrize(("held", "offered"), [(4, 3), (10, 9), (100, 99)])
def test_a_smaller_revision_of_the_lineage_is_refused(store, held, offered):
    store.publish(manifest(held))

    assert not store.publish(manifest(offered))
    assert store.read("demo", "prod") == manifest(held)
    assert version(store) == f"a1b2:{held}".encode()


@pytest.mark.parametrize("lineage", ["b9", "a1b", "a1b2:7"])
def test_another_lineage_replaces_whatever_its_revision(store, lineage):
    store.publish(manifest(50))

    assert store.publish(manifest(1, lineage=lineage))
    assert store.read("demo", "prod") == manifest(1, lineage=lineage)


def test_projects_and_environments_have_manifests_of_their_own(store):
    others = [("mydemo", "prod"), ("demo", "dev"), ("demo", "pro"), ("demo2", "prod")]
    for project, env in others:
        store.publish(manifest(9, project=project, env=env))

    assert store.read("demo", "prod") is None
    assert store.publish(manifest(1))

    for project, env in others:
        assert store.read(project, env) == manifest(9, project=project, env=env)


def test_sweeping_generations_leaves_manifests(store):
    store.publish(manifest(1))

    store.sweep("demo", "fv.k3f9")

    assert store.read("demo", "prod") == manifest(1)


def test_the_newest_of_concurrent_publishers_stays(store):
    def publish(revisions):
        for revision in revisions:
            store.publish(manifest(revision))

    threads = [
        threading.Thread(target=publish, args=(range(start, 60, 4),)) for start in (3, 2, 1, 0)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.read("demo", "prod") == manifest(59)
    assert version(store) == b"a1b2:59"


@pytest.mark.parametrize("text", [b"no json", b'{"format":"featurectl.manifest/2"}', b"{}", b"[]"])
def test_a_manifest_of_another_format_is_an_error_and_not_none(store, text):
    # An older featurectl meets what a newer one has written.
    store.publish(manifest(1))
    _overwrite(store, manifest_key("demo", "prod"), text)

    with pytest.raises(StoreError, match=r"can't be read.*FC604"):
        store.read("demo", "prod")


def _overwrite(store, at, text):
    if hasattr(store, "_client"):
        store._client.set(at, text)
    else:
        with store._write() as db:
            db.execute("update rows set value = ? where key = ?", (text, at))
