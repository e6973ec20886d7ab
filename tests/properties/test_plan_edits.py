"""Every kind of edit is of the class that the table gives it, whatever stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from applied import EMPTY, apply_to, repository, suffixes
from edits import EDITS, Edit
from hypothesis import given, settings
from hypothesis import strategies as st
from random_repositories import repositories

from featurectl.definitions.decode import CLASSES
from featurectl.definitions.view import Feature
from featurectl.plan.bindings import generations
from featurectl.plan.diff import diff

if TYPE_CHECKING:
    from collections.abc import Callable

    from featurectl.definitions.definition import Definition
    from featurectl.definitions.repository import Repository
    from featurectl.plan.plan import Plan

HINTS = {"name", "renamed_from"}  # read where the difference is computed, and no part of it


def beside(others: Repository, objects: list[Definition]) -> Repository:
    return repository(*others.objects(), *objects)


def found(plan: Plan) -> dict[str, str]:
    return {
        change.name.removeprefix("t_"): f"{change.action} {change.change_class}"
        for change in plan.changes
    }


def check(
    others: Repository,
    before: list[Definition],
    after: list[Definition],
    expected: dict[str, str],
) -> None:
    snapshot = apply_to(EMPTY, beside(others, before))
    files = beside(others, after)
    plan = diff(snapshot, files)
    then = apply_to(snapshot, files, suffixes())

    assert found(plan) == expected
    assert not diff(then, files).has_changes
    for change in plan.changes:
        name = change.old_name or change.name
        if change.kind == "view" and name in snapshot.bindings and change.name in then.bindings:
            was, now = snapshot.bindings[name], then.bindings[change.name]
            assert now.read.id == was.read.id
            assert (generations(now) != generations(was)) == (change.action == "rebuild")


def ways() -> list[tuple[Edit, str]]:
    return [(edit, way) for edit in EDITS for way in ("there", "back") if getattr(edit, way)]


@pytest.mark.parametrize(
    ("edit", "way"), ways(), ids=lambda found: found if isinstance(found, str) else found.name
)
@settings(deadline=None, max_examples=3)
@given(others=repositories(), data=st.data())
def test_each_edit_has_its_class_and_changes_nothing_else(
    edit: Edit, way: str, others: Repository, data: st.DataObject
) -> None:
    reads = data.draw(st.sampled_from(edit.reads))
    sides = (edit.before(reads), edit.after(reads))
    expected: Callable[[str], dict[str, str]] = getattr(edit, way)

    check(others, *(sides if way == "there" else sides[::-1]), expected(reads))


def test_every_field_of_every_kind_is_edited() -> None:
    edited: dict[str, set[str]] = {kind: set() for kind in [*CLASSES, "feature"]}
    for edit in EDITS:
        for reads in edit.reads:
            snapshot = apply_to(EMPTY, repository(*edit.before(reads)))
            for change in diff(snapshot, repository(*edit.after(reads))).changes:
                for field in change.fields if change.action != "create" else ():
                    top, _, rest = field.path.partition(".")
                    edited[change.kind].add(top)
                    if change.kind == "view" and "." in rest:
                        edited["feature"].add(rest.split(".")[1])

    for kind, cls in CLASSES.items():
        assert edited[kind] >= set(cls.model_fields) - HINTS
    assert edited["feature"] >= set(Feature.model_fields) - HINTS
