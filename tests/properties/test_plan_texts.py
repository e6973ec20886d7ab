"""How a repository is written plays no part: one that means the same is no change."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from applied import EMPTY, apply_to
from hypothesis import given, settings
from hypothesis import strategies as st
from random_repositories import repositories
from written_repositories import write

from featurectl.plan.diff import diff
from featurectl.plan.plan import definitions_hash
from featurectl.repo.config import load_config
from featurectl.repo.load import load_repository

if TYPE_CHECKING:
    from featurectl.definitions.repository import Repository


def loaded(repository: Repository, seed: int) -> Repository:
    """The repository, written to files in a form of that number and read again."""
    with TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        write(repository, root, Random(seed))
        found = load_repository(load_config(root, environ={}))
        list(found.locations)  # are read from the files, which are gone then
        return found


@settings(deadline=None, max_examples=60)
@given(repositories(), st.integers(0, 1_000), st.integers(0, 1_000))
def test_files_in_another_form_order_language_or_place_are_no_change(
    repository: Repository, one: int, other: int
) -> None:
    first, second = loaded(repository, one), loaded(repository, other)

    for before, after in [(repository, first), (first, second), (second, repository)]:
        snapshot = apply_to(EMPTY, before)
        assert diff(snapshot, after).changes == ()
        assert definitions_hash(after) == definitions_hash(before)
    assert diff(EMPTY, first) == diff(EMPTY, second) == diff(EMPTY, repository)
