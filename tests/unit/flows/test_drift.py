"""Where the manifest in the online store is not the one that was published."""

from __future__ import annotations

from dataclasses import replace

from applied import EMPTY, applied
from applying import DRIVER, FILE, view

from featurectl.definitions.service import FeatureService
from featurectl.flows.drift import manifest_drift
from featurectl.flows.publish import manifest_of

SERVICE = FeatureService("model", features=["v"])
SNAPSHOT = replace(applied(DRIVER, FILE, view(), view("w"), SERVICE), serial=4, revision=9)
HELD = manifest_of(SNAPSHOT)


def told(held, snapshot=SNAPSHOT) -> str:
    found = manifest_drift(snapshot, held)
    return found.line if found else ""


def test_the_manifest_that_was_published_is_no_drift() -> None:
    assert manifest_drift(SNAPSHOT, HELD) is None


def test_a_store_that_has_none_is_told_with_what_to_do() -> None:
    assert told(None) == (
        "the online store has no manifest: every read fails; featurectl apply publishes it, and "
        "featurectl materialize loads what the store has lost"
    )


def test_where_nothing_is_applied_nothing_is_missing() -> None:
    assert manifest_drift(EMPTY, None) is None
    assert manifest_drift(EMPTY, replace(HELD, lineage="other", views={})) is None


def test_an_older_one_hides_what_was_applied_since() -> None:
    assert told(replace(HELD, serial=3, revision=7)) == (
        "the online store has the manifest of serial 3, and serial 4 is applied: readers do not "
        "see all that is applied; featurectl apply publishes it"
    )
    assert "the manifest of an earlier state of serial 4:" in told(replace(HELD, revision=8))


def test_a_newer_one_means_that_the_registry_was_restored() -> None:
    newer = told(replace(HELD, serial=6, revision=12))

    assert "of serial 6, but the registry is at serial 4: it was restored from an older" in newer
    assert "bring the registry's newest copy back" in newer
    assert "of a later state of serial 4, but" in told(replace(HELD, revision=10))


def test_one_of_another_registry_is_told_even_before_the_first_apply() -> None:
    other = replace(HELD, lineage="other", serial=7)

    for snapshot in (SNAPSHOT, EMPTY):
        text = told(other, snapshot)
        assert text.startswith("the online store serves 2 views of another registry, which was at")
        assert "serial 7; use that registry; to take its place: featurectl apply --allow" in text


def test_an_edited_one_is_told_with_what_was_changed_in_it() -> None:
    edited = replace(HELD.views["v"], ttl_us=5)
    one = told(replace(HELD, views={**HELD.views, "v": edited}))
    more = told(replace(HELD, views={"v": edited}, services={}))
    another = told(replace(HELD, serial=3))

    assert "is not what was published at serial 4: view v differs; featurectl apply" in one
    assert "serial 4: view v, view w, service model differ; featurectl" in more
    assert "is not what was published at serial 4; featurectl" in another


def test_the_document_is_for_scripts() -> None:
    found = manifest_drift(SNAPSHOT, None)

    assert found is not None
    assert found.document() == {
        "about": "manifest",
        "name": "",
        "text": "the online store has no manifest: every read fails",
        "help": "featurectl apply publishes it, and featurectl materialize loads what the store "
        "has lost",
    }
