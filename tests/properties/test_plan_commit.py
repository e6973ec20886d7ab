"""A plan that is committed to a real registry makes what is applied equal to the files."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from applied import EMPTY, apply_to, suffixes
from hypothesis import given, settings
from random_repositories import histories
from registries import me

from featurectl.plan.bindings import rebind
from featurectl.plan.diff import diff
from featurectl.plan.documents import documents
from featurectl.plan.pin import pin
from featurectl.registry.protocol import Commit
from featurectl.registry.sqlite import SqliteRegistry

if TYPE_CHECKING:
    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot


def committed(registry: SqliteRegistry, files: Repository, suffix) -> Snapshot:
    """What is applied in the registry after the plan for the files was carried out."""
    before = registry.snapshot("dev")
    plan = diff(before, files)
    run = registry.begin("apply", "dev", before.serial, me())
    commit = Commit(
        "dev",
        before.serial,
        documents(plan, before, files),
        rebind(before, files, plan, suffix, {}),
        run,
        me(),
        plan.document(),
        before.revision,
    )
    registry.commit(commit)
    return registry.snapshot("dev")


@settings(deadline=None, max_examples=25)
@given(histories())
def test_what_is_committed_is_the_files_and_has_no_difference_from_them(
    history: list[Repository],
) -> None:
    in_memory = EMPTY
    suffix, other_suffix = suffixes(), suffixes()
    with TemporaryDirectory() as folder:
        registry = SqliteRegistry.open(Path(folder) / "registry.db", "demo", create=True)
        for files in history:
            before = registry.snapshot("dev")
            after = committed(registry, files, suffix)
            in_memory = apply_to(in_memory, files, other_suffix)

            expected = {(o.kind, o.name): o.document() for o in pin(files, before).objects()}
            held = {key: dict(found.document) for key, found in after.objects.items()}
            assert held == expected
            assert not diff(after, files).has_changes
            assert after.bindings == in_memory.bindings
            assert held.keys() == in_memory.objects.keys()
        registry.close()
