"""What is applied and what is in the files, side by side, with what both have to do together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from featurectl.definitions.definition import fingerprint, fingerprint_of
from featurectl.plan.consumers import Consumers
from featurectl.plan.origin import Difference, differences, origin
from featurectl.plan.pin import pin
from featurectl.plan.renames import Renames, find_renames

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.plan.plan import FieldChange


@dataclass(frozen=True)
class Sides:
    """``applied`` and ``files``; ``pinned`` is the files with the services written out.

    ``effects`` says of each view that stays, by its new name, why its rows come out otherwise.
    ``same`` are the kinds and names whose documents are those that are applied: nothing of them is
    looked at, which is what makes a plan of few changes fast.
    """

    applied: Repository
    files: Repository
    pinned: Repository
    renames: Renames
    consumers: Consumers
    effects: Mapping[str, tuple[Difference, ...]]
    same: frozenset[tuple[str, str]] = frozenset()

    def views_hit(self, kind: str, name: str) -> list[str]:
        """The views whose rows come out otherwise because of a source or entity."""
        return self._hit.get((kind, name), [])

    @cached_property
    def _hit(self) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for view, effects in self.effects.items():
            for cause in dict.fromkeys((effect.kind, effect.name) for effect in effects):
                found.setdefault(cause, []).append(view)
        return found

    def readers(self, views: Iterable[str]) -> tuple[str, ...]:
        """The applied services that read any of the views, given by their new names."""
        found = (self.consumers.of(self.renames.old_view(view)) for view in views)
        return tuple(sorted(frozenset().union(*found)))

    def located(self, kind: str, name: str, change: FieldChange) -> FieldChange:
        """The change of a field with its place in the files."""
        at = self.files.locate(kind, name, *change.path.split("."))
        return replace(change, file=at.file, line=at.line) if at else change

    def place(self, kind: str, name: str) -> tuple[str, int]:
        """File and line of an object; empty and 0 where they aren't known."""
        at = self.files.locate(kind, name)
        return (at.file, at.line) if at else ("", 0)


def side_by_side(snapshot: Snapshot, repository: Repository) -> Sides:
    """Both sides of a plan."""
    applied = snapshot.repository
    renames = find_renames(applied, repository)
    pinned = pin(repository, snapshot)
    same = _same(snapshot, repository, pinned)
    return Sides(
        applied,
        repository,
        pinned,
        renames,
        Consumers(applied, repository.services),
        _effects(applied, repository, renames, same),
        same,
    )


def _same(
    snapshot: Snapshot, repository: Repository, pinned: Repository
) -> frozenset[tuple[str, str]]:
    held = {key: found.fingerprint for key, found in snapshot.objects.items()}
    found = {
        **{key: fingerprint_of(text) for key, text in repository.texts.items()},
        **{("service", n): fingerprint(each.document()) for n, each in pinned.services.items()},
    }
    return frozenset(key for key, text in found.items() if held.get(key) == text)


def _effects(
    applied: Repository,
    repository: Repository,
    renames: Renames,
    same: frozenset[tuple[str, str]],
) -> dict[str, tuple[Difference, ...]]:
    found: dict[str, tuple[Difference, ...]] = {}
    for name, view in sorted(repository.views.items()):
        parts = [("entity", entity) for entity in view.entities]
        if same.issuperset([("view", name), ("source", view.source), *parts]):
            found[name] = ()
        elif renames.old_view(name) in applied.views:
            old = origin(applied, applied.views[renames.old_view(name)])
            new = origin(repository, view)
            found[name] = tuple(differences(old, new, renames.features.get(name, {})))
    return found
