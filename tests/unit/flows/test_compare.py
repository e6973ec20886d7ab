from __future__ import annotations

import sys
import tempfile
from typing import TYPE_CHECKING

import pytest
from git_repository import GitRepository

from featurectl.errors import DefinitionError, RequestError
from featurectl.flows.compare import compare

if TYPE_CHECKING:
    from pathlib import Path

VIEWS = """\
entities:
  - {name: driver, join_keys: {driver_id: int64}}
sources:
  - {name: stats, path: data/none.parquet, event_timestamp: t}
feature_views:
  - name: trips
    entities: [driver]
    source: stats
    ttl: 1d
    features: {fare: float64}
"""
PYTHON = """\
from featurectl import Entity
from names import NAME

Entity(NAME, join_keys={"k": "int64"})
"""


@pytest.fixture
def git(tmp_path: Path) -> GitRepository:
    """A feature repository in a folder of a git repository; its sources don't exist."""
    found = GitRepository.create(tmp_path / "mono")
    found.write("shop/featurectl.yaml", "project: shop\n")
    found.write("shop/features/trips.yaml", VIEWS)
    found.commit("one")
    return found


def changed(git: GitRepository, ref: str = "HEAD", **options: str) -> dict[str, str]:
    found = compare(git.root / "shop", ref, **options)
    return {f"{change.kind} {change.name}": change.change_class for change in found.plan.changes}


def test_files_as_committed_change_nothing(git: GitRepository) -> None:
    assert changed(git) == {}


def test_what_is_edited_and_not_committed_counts(git: GitRepository) -> None:
    git.edit("shop/features/trips.yaml", "float64", "int64")
    assert changed(git) == {"view trips": "breaking"}


def test_two_commits_are_compared(git: GitRepository) -> None:
    git.edit("shop/features/trips.yaml", "ttl: 1d", "ttl: 2d")
    git.commit("two")

    found = compare(git.root / "shop" / "features", "HEAD~1")

    [change] = found.plan.changes
    at = change.fields[0]
    assert (change.change_class, at.file, at.line) == ("additive", "features/trips.yaml", 9)
    assert found.base.ref == "HEAD~1"
    assert found.plan.git == git.git("rev-parse", "HEAD")[:7]
    assert found.root == git.root / "shop"


def test_where_there_was_no_repository_all_is_new(git: GitRepository) -> None:
    git.write("eta/featurectl.yaml", "project: eta\n")
    git.write("eta/features/trips.yaml", VIEWS)

    found = compare(git.root / "eta", "HEAD")

    assert {change.action for change in found.plan.changes} == {"create"}


def test_a_folder_that_was_no_feature_repository_is_new_too(git: GitRepository) -> None:
    git.git("mv", "shop/featurectl.yaml", "shop/elsewhere.yaml")
    git.commit("not yet")
    git.git("mv", "shop/elsewhere.yaml", "shop/featurectl.yaml")

    assert set(changed(git).values()) == {"additive"}


def test_stores_and_their_variables_are_not_needed(git: GitRepository) -> None:
    config = "project: shop\nenvs: {prod: {online: '${NO_SUCH}', registry: '${NO_SUCH}'}}\n"
    git.write("shop/featurectl.yaml", config)

    assert changed(git, env="prod") == {}  # at HEAD there is no such env


def test_defaults_are_those_of_each_side(git: GitRepository) -> None:
    git.write("shop/featurectl.yaml", "project: shop\ndefaults: {owner: eta}\n")
    assert set(changed(git).values()) == {"metadata"}


def test_python_files_of_both_sides_have_their_own_modules(git: GitRepository) -> None:
    git.write("shop/features/more.py", PYTHON)
    git.write("shop/features/names.py", "NAME = 'before'\n")
    git.commit("two")
    git.write("shop/features/names.py", "NAME = 'after'\n")

    assert changed(git) == {"entity after": "additive", "entity before": "destroy"}
    assert "names" not in sys.modules


def test_nothing_is_written_and_the_temporary_folder_is_gone(
    git: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    git.edit("shop/features/trips.yaml", "float64", "int64")
    before = sorted(git.root.rglob("*"))

    changed(git)

    assert sorted(git.root.rglob("*")) == before
    assert list(scratch.iterdir()) == []


def test_errors_in_the_files_are_told_as_ever(git: GitRepository) -> None:
    git.edit("shop/features/trips.yaml", "ttl", "tll")
    with pytest.raises(DefinitionError, match='unknown key "tll"'):
        changed(git)


def test_errors_at_the_revision_are_told_as_its_own(git: GitRepository) -> None:
    git.edit("shop/features/trips.yaml", "ttl", "tll")
    git.commit("broken")
    git.edit("shop/features/trips.yaml", "tll", "ttl")

    with pytest.raises(RequestError, match='at "HEAD" is not right') as raised:
        changed(git)

    assert raised.value.code == "FC327"
    assert raised.value.notes == ('features/trips.yaml:9:5: unknown key "tll" [FC103]',)


def test_an_environment_that_does_not_exist_is_an_error(git: GitRepository) -> None:
    with pytest.raises(DefinitionError, match='there is no env "prod"'):
        changed(git, env="prod")


LINE = "acknowledge: [{view: trips, change: breaking, reason: cents}]\n"


def test_a_line_that_is_added_with_the_change_covers_it(git: GitRepository) -> None:
    git.edit("shop/features/trips.yaml", "float64", "int64")
    git.write("shop/features/reviewed.yaml", LINE)

    (change,) = compare(git.root / "shop", "HEAD").plan.changes

    assert change.acknowledged == "cents (features/reviewed.yaml:1)"


def test_a_line_that_was_there_before_covers_no_new_change(git: GitRepository) -> None:
    git.write("shop/features/reviewed.yaml", LINE)
    git.commit("two")
    git.edit("shop/features/trips.yaml", "float64", "int64")

    plan = compare(git.root / "shop", "HEAD").plan

    assert [change.acknowledged for change in plan.changes] == [""]
    assert plan.notes == ()
