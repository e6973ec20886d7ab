"""Reviewed lines and selections, over random repositories."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from applied import EMPTY, apply_to
from hypothesis import given, settings
from hypothesis import strategies as st
from random_repositories import NAMES, pairs

from featurectl.definitions.acknowledgement import TARGETS, Acknowledgement, acknowledge
from featurectl.errors import FeaturectlError, ManyErrors, RequestError
from featurectl.plan.approval import ASKED, check_approved, needed
from featurectl.plan.diff import diff
from featurectl.plan.selection import select

if TYPE_CHECKING:
    from featurectl.definitions.repository import Repository
    from featurectl.plan.plan import Plan


def written(kind: str, name: str, change: str) -> Acknowledgement:
    return acknowledge(**{kind: name}, change=change, reason="because")


lines = st.lists(
    st.builds(written, st.sampled_from(TARGETS), st.sampled_from(NAMES), st.sampled_from(ASKED)),
    unique_by=str,
    max_size=8,
).map(tuple)


def with_lines(files: Repository, found: tuple[Acknowledgement, ...]) -> Repository:
    return replace(files, acknowledgements=found)


def refusal(plan: Plan, files: Repository) -> list[FeaturectlError]:
    try:
        check_approved(plan, (), repository=files)
    except ManyErrors as many:
        return list(many.errors)
    except FeaturectlError as error:
        return [error]
    return []


@settings(deadline=None)
@given(pairs, lines)
def test_lines_change_nothing_but_what_needs_an_approval(
    pair: tuple[Repository, Repository], found: tuple[Acknowledgement, ...]
) -> None:
    snapshot = apply_to(EMPTY, pair[0])
    plain, plan = diff(snapshot, pair[1]), diff(snapshot, with_lines(pair[1], found))

    assert (plan.changes, plan.definitions) == (plain.changes, plain.definitions)
    targets = {(*line.target, line.change) for line in found}
    for change in plan.changes:
        is_named = (change.kind, change.name, change.change_class) in targets
        assert change.acknowledged or not is_named
        assert not change.acknowledged or change.change_class in ASKED
        assert is_named or not change.acknowledged or change.acknowledged.startswith("with ")
    for line in found:
        change = next((c for c in plan.changes if (c.kind, c.name) == line.target), None)
        classes = {change.change_class, *(f.change_class for f in change.fields)} if change else ()
        notes = [note for note in plan.notes if f" of {line} has no effect" in note]
        assert len(notes) == (bool(snapshot.objects) and line.change not in classes)


@settings(deadline=None)
@given(pairs)
def test_with_a_line_for_each_change_only_what_is_protected_is_refused(
    pair: tuple[Repository, Repository],
) -> None:
    snapshot = apply_to(EMPTY, pair[0])
    open_ = [c for group in needed(diff(snapshot, pair[1])).by_class.values() for c in group]
    found = tuple(written(c.kind, c.name, c.change_class) for c in open_)
    files = with_lines(pair[1], found)

    plan = diff(snapshot, files)

    assert plan.notes == ()
    assert {error.code for error in refusal(plan, files)} <= {"FC402"}


@settings(deadline=None)
@given(pairs)
def test_the_lines_that_a_refusal_prints_are_enough_in_the_end(
    pair: tuple[Repository, Repository],
) -> None:
    """Each round prints lines that cover something more, until nothing is refused."""
    snapshot, files = apply_to(EMPTY, pair[0]), pair[1]
    for _ in range(40):
        errors = [e for e in refusal(diff(snapshot, files), files) if e.code != "FC402"]
        pasted = {str(line): line for error in errors for line in printed(error)}
        new = [
            line for text, line in pasted.items() if text not in map(str, files.acknowledgements)
        ]
        assert bool(new) == bool(errors)
        if not errors:
            return
        files = with_lines(files, (*files.acknowledgements, *new))
    raise AssertionError("refused for ever")


def printed(error: FeaturectlError) -> list[Acknowledgement]:
    (text,) = [line for line in error.help if "acknowledge: [" in line]
    items = text.partition("acknowledge: [{")[2].rpartition("}]")[0].split("}, {")
    fields = [dict(part.split(": ") for part in item.split(", ")) for item in items]
    return [acknowledge(**each) for each in fields]


@settings(deadline=None)
@given(pairs, st.lists(st.sampled_from([*NAMES, *(f"service:{n}" for n in NAMES)]), min_size=1))
def test_a_selection_changes_some_of_what_all_would_and_leaves_the_rest_for_later(
    pair: tuple[Repository, Repository], only: list[str]
) -> None:
    before, files = pair
    snapshot = apply_to(EMPTY, before)
    try:
        selected = select(snapshot, files, only)
    except (RequestError, ManyErrors):
        return  # it matches nothing, or can't stand alone

    plan, after = diff(snapshot, selected), apply_to(snapshot, selected)

    whole = {(change.kind, change.name) for change in diff(snapshot, files).changes}
    assert {(change.kind, change.name) for change in plan.changes} <= whole
    assert not diff(after, selected).has_changes
    assert not diff(apply_to(after, files), files).has_changes
