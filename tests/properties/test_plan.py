"""The difference of two random repositories is exact, minimal and the same whoever computes it."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

from applied import EMPTY, apply_to, repository, suffixes
from hypothesis import given, settings
from hypothesis import strategies as st
from random_repositories import DURATIONS, histories, pairs, repositories

from featurectl.definitions.decode import decode
from featurectl.definitions.view import FeatureView
from featurectl.flows.publish import manifest_of
from featurectl.plan.bindings import rebind
from featurectl.plan.diff import diff
from featurectl.plan.documents import documents
from featurectl.plan.pin import pin
from featurectl.plan.plan import SEVERITY, Plan
from featurectl.plan.renames import find_renames
from featurectl.plan.saved import read_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from featurectl.definitions.binding import Binding, Generation, Layout
    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot


def every_document(files: Repository) -> dict[tuple[str, str], Any]:
    return {(found.kind, found.name): found.document() for found in files.objects()}


@settings(deadline=None)
@given(repositories())
def test_what_was_just_applied_has_no_difference(files: Repository) -> None:
    snapshot = apply_to(EMPTY, files)

    assert diff(snapshot, files).changes == ()
    assert rebind(snapshot, files, diff(snapshot, files), suffixes(), {}) == {}


@settings(deadline=None)
@given(pairs)
def test_applying_the_difference_gives_the_other_repository(
    pair: tuple[Repository, Repository],
) -> None:
    before, files = pair
    snapshot = apply_to(EMPTY, before)

    after = apply_to(snapshot, files)

    assert every_document(after.repository) == every_document(pin(files, snapshot))
    assert not diff(after, files).has_changes
    assert set(after.bindings) == {name for name, view in files.views.items() if view.online}


@settings(deadline=None)
@given(pairs)
def test_every_object_that_differs_is_one_change_with_a_reason_for_its_class(
    pair: tuple[Repository, Repository],
) -> None:
    before, files = pair
    snapshot = apply_to(EMPTY, before)
    plan = diff(snapshot, files)
    old, new = every_document(snapshot.repository), every_document(pin(files, snapshot))
    differ = {key for key in {*old, *new} if old.get(key) != new.get(key)}
    away = {(c.kind, c.old_name) for c in plan.changes if c.old_name}

    assert {(c.kind, c.name) for c in plan.changes} >= differ - away
    for change in plan.changes:
        documented = (change.kind, change.name) in differ
        assert bool(change.fields) == (documented and change.action != "destroy")
        assert documented or change.action == "rebuild" or change.change_class == "breaking"
        for field in change.fields:
            assert SEVERITY.index(field.change_class) <= SEVERITY.index(change.change_class)
            assert repr(field.old) != repr(field.new)
    assert set(documents(plan, snapshot, files)) == differ


@settings(deadline=None)
@given(pairs, st.randoms())
def test_the_order_of_objects_and_the_form_of_fields_play_no_part(
    pair: tuple[Repository, Repository],
    random: Any,
) -> None:
    before, files = pair
    snapshot = apply_to(EMPTY, before)
    shuffled = [_rewritten(found) for found in files.objects()]
    random.shuffle(shuffled)

    again = diff(snapshot, repository(*shuffled))

    assert again == diff(snapshot, files)
    assert again.document() == diff(snapshot, files).document()


def _rewritten(definition: Any) -> Any:
    """The same definition, decoded from its document with durations in other units."""
    document = definition.document()
    for field in ("ttl", "schedule"):
        if document.get(field) in DURATIONS:
            document[field] = DURATIONS[document[field]]
    again = decode(definition.kind, document)
    if not isinstance(definition, FeatureView):
        return again
    renamed = {
        name: part.model_copy(update={"renamed_from": definition.features[name].renamed_from})
        for name, part in again.features.items()  # type: ignore[attr-defined]
    }
    update = {"renamed_from": definition.renamed_from, "features": renamed}
    return again.model_copy(update=update)


@settings(deadline=None)
@given(pairs)
def test_a_plan_is_the_same_after_it_was_saved(pair: tuple[Repository, Repository]) -> None:
    before, files = pair
    plan: Plan = replace(diff(apply_to(EMPTY, before), files), made_at_us=1, git="abc")

    assert read_plan(plan.to_json()) == plan


@settings(deadline=None, max_examples=60)
@given(histories())
def test_a_stored_column_is_never_read_as_another_feature(history: list[Repository]) -> None:
    """Every column of every live layout belongs to the feature whose name it bears.

    Features are told apart by a number that they get when they are added, and keep when they are
    renamed; a feature that is removed and added again is another one.
    """
    snapshot, suffix, numbers = EMPTY, suffixes(), count()
    features: dict[str, dict[str, int]] = {}
    owners: dict[tuple[str, int, int], int] = {}
    for files in history:
        renames = find_renames(snapshot.repository, files)
        features = {
            name: {
                feature: features.get(renames.old_view(name), {}).get(
                    renames.old_feature(name, feature), next(numbers)
                )
                for feature in view.features
            }
            for name, view in files.views.items()
        }
        snapshot = apply_to(snapshot, files, suffix)
        for binding, generation, layout in _layouts(snapshot):
            for place, (name, _) in enumerate(layout.columns):
                column = (generation.id, layout.id, place)
                if name:
                    owner = features[binding.view][name]
                    assert owners.setdefault(column, owner) == owner
                else:
                    assert owners[column] not in features[binding.view].values()


@settings(deadline=None, max_examples=60)
@given(histories())
def test_what_a_run_writes_is_what_is_applied(history: list[Repository]) -> None:
    """The last layout of a view's target has its features, whatever was applied before."""
    snapshot, suffix = EMPTY, suffixes()
    for files in history:
        snapshot = apply_to(snapshot, files, suffix)
        for binding, generation, _ in _layouts(snapshot):
            ids = [layout.id for layout in generation.layouts]
            assert ids == sorted(set(ids))
            view = files.views[binding.view]
            types = {name: feature.type for name, feature in view.features.items()}
            assert dict(binding.target.layout.columns) == types
            assert dict(binding.target.join_keys) == files.join_keys(view)
        assert manifest_of(snapshot).views.keys() == snapshot.bindings.keys()


def _layouts(snapshot: Snapshot) -> Iterator[tuple[Binding, Generation, Layout]]:
    for binding in snapshot.bindings.values():
        for generation in filter(None, (binding.read, binding.fill)):
            for layout in generation.layouts:
                yield binding, generation, layout
